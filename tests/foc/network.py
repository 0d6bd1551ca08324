"""The whole stand-in network: the chain, its providers, an owner with money, a session key."""

from __future__ import annotations

import ctypes
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from eth_account import Account

from tests.foc.chain import Chain, _free_port, running_chain
from tests.foc.compile import ROOT
from tests.foc.deploy import development_key

USDFC = 10**18
OWNER, SESSION = 1, 8
# The first providers' accounts; the owner and the session key are others.
PROVIDERS = (2, 4, 5, 6, 7)
OPERATIONS = ("CreateDataSet", "AddPieces", "SchedulePieceRemovals")


class Provider:
    """A provider's process. Its state stays in `folder`, whatever happens to the process."""

    def __init__(self, folder: Path, config: dict[str, Any], name: str) -> None:
        self.folder, self.config, self.name = folder, config, name
        self.url = f"http://127.0.0.1:{config['port']}"
        self.log = folder.with_suffix(".log")
        self.id = 0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Provider:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "config.json"
        path.write_text(json.dumps(self.config))
        path.chmod(0o600)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.foc.curio", str(path)],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                preexec_fn=_end_with_parent,
            )
        self._wait_until_it_answers()
        return self

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def faults(self, **faults: Any) -> dict[str, Any]:
        """Switch faults on (a value, or {"value", "times"}) and off (None); which are on."""
        return httpx.put(f"{self.url}/faults", json=faults, trust_env=False).json()

    def well(self) -> None:
        """No fault any more."""
        told = httpx.get(f"{self.url}/faults", trust_env=False).json()
        self.faults(**dict.fromkeys(told))

    def forget(self, cid: str) -> None:
        """Lose a piece, as the collection of unclaimed ones does."""
        httpx.delete(f"{self.url}/pieces/{cid}", trust_env=False)

    def adds(self) -> list[list[str]]:
        """The PieceCIDs of each addition that went well, as this provider knows it."""
        told = httpx.get(f"{self.url}/adds", trust_env=False).json()
        return [json.loads(cids) for cids in told]

    def _end(self, number: int) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(timeout=20)
            self.process = None

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            try:
                httpx.get(f"{self.url}/faults", trust_env=False, timeout=2)
                return
            except httpx.HTTPError:
                time.sleep(0.05)
        raise AssertionError(f"{self.name} does not answer:\n{self.log.read_text()[-3000:]}")


class Network:
    def __init__(self, folder: Path, chain: Chain, providers: list[Provider]) -> None:
        self.folder, self.chain, self.providers = folder, chain, providers
        self.owner_key, self.session_key = development_key(OWNER), development_key(SESSION)
        self.owner = Account.from_key(self.owner_key).address
        self.session = Account.from_key(self.session_key).address
        self.description = folder / "devnet.json"

    @property
    def environment(self) -> dict[str, str]:
        """What makes a library store its films here."""
        return {
            "FILECOIN_NETWORK": "devnet",
            "FILECOIN_DEVNET": str(self.description),
            "FILECOIN_OWNER": self.owner,
            "FILECOIN_SESSION_KEY": self.session_key,
        }

    def fund(self, usdfc: int = 100, key: str | None = None) -> None:
        """Deposit into the account of a key; the owner's, if none is named."""
        key = key or self.owner_key
        amount, chain, payer = usdfc * USDFC, self.chain, Account.from_key(key).address
        chain.mint(payer, amount)
        token, pay = chain.contract("usdfc").functions, chain.contract("pay").functions
        chain.send(token.approve(chain.contracts["pay"], amount), key=key)
        chain.send(pay.deposit(chain.contracts["usdfc"], payer, amount), key=key)

    def approve(self, approved: bool = True, key: str | None = None, **limits: int) -> None:
        """Let the service use the account; `limits` of rate and lockup, else none."""
        most = 2**256 - 1 if approved else 0
        call = self.chain.contract("pay").functions.setOperatorApproval(
            self.chain.contracts["usdfc"],
            self.chain.contracts["fwss"],
            approved,
            limits.get("rate", most),
            limits.get("lockup", most),
            86400,
        )
        self.chain.send(call, key=key or self.owner_key)

    def authorise(self, *, days: float = 90, key: str | None = None) -> None:
        """Let the session key sign for an account. A negative time makes it expired."""
        from tests.foc.acting import type_hash

        expiry = max(self.chain.now(), int(time.time())) + int(days * 86400)
        call = self.chain.contract("sessions").functions.login(
            self.session, expiry, [type_hash(one) for one in OPERATIONS], "tests"
        )
        self.chain.send(call, key=key or self.owner_key)

    def ready(self) -> Network:
        return self.ready_for(self.owner_key)

    def ready_for(self, key: str) -> Network:
        """An account with money, that the service may use, and the session key may sign for."""
        address = Account.from_key(key).address
        self.chain.give_fil(address, 10**20)
        self.fund(key=key)
        self.approve(key=key)
        self.authorise(key=key)
        return self

    def added(self, payer: str | None = None) -> list[tuple[int, str]]:
        """Every PieceAdded there is (for `payer`): the provider's number and the PieceCID."""
        from filmedia.filecoin.piece import PieceCid

        fwss = self.chain.contract("fwss")
        view = self.chain.contract("view").functions
        found = []
        for event in fwss.events.PieceAdded().get_logs(from_block=0):
            cid = str(PieceCid.from_binary(bytes(event["args"]["pieceCid"]["data"])))
            info = view.getDataSet(event["args"]["dataSetId"]).call()
            if payer is None or info[3] == payer:
                found.append((info[9], cid))
        return found


@contextmanager
def running_network(
    folder: Path,
    *,
    providers: int = 2,
    endorsed: int = 1,
    block_time: float | None = 0.5,
    proving_period: int = 40,
    challenge_window: int = 12,
    state: bool = False,
    first_port: int | None = None,
    rpc_port: int | None = None,
    **config: Any,
) -> Iterator[Network]:
    """
    Everything in `folder`; with `state` it goes on there where it ended the last time.
    `config` is for all providers: park_delay, keep_unclaimed, tick, in seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with running_chain(
        folder,
        port=rpc_port,
        block_time=block_time,
        proving_period=proving_period,
        challenge_window=challenge_window,
        state=folder / "chain.json" if state else None,
    ) as chain:
        network = Network(folder, chain, [])
        try:
            chain.description["info"]["pdp_sps"].clear()
            for index in range(providers):
                provider = _provider(folder, chain, index, first_port, config)
                network.providers.append(provider)
                provider.id = chain.register_provider(
                    key=provider.config["key"],
                    name=provider.name,
                    service_url=provider.url,
                    endorsed=index < endorsed,
                )
                provider.start()
            chain.save(network.description)
            yield network
        finally:
            for provider in network.providers:
                provider.stop()


def _provider(
    folder: Path, chain: Chain, index: int, first_port: int | None, config: dict[str, Any]
) -> Provider:
    name = f"sp{index + 1}"
    settings = {
        "port": first_port + index if first_port else _free_port(),
        "folder": str(folder / name),
        "rpc_url": chain.rpc_url,
        "contracts": chain.contracts,
        "key": development_key(PROVIDERS[index]),
    }
    return Provider(folder / name, settings | config, name)


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
