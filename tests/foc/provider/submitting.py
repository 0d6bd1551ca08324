"""
A provider's transactions: sent with its own key and its own gas, one after the other.

Each is signed and written down before it leaves, so that a provider who dies in between
sends it when it is back, and its nonce is not given to another.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Sequence
from functools import cache, cached_property
from typing import Any

from eth_account import Account
from web3 import Web3
from web3.exceptions import TransactionNotFound, Web3Exception
from web3.logs import DISCARD

from filmedia.filecoin.piece import PieceCid
from tests.foc.compile import artifacts
from tests.foc.deploy import CONTRACTS
from tests.foc.provider.faults import Faults
from tests.foc.provider.state import State

log = logging.getLogger(__name__)
BOND = 10**17
_NOBODY = "0x" + 40 * "0"
# For what is to fail in its block, where no estimate can be had.
_BLIND_GAS = 30_000_000


class Refused(Exception):
    """The contract would refuse. The text has the revert as Curio passes it on."""

    def __init__(self, error: Exception) -> None:
        data = getattr(error, "data", None)
        self.data = data if isinstance(data, str) and data.startswith("0x") else ""
        super().__init__(f"failed to estimate gas: vm error=[{self.data or error}]")


@cache
def _abis() -> dict[str, list[dict[str, Any]]]:
    made = artifacts()
    return {name: made[compiled].abi for name, compiled in CONTRACTS.items()}


class Submitter:
    """`contracts` by name, as `tests.foc.chain` names them: fwss, view and pdp are used."""

    def __init__(self, config: dict[str, Any], state: State, faults: Faults) -> None:
        self.state, self.faults = state, faults
        self.web3 = Web3(Web3.HTTPProvider(config["rpc_url"]))
        self.service = config["contracts"]["fwss"]
        self._key, self._sending = config["key"], threading.Lock()
        self.address = Account.from_key(self._key).address
        at = {name: self._contract(config, name) for name in ("pdp", "fwss", "view")}
        self._pdp, self._fwss = at["pdp"], at["fwss"]
        self.pdp, self.view = at["pdp"].functions, at["view"].functions

    def _contract(self, config: dict[str, Any], name: str) -> Any:
        address = Web3.to_checksum_address(config["contracts"][name])
        return self.web3.eth.contract(address, abi=_abis()[name])

    @cached_property
    def _chain_id(self) -> int:
        return self.web3.eth.chain_id

    # --- what there is to call --------------------------------------------------------

    def creating(self, extra: bytes) -> Any:
        return self.pdp.createDataSet(self.service, extra)

    def adding(self, data_set: int, cids: Sequence[PieceCid], extra: bytes) -> Any:
        """To a new data set if its number is 0."""
        listener = _NOBODY if data_set else self.service
        return self.pdp.addPieces(data_set, listener, [(cid.binary,) for cid in cids], extra)

    def removing(self, data_set: int, pieces: Sequence[int], extra: bytes) -> Any:
        return self.pdp.schedulePieceDeletions(data_set, list(pieces), extra)

    def terminating(self, data_set: int, extra: bytes) -> Any:
        call = self._fwss.get_function_by_signature("terminateService(uint256,bytes)")
        return call(data_set, extra)

    def end_epoch(self, data_set: int) -> int:
        """When the service for a data set ends or has ended; 0 if it goes on."""
        return self.view.getDataSet(data_set).call()[8]

    # --- sending ----------------------------------------------------------------------

    def check(self, call: Any, value: int = 0) -> None:
        """Raises Refused where the contract would; sends nothing."""
        try:
            call.call({"from": self.address, "value": value})
        except Web3Exception as error:
            raise Refused(error) from error

    def send(
        self,
        kind: str,
        call: Any,
        *,
        data_set: int = 0,
        value: int = 0,
        cids: Sequence[PieceCid] = (),
        blindly: bool = False,
        land: bool = True,
    ) -> str:
        """The hash by which it is asked for later."""
        # A nonce is one transaction's; meanwhile the state is free for everybody else.
        with self._sending:
            gas = _BLIND_GAS if blindly else self._gas(call, value)
            told = sent = self._signed(call, value, gas)
            replaced = bool(kind != "prove" and self.faults.use("tx_replaced"))
            if replaced:
                # The one that is told of is of the same nonce, and was outbid by this one.
                sent = self._signed(call, value, gas + 1, tip=2)
            quiet = self.faults.see("tx_pending_for") if kind != "prove" else None
            hash, landed = _hash(told), _hash(sent)
            with self.state.together():
                self.state.run(
                    "insert into transactions (hash, kind, data_set, nonce, raw, sent_hash, at, "
                    "quiet_until) values (?, ?, ?, ?, ?, ?, ?, ?)",
                    *(hash, kind, data_set, self._nonce() if land else None),
                    *(bytes(sent.raw_transaction) if land else None, landed),
                    *(time.time(), time.time() + float(quiet or 0)),
                )
                for place, cid in enumerate(cids):
                    self.state.run("insert into additions values (?, ?, ?)", hash, place, str(cid))
            if land:
                self._broadcast(hash, sent.raw_transaction)
        return hash

    def _gas(self, call: Any, value: int) -> int:
        try:
            # An epoch later the same call may cost more: the account is settled up to then.
            return call.estimate_gas({"from": self.address, "value": value}) * 13 // 10
        except Web3Exception as error:
            raise Refused(error) from error

    def _signed(self, call: Any, value: int, gas: int, tip: int = 1) -> Any:
        fee = self.web3.eth.gas_price
        fields = {
            "from": self.address,
            "value": value,
            "gas": gas,
            "nonce": self._nonce(),
            "chainId": self._chain_id,
            "maxFeePerGas": 2 * fee + tip,
            "maxPriorityFeePerGas": tip,
        }
        return Account.sign_transaction(call.build_transaction(fields), self._key)

    def _nonce(self) -> int:
        row = self.state.row("select max(nonce) + 1 as next from transactions where ok is null")
        assert row is not None
        known = self.web3.eth.get_transaction_count(self.address, "pending")
        return max(known, row["next"] or 0)

    def _broadcast(self, hash: str, raw: bytes) -> None:
        try:
            self.web3.eth.send_raw_transaction(raw)
        except Web3Exception as error:
            self.state.run("update transactions set state = 'failed', ok = 0 where hash = ?", hash)
            raise Refused(error) from error

    # --- how it went ------------------------------------------------------------------

    def settle(self) -> list[int]:
        """See how open transactions went. The data sets that something has happened to."""
        rows = self.state.rows(
            "select * from transactions where ok is null and raw is not null "
            "and quiet_until <= ? order by nonce",
            time.time(),
        )
        return [number for row in rows if (number := self._settle_one(row)) is not None]

    def settle_one(self, hash: str) -> None:
        row = self.state.row("select * from transactions where hash = ?", hash)
        if row and row["ok"] is None and row["raw"] and row["quiet_until"] <= time.time():
            self._settle_one(row)

    def send_again(self) -> None:
        """What was written down but perhaps never left, as after a sudden end."""
        for row in self.state.rows(
            "select * from transactions where ok is null and raw is not null order by nonce"
        ):
            try:
                self.web3.eth.get_transaction(row["sent_hash"])
            except TransactionNotFound:
                try:
                    self.web3.eth.send_raw_transaction(row["raw"])
                except Web3Exception as error:
                    log.warning("%s cannot be sent again: %s", row["hash"], error)

    def _settle_one(self, row: Any) -> int | None:
        try:
            receipt = self.web3.eth.get_transaction_receipt(row["sent_hash"])
        except TransactionNotFound:
            return None
        made = self._pdp.events.DataSetCreated().process_receipt(receipt, errors=DISCARD)
        added = self._fwss.events.PieceAdded().process_receipt(receipt, errors=DISCARD)
        ids = [event["args"]["pieceId"] for event in added]
        new = made[0]["args"]["setId"] if made else None
        data_set = new or row["data_set"]
        cids = self.state.rows(
            "select cid from additions where hash = ? order by place", row["hash"]
        )
        with self.state.together():
            self.state.run(
                "update transactions set state = 'confirmed', ok = ?, made_set = ?, ids = ? "
                "where hash = ? and ok is null",
                *(int(receipt["status"] == 1), new, json.dumps(ids), row["hash"]),
            )
            if new:
                self.state.run("insert or ignore into data_sets values (?)", new)
            for id, one in zip(ids, cids, strict=False):
                self.state.run(
                    "insert or ignore into held values (?, ?, ?)", data_set, id, one["cid"]
                )
        return data_set


def _hash(signed: Any) -> str:
    return "0x" + bytes(signed.hash).hex()
