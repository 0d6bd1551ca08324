"""
The chain of the stand-in network: an anvil with our contracts on it.

A block is mined for every transaction, and besides at an interval or when a test says so.
Blocks mined at once are a second apart, so that time runs ahead of the clock with them.
"""

from __future__ import annotations

import copy
import ctypes
import gzip
import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eth_account import Account
from web3 import Web3
from web3.contract import Contract
from web3.contract.contract import ContractFunction

from tests.foc.compile import ROOT, artifacts
from tests.foc.deploy import CONTRACTS, deploy, described, owner

CHAIN_ID = 31415926
_PR_SET_PDEATHSIG = 1
_ANVIL = ROOT / "node_modules" / "@foundry-rs"
_FIL = 10**18
_REGISTRATION_FEE = 5 * _FIL
# About 4 ms a block, and web3 waits for 30 s.
_BLOCKS_AT_ONCE = 1000


class Chain:
    """What tests do to the chain. Amounts are of 1e-18, epochs are block numbers."""

    def __init__(self, rpc_url: str, port: int, record: Path | None = None) -> None:
        self.rpc_url, self.port, self.record = rpc_url, port, record
        self.web3 = Web3(Web3.HTTPProvider(rpc_url))
        self.contracts: dict[str, str] = {}
        self.description: dict[str, Any] = {}
        self._clock: _Clock | None = None

    @property
    def owner(self) -> str:
        """Owns the contracts; the node signs for it."""
        return owner(self.web3)

    def contract(self, name: str) -> Contract:
        """usdfc, pay, fwss, view, pdp, registry, sessions, endorsed or multicall."""
        return self.web3.eth.contract(self.contracts[name], abi=artifacts()[CONTRACTS[name]].abi)

    def request(self, method: str, *parameters: Any) -> Any:
        """A call of the node's own; raises where it answers with an error."""
        answer = self.web3.provider.make_request(method, list(parameters))
        assert "error" not in answer, answer
        return answer["result"]

    def block(self) -> int:
        return self.web3.eth.block_number

    def now(self) -> int:
        """The time of the newest block, in unix seconds."""
        return self.web3.eth.get_block("latest")["timestamp"]

    def mine(self, blocks: int = 1) -> int:
        """The number of the newest block afterwards."""
        for start in range(0, blocks, _BLOCKS_AT_ONCE):
            some = min(_BLOCKS_AT_ONCE, blocks - start)
            self.request("anvil_mine", hex(some), hex(1))
        return self.block()

    def skip(self, epochs: int, seconds: int | None = None) -> int:
        """
        Many epochs pass at once, a second each if nothing else is said: there are no blocks
        between the two ends, as after null rounds. The number of the newest block afterwards.
        """
        state = json.loads(gzip.decompress(bytes.fromhex(self.request("anvil_dumpState")[2:])))
        newest = copy.deepcopy(max(state["blocks"], key=_block_number))
        number = state["best_block_number"] + epochs
        time = int(newest["header"]["timestamp"], 16) + (epochs if seconds is None else seconds)
        newest["transactions"] = []
        newest["header"] |= {"number": hex(number), "timestamp": hex(time)}
        state["blocks"].append(newest)
        state["best_block_number"] = number
        state["block"] |= {"number": hex(number), "timestamp": hex(time)}
        self.request("anvil_loadState", "0x" + gzip.compress(json.dumps(state).encode()).hex())
        self.request("evm_setNextBlockTimestamp", time + 1)
        return self.block()

    def set_mining(self, automine: bool, interval: float | None = None) -> None:
        """Whether every transaction gets a block, and how often one comes of itself (seconds)."""
        self.stop_clock()
        self.request("evm_setAutomine", automine)
        if interval is not None:
            self._clock = _Clock(self, interval)

    def stop_clock(self) -> None:
        """No more blocks of themselves."""
        if self._clock:
            self._clock.stop()
            self._clock = None

    def send(self, call: ContractFunction, *, key: str, value: int = 0) -> dict[str, Any]:
        """The receipt of a transaction signed with `key`. Raises as web3 does if it reverts."""
        sender = Account.from_key(key).address
        # An epoch later the same call may cost more: the account is settled up to then.
        gas = call.estimate_gas({"from": sender, "value": value}) * 13 // 10
        fields = {
            "from": sender,
            "value": value,
            "gas": gas,
            "nonce": self.web3.eth.get_transaction_count(sender, "pending"),
            "chainId": CHAIN_ID,
        }
        signed = Account.sign_transaction(call.build_transaction(fields), key)
        sent = self.web3.eth.send_raw_transaction(signed.raw_transaction)
        receipt = self.web3.eth.wait_for_transaction_receipt(sent, poll_latency=0.02)
        assert receipt["status"] == 1, f"{call.fn_name} was reverted in its block"
        return receipt

    def as_owner(self, call: ContractFunction) -> None:
        """A transaction of the contracts' owner."""
        sent = call.transact({"from": self.owner})
        self.web3.eth.wait_for_transaction_receipt(sent, poll_latency=0.02)

    def mint(self, address: str, amount: int) -> None:
        """USDFC from nowhere."""
        self.as_owner(self.contract("usdfc").functions.mint(address, amount))

    def give_fil(self, address: str, amount: int) -> None:
        """FIL from nowhere, on top of what is there."""
        held = self.web3.eth.get_balance(address)
        self.request("anvil_setBalance", address, hex(held + amount))

    def register_provider(
        self,
        *,
        key: str,
        name: str,
        service_url: str,
        approved: bool = True,
        endorsed: bool = False,
        min_size: int = 127,
        max_size: int = 1065353216,
        payee: str | None = None,
    ) -> int:
        """
        The provider's id. It gets the FIL it needs, and a place in the description. One that
        is there already, on a chain that goes on, says anew what it offers and where.
        """
        address = Account.from_key(key).address
        if self.web3.eth.get_balance(address) < 100 * _FIL:
            self.give_fil(address, 100 * _FIL)
        capabilities = _capabilities(
            service_url, min_size, max_size, self.contracts["usdfc"], self._proving_period()
        )
        offer = (0, list(capabilities), list(capabilities.values()))
        registry = self.contract("registry").functions
        if registry.getProviderIdByAddress(address).call():
            self.send(registry.updateProduct(*offer), key=key)
        else:
            call = registry.registerProvider(payee or address, name, "", *offer)
            self.send(call, key=key, value=_REGISTRATION_FEE)
        provider = registry.getProviderIdByAddress(address).call()
        if approved and not self.contract("view").functions.isProviderApproved(provider).call():
            self.as_owner(self.contract("fwss").functions.addApprovedProvider(provider))
        if endorsed:
            self.as_owner(self.contract("endorsed").functions.addProviderId(provider))
        self._describe_provider(
            {
                "provider_id": provider,
                "eth_addr": address,
                "native_addr": "f410",
                "pdp_service_url": service_url,
                "container_id": "none",
                "container_name": name,
                "is_approved": approved,
                "is_endorsed": endorsed,
            }
        )
        return provider

    def save(self, path: Path) -> None:
        """Write the description, as FILECOIN_DEVNET takes it."""
        path.write_text(json.dumps(self.description, indent=1))

    def remember(self) -> None:
        """Keep beside the state what anvil's own state does not tell."""
        if self.record:
            kept = {"contracts": self.contracts, "description": self.description}
            self.record.write_text(json.dumps(kept, indent=1))

    def _describe_provider(self, provider: dict[str, Any]) -> None:
        info = self.description["info"]
        others = [one for one in info["pdp_sps"] if one["provider_id"] != provider["provider_id"]]
        info["pdp_sps"] = sorted([*others, provider], key=lambda one: one["provider_id"])
        self.remember()

    def _proving_period(self) -> int:
        return self.contract("view").functions.getPDPConfig().call()[0]


