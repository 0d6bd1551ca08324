"""Keeping data sets proven: the next challenge asked for, and answered in its window."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import cached_property

from web3 import Web3
from web3.exceptions import Web3Exception

from filmedia.filecoin.piece import PieceCid
from tests.foc import merkle
from tests.foc.provider.faults import Faults
from tests.foc.provider.state import State
from tests.foc.provider.submitting import Refused, Submitter

log = logging.getLogger(__name__)
_CHALLENGES = 5
_NEVER = 2**62
_PROVEN = "select id from data_sets where id not in (select id from unproven)"
# After a refusal: as the same would be refused in the next block too, mostly.
_PAUSE = 3

Proof = tuple[bytes, list[bytes]]


class LostPiece(Exception):
    """What is to be proven is not here any more."""


class Proving:
    def __init__(self, state: State, faults: Faults, submitter: Submitter) -> None:
        self.state, self.faults, self.submitter = state, faults, submitter
        # The block before which there is nothing to do, so that nothing is asked each time.
        self._due: dict[int, int] = {}

    def wake(self, data_sets: Iterable[int]) -> None:
        """Something has happened to these."""
        for data_set in data_sets:
            self._due.pop(data_set, None)

    def leave_off(self) -> None:
        """Nobody looks at what it has now any more: of these data sets it proves nothing."""
        self.state.run("insert or ignore into unproven select id from data_sets")

    def round(self) -> None:
        if self.faults.see("stop_proving"):
            return
        head = self.submitter.web3.eth.block_number
        for row in self.state.rows(_PROVEN):
            data_set = row["id"]
            if self._due.get(data_set, 0) > head or self._is_sending(data_set):
                continue
            try:
                # Each one takes a while, in which blocks come.
                head = self.submitter.web3.eth.block_number
                self._due[data_set] = self._step(data_set, head)
            except (Refused, LostPiece, Web3Exception, OSError) as error:
                log.warning("proving data set %s at %s: %s", data_set, head, error)
                self._due[data_set] = head + _PAUSE

    def _is_sending(self, data_set: int) -> bool:
        return self.state.has(
            "select 1 from transactions where kind = 'prove' and data_set = ? and ok is null",
            data_set,
        )

    def _step(self, data_set: int, head: int) -> int:
        """Do what is due; the block at which to look again."""
        pdp, view = self.submitter.pdp, self.submitter.view
        if not pdp.dataSetLive(data_set).call():
            return _NEVER
        deadline = view.provingDeadline(data_set).call()
        if not deadline:
            return self._start(data_set, head)
        proven = view.provenThisPeriod(data_set).call()
        if head > deadline:
            if not proven:
                self.faults.use("prove_late")
            return self._open_next(data_set, head)
        if proven or self.faults.see("prove_late"):
            return deadline + 1
        challenge = pdp.getNextChallengeEpoch(data_set).call()
        # Its block has to be there before its randomness is.
        if head <= challenge:
            return challenge + 1
        proofs = self.proofs(data_set, challenge)
        fee = pdp.calculateProofFee(data_set).call()
        self._send(data_set, pdp.provePossession(data_set, proofs), fee)
        return head + 1

    def _start(self, data_set: int, head: int) -> int:
        if not self.submitter.pdp.getDataSetLeafCount(data_set).call():
            return _NEVER
        _, window, _, first = self.submitter.view.getPDPConfig().call()
        call = self.submitter.pdp.nextProvingPeriod(data_set, first + window // 2, b"")
        self._send(data_set, call)
        return head + 1

    def _open_next(self, data_set: int, head: int) -> int:
        pdp, view = self.submitter.pdp, self.submitter.view
        window, finality = self._constants
        start = view.nextPDPChallengeWindowStart(data_set).call()
        epoch = max(start + window // 2, head + finality + 2)
        if epoch > start + window:
            return start + window + 1
        self._send(data_set, pdp.nextProvingPeriod(data_set, epoch, b""))
        return head + 1

    @cached_property
    def _constants(self) -> tuple[int, int]:
        """The length of a challenge window, and how early a challenge is to be asked for."""
        window = self.submitter.view.getPDPConfig().call()[1]
        return window, self.submitter.pdp.getChallengeFinality().call()

    def _send(self, data_set: int, call: object, value: int = 0) -> None:
        self.submitter.send("prove", call, data_set=data_set, value=value)

    def proofs(self, data_set: int, epoch: int) -> list[Proof]:
        """A leaf of a piece for each challenge of that epoch, and its way to the root."""
        pdp = self.submitter.pdp
        seed = pdp.getRandomness(epoch).call()
        leaves = pdp.getChallengeRange(data_set).call()
        indexes = [_drawn(seed, data_set, number) % leaves for number in range(_CHALLENGES)]
        return [
            self._proof(data_set, piece, leaf)
            for piece, leaf in pdp.findPieceIds(data_set, indexes).call()
        ]

    def _proof(self, data_set: int, piece: int, leaf: int) -> Proof:
        (binary,) = self.submitter.pdp.getPieceCid(data_set, piece).call()
        cid = str(PieceCid.from_binary(binary))
        path = self.state.piece_file(cid)
        if not path.exists() or self.faults.concerns("lose_piece", cid):
            raise LostPiece(cid)
        return merkle.proof(path, leaf)


def _drawn(seed: int, data_set: int, number: int) -> int:
    types = ["uint256", "uint256", "uint64"]
    return int.from_bytes(Web3.solidity_keccak(types, [seed, data_set, number]))
