"""
What providers answer, read as strictly as a stranger's word deserves. Pure.

Every function here takes the JSON of an answer and gives plain values, or raises
`NotAnAnswer`, which the client tells as a WrongAnswer of that provider.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..cid import PieceCid
from ..errors import PieceError

_SECONDS = re.compile(r"[0-9]{1,9}")
_HASH = re.compile(r"0x[0-9a-fA-F]{64}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_OVER = {"complete", "failed"}
_GOING_ON = {"pending", "inProgress", "retrying"}


class NotAnAnswer(ValueError):
    """The text ends the sentence "its answer …"."""


@dataclass(frozen=True)
class Pull:
    """
    How a pull stands. `is_over` once every piece has come or failed; the provider's own
    word for the whole is "complete" if any piece came, so ask for each.
    """

    pieces: Mapping[PieceCid, str]

    @property
    def is_over(self) -> bool:
        return all(status in _OVER for status in self.pieces.values())

    def came(self, cid: PieceCid) -> bool:
        return self.pieces.get(cid) == "complete"


@dataclass(frozen=True)
class Creation:
    """`ok` is None while it is open, and False once the contract has refused it."""

    ok: bool | None
    data_set_id: int | None
    confirmed_transaction: str


@dataclass(frozen=True)
class Addition:
    """`ok` as in `Creation`; `piece_ids` in the order of the batch."""

    ok: bool | None
    piece_ids: tuple[int, ...]
    confirmed_transaction: str


@dataclass(frozen=True)
class Listing:
    """A data set as the provider tells of it: pieces by id. Epoch 0: proving has not begun."""

    next_challenge_epoch: int
    pieces: Mapping[int, PieceCid]


@dataclass(frozen=True)
class Termination:
    transaction: str
    ended: bool
    end_epoch: int | None


def session(location: str | None) -> str:
    """The id of an upload session. Only the pattern is taken; the address is never followed."""
    last = (location or "").rstrip("/").rpartition("/")[2]
    if not _UUID.fullmatch(last):
        raise NotAnAnswer("names no upload session")
    return last


def transaction(location: str | None) -> str:
    last = (location or "").rstrip("/").rpartition("/")[2]
    return _hash(last)


def piece(told: Any, wanted: PieceCid) -> None:
    """Of `find`: the answer must name the piece that was asked for, whole."""
    if _text(_object(told), "pieceCid") != str(wanted):
        raise NotAnAnswer("is about another piece")


def pull(told: Any, asked: Sequence[PieceCid]) -> Pull:
    found: dict[PieceCid, str] = {}
    for one in _list(_object(told), "pieces"):
        status = _text(_object(one), "status")
        if status not in _OVER | _GOING_ON:
            raise NotAnAnswer(f"has an unknown status {status[:20]!r}")
        cid = _cid(_text(_object(one), "pieceCid"))
        # The same piece from several sources is well once one of them was.
        if found.get(cid) != "complete":
            found[cid] = status
    if set(found) != set(asked):
        raise NotAnAnswer("is about other pieces than were asked for")
    return Pull(found)


def creation(told: Any, asked: str) -> Creation:
    said = _object(told)
    _same_transaction(said.get("createMessageHash"), asked)
    done = _flag(said, "dataSetCreated")
    id = _number(said, "dataSetId") if done else None
    return Creation(_outcome(said, "ok", done), id, _confirmed(said))


def addition(told: Any, data_set_id: int, asked: str) -> Addition:
    said = _object(told)
    _same_transaction(said.get("txHash"), asked)
    _same_data_set(said.get("dataSetId"), data_set_id)
    done = _flag(said, "piecesAdded")
    ids = tuple(_numbers(said, "confirmedPieceIds")) if done else ()
    if len(set(ids)) != len(ids) or (done and said.get("pieceCount", len(ids)) != len(ids)):
        raise NotAnAnswer("has other ids than there are pieces")
    return Addition(_outcome(said, "addMessageOk", done), ids, _confirmed(said))


def listing(told: Any, data_set_id: int) -> Listing:
    said = _object(told)
    _same_data_set(said.get("id"), data_set_id)
    pieces = {
        _number(_object(one), "pieceId"): _cid(_text(_object(one), "pieceCid"))
        for one in _list(said, "pieces")
    }
    return Listing(_number(said, "nextChallengeEpoch"), pieces)


def removal(told: Any) -> str:
    return _hash(_text(_object(told), "txHash"))


def termination(told: Any) -> Termination:
    said = _object(told)
    sent = said.get("terminationTxHash") or ""
    epoch = said.get("serviceTerminationEpoch")
    if epoch is not None:
        epoch = _number(said, "serviceTerminationEpoch")
    return Termination(_hash(sent) if sent else "", said.get("fwssTerminated") is True, epoch)


def retry_after(header: str | None) -> float | None:
    """Seconds, a day at most. The form with a date is no help where clocks differ."""
    return min(float(header), 86400.0) if header and _SECONDS.fullmatch(header) else None


def _same_transaction(told: Any, asked: str) -> None:
    if told is not None and (not isinstance(told, str) or told.lower() != asked.lower()):
        raise NotAnAnswer("is about another transaction")


def _same_data_set(told: Any, asked: int) -> None:
    if told is not None and _whole(told, "data set") != asked:
        raise NotAnAnswer("is about another data set")


def _outcome(said: Mapping[str, Any], name: str, done: bool) -> bool | None:
    """
    A refusal is told as a transaction that is confirmed and not well; "done" stays false
    then for ever, so waiting for it would never end.
    """
    ok = said.get(name)
    if ok is not None and not isinstance(ok, bool):
        raise NotAnAnswer(f"has no truth in {name}")
    if ok is False or said.get("txStatus") in {"failed", "rejected"}:
        return False
    return True if done else None


def _confirmed(said: Mapping[str, Any]) -> str:
    told = said.get("confirmedTxHash")
    return _hash(told) if told else ""


def _object(told: Any) -> Mapping[str, Any]:
    if not isinstance(told, dict):
        raise NotAnAnswer("is no object")
    return told


def _list(said: Mapping[str, Any], name: str) -> list[Any]:
    found = said.get(name)
    if not isinstance(found, list):
        raise NotAnAnswer(f"has no list {name}")
    return found


def _text(said: Mapping[str, Any], name: str) -> str:
    found = said.get(name)
    if not isinstance(found, str):
        raise NotAnAnswer(f"has no text {name}")
    return found


def _flag(said: Mapping[str, Any], name: str) -> bool:
    found = said.get(name)
    if not isinstance(found, bool):
        raise NotAnAnswer(f"does not tell {name}")
    return found


def _number(said: Mapping[str, Any], name: str) -> int:
    return _whole(said.get(name), name)


def _numbers(said: Mapping[str, Any], name: str) -> list[int]:
    return [_whole(one, name) for one in _list(said, name)]


def _whole(found: Any, name: str) -> int:
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found < 2**64:
        raise NotAnAnswer(f"has no whole number {name}")
    return found


def _hash(text: str) -> str:
    if not isinstance(text, str) or not _HASH.fullmatch(text):
        raise NotAnAnswer("names no transaction")
    return text.lower()


def _cid(text: str) -> PieceCid:
    try:
        return PieceCid.parse(text)
    except PieceError as error:
        raise NotAnAnswer("names a piece that is none") from error