class _Clock:
    """Mines a block at an interval, beside those that transactions get."""

    def __init__(self, chain: Chain, interval: float) -> None:
        self._chain, self._interval = chain, interval
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._interval):
            self._chain.request("evm_mine")


@contextmanager
def running_chain(
    folder: Path,
    *,
    port: int | None = None,
    block_time: float | None = None,
    proving_period: int = 30,
    challenge_window: int = 10,
    challenge_finality: int = 2,
    state: Path | None = None,
) -> Iterator[Chain]:
    """
    A chain with the contracts deployed; it ends with the block, or with this process.

    Its log is in `folder`. With a `state` file it goes on where it ended the last time,
    the description with its providers included. Periods are in epochs.
    """
    port = port or _free_port()
    with _anvil(folder / "anvil.log", port, state) as process:
        record = state and state.with_name(f"{state.name}.contracts")
        chain = Chain(f"http://127.0.0.1:{port}", port, record)
        _wait_for(chain, process, folder / "anvil.log")
        if not _continued(chain):
            chain.contracts = deploy(
                chain.web3,
                proving_period=proving_period,
                challenge_window=challenge_window,
                challenge_finality=challenge_finality,
            )
            chain.description = described(chain.rpc_url, chain.contracts)
        chain.remember()
        if block_time is not None:
            chain.set_mining(True, block_time)
        try:
            yield chain
        finally:
            chain.stop_clock()


