"""A provider's transactions: sent with its own key and its own gas, one after the other."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from eth_account import Account
from web3 import Web3
from web3.exceptions import ContractLogicError, Web3Exception
from web3.logs import DISCARD

from filmedia.filecoin.piece import PieceCid
from tests.foc import merkle
from tests.foc.compile import artifacts
from tests.foc.curio.state import State
from tests.foc.deploy import CONTRACTS

BOND = 10**17
_NOBODY = "0x" + 40 * "0"


class Refused(Exception):
    """The contract would refuse, or has; `data` is the revert's as hex, or "" ."""

    def __init__(self, error: Exception) -> None:
        data = getattr(error, "data", None)
        self.data = data if isinstance(data, str) and data.startswith("0x") else ""
        super().__init__(f"failed to estimate gas: vm error=[{self.data or error}]")


class Submitter:
    """`contracts` by name, as `tests.foc.chain` names them."""

    def __init__(self, rpc_url: str, contracts: dict[str, str], key: str) -> None:
        self.web3 = Web3(Web3.HTTPProvider(rpc_url))
        self.contracts, self._key = contracts, key
        self.address = Account.from_key(key).address
        self._lock = threading.Lock()

    def _contract(self, name: str) -> Any:
        abi = artifacts()[CONTRACTS[name]].abi
        return self.web3.eth.contract(Web3.to_checksum_address(self.contracts[name]), abi=abi)

    @property
    def pdp(self) -> Any:
        return self._contract("pdp").functions

    @property
    def view(self) -> Any:
        return self._contract("view").functions

    def create(self, extra: bytes) -> str:
        return self.send(self.pdp.createDataSet(self.contracts["fwss"], extra), BOND)

    def create_and_add(self, cids: Sequence[PieceCid], extra: bytes) -> str:
        return self.send(self._adding(0, cids, extra), BOND)

    def add(self, data_set: int, cids: Sequence[PieceCid], extra: bytes) -> str:
        return self.send(self._adding(data_set, cids, extra), 0)

    def would_add(self, data_set: int, cids: Sequence[PieceCid], extra: bytes) -> None:
        """Raises Refused, and sends nothing."""
        call = self._adding(data_set, cids, extra)
        try:
            call.call({"from": self.address, "value": 0 if data_set else BOND})
        except (ContractLogicError, Web3Exception) as error:
            raise Refused(error) from error

    def remove(self, data_set: int, pieces: Sequence[int], extra: bytes) -> str:
        return self.send(self.pdp.schedulePieceDeletions(data_set, list(pieces), extra), 0)

    def terminate(self, data_set: int, extra: bytes) -> str:
        fwss = self._contract("fwss")
        call = fwss.get_function_by_signature("terminateService(uint256,bytes)")
        return self.send(call(data_set, extra), 0)

    def send(self, call: Any, value: int) -> str:
        with self._lock:
            try:
                gas = call.estimate_gas({"from": self.address, "value": value})
            except (ContractLogicError, Web3Exception) as error:
                raise Refused(error) from error
            return self._sent(call, value, gas * 13 // 10)

    def send_blindly(self, call: Any, value: int) -> str:
        """Without an estimate, so that it can fail in its block."""
        with self._lock:
            return self._sent(call, value, 30_000_000)

    def _sent(self, call: Any, value: int, gas: int) -> str:
        fields = {
            "from": self.address,
            "value": value,
            "gas": gas,
            "nonce": self.web3.eth.get_transaction_count(self.address, "pending"),
            "chainId": self.web3.eth.chain_id,
        }
        signed = Account.sign_transaction(call.build_transaction(fields), self._key)
        return "0x" + bytes(self.web3.eth.send_raw_transaction(signed.raw_transaction)).hex()

    def _adding(self, data_set: int, cids: Sequence[PieceCid], extra: bytes) -> Any:
        listener = _NOBODY if data_set else self.contracts["fwss"]
        return self.pdp.addPieces(data_set, listener, [(cid.binary,) for cid in cids], extra)

    def outcome(self, hash: str) -> tuple[bool, int | None, list[int]] | None:
        """Whether it went well, the data set it made, the ids it gave; None while it is open."""
        try:
            receipt = self.web3.eth.get_transaction_receipt(hash)
        except Web3Exception:
            return None
        events = self._contract("pdp").events
        made = events.DataSetCreated().process_receipt(receipt, errors=DISCARD)
        added = self._contract("fwss").events.PieceAdded().process_receipt(receipt, errors=DISCARD)
        return (
            receipt["status"] == 1,
            made[0]["args"]["setId"] if made else None,
            [event["args"]["pieceId"] for event in added],
        )

    # --- proving ----------------------------------------------------------------------

    def prove(self, data_set: int, state: State) -> str:
        """What there is to do now for the proofs of a data set, in a word; "" for nothing."""
        functions, view = self.pdp, self.view
        if (
            not functions.dataSetLive(data_set).call()
            or not functions.getDataSetLeafCount(data_set).call()
        ):
            return ""
        now = self.web3.eth.block_number
        period, window, _, first = view.getPDPConfig().call()
        deadline = view.provingDeadline(data_set).call()
        if not deadline:
            self.send(functions.nextProvingPeriod(data_set, first + window // 2, b""), 0)
            return "begun"
        proven = view.provenThisPeriod(data_set).call()
        if proven or now > deadline:
            start = view.nextPDPChallengeWindowStart(data_set).call()
            if now <= deadline - window and proven:
                return ""
            late = max(now - deadline, 0) // period
            epoch = start + late * period + window // 2
            try:
                self.send(functions.nextProvingPeriod(data_set, epoch, b""), 0)
            except Refused:
                self.send(functions.nextProvingPeriod(data_set, epoch + period, b""), 0)
            return "next"
        challenge = functions.getNextChallengeEpoch(data_set).call()
        if now >= challenge:
            proofs = self._proofs(data_set, challenge, state)
            fee = functions.calculateProofFee(data_set).call()
            self.send(functions.provePossession(data_set, proofs), fee)
            return "proven"
        return ""

    def _proofs(self, data_set: int, epoch: int, state: State) -> list[tuple[bytes, list[bytes]]]:
        functions = self.pdp
        seed = functions.getRandomness(epoch).call()
        leaves = functions.getChallengeRange(data_set).call()
        indexes = [
            int.from_bytes(
                Web3.solidity_keccak(["uint256", "uint256", "uint64"], [seed, data_set, number])
            )
            % leaves
            for number in range(5)
        ]
        answers = []
        for piece_id, offset in functions.findPieceIds(data_set, indexes).call():
            (binary,) = functions.getPieceCid(data_set, piece_id).call()
            path = state.piece_file(str(PieceCid.from_binary(binary)))
            answers.append(merkle.proof(path, offset))
        return answers