@contextmanager
def _anvil(log: Path, port: int, state: Path | None) -> Iterator[subprocess.Popen[bytes]]:
    command = [str(_binary()), "--host", "127.0.0.1", "--port", str(port)]
    command += ["--chain-id", str(CHAIN_ID), "--timestamp", str(int(time.time()))]
    command += ["--gas-limit", "1000000000", "--hardfork", "prague", "--no-request-size-limit"]
    # As on public nodes, the state of old blocks is gone; and it takes no disk elsewhere.
    command += ["--prune-history", "100", "--cache-path", str(log.parent / "anvil-cache")]
    if state:
        command += ["--state", str(state), "--state-interval", "30"]
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            # Ctrl-C is for us; the node is ended when everything else has.
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def _binary() -> Path:
    found = sorted(_ANVIL.glob("anvil-*/bin/anvil"))
    assert found, "anvil is missing; get it with: make node_modules/.stamp"
    return found[0]


def _end_with_parent() -> None:
    # A killed test cannot end its node; Linux can. The signal lets it write its state.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait_for(chain: Chain, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        if chain.web3.is_connected():
            assert chain.web3.eth.chain_id == CHAIN_ID
            return
        time.sleep(0.02)
    raise AssertionError(f"no answer from anvil:\n{log.read_text()}")


def _block_number(block: dict[str, Any]) -> int:
    return int(block["header"]["number"], 16)


def _continued(chain: Chain) -> bool:
    """Whether the state that anvil has loaded is that of the record."""
    if chain.record is None or not chain.record.exists():
        return False
    kept = json.loads(chain.record.read_text())
    if not chain.web3.eth.get_code(kept["contracts"]["fwss"]):
        return False
    chain.contracts, chain.description = kept["contracts"], kept["description"]
    chain.description["info"]["lotus"]["host_rpc_url"] = chain.rpc_url
    return True


def _capabilities(
    service_url: str, min_size: int, max_size: int, token: str, period: int
) -> dict[str, bytes]:
    return {
        "serviceURL": service_url.encode(),
        "minPieceSizeInBytes": _number(min_size),
        "maxPieceSizeInBytes": _number(max_size),
        "storagePricePerTibPerDay": _number(0),
        "minProvingPeriodInEpochs": _number(period),
        "location": b"C=XX;ST=Here;L=Loopback",
        "paymentTokenAddress": bytes.fromhex(token.removeprefix("0x")),
    }


def _number(value: int) -> bytes:
    return value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
