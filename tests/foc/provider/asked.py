"""What clients ask, held to what Curio takes. Everything here raises the answer 400."""

from __future__ import annotations

import re
import uuid
from typing import Any

from filmedia.filecoin.errors import PieceError
from filmedia.filecoin.piece import PieceCid
from tests.foc.provider.asgi import words

MOST_PIECES = 40
MOST_CREATE_EXTRA, MOST_REMOVE_EXTRA = 4096, 1024
# Creation and addition in one: Curio bounds the creation's part only.
MOST_ADD_EXTRA = 1 << 17
_HEX = re.compile(r"0x(?:[0-9a-fA-F]{2})+")


def session_id(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise words(400, "Invalid upload UUID") from None


def piece(text: Any) -> PieceCid:
    try:
        return PieceCid.parse(text if isinstance(text, str) else "")
    except PieceError as error:
        raise words(400, f"Invalid pieceCid, it must be a PieceCIDv2: {error}") from None


def extra_data(body: dict[str, Any], most: int) -> bytes:
    text = body.get("extraData")
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise words(400, "extraData must be a hex string with 0x before it")
    data = bytes.fromhex(text[2:])
    if len(data) > most:
        raise words(400, f"extraData size {len(data)} exceeds the maximum of {most} bytes")
    return data


def record_keeper(body: dict[str, Any], service: str) -> None:
    keeper = body.get("recordKeeper")
    if not isinstance(keeper, str) or not re.fullmatch("0x[0-9a-fA-F]{40}", keeper):
        raise words(400, "recordKeeper must be an address")
    if keeper.lower() != service.lower():
        raise words(403, "recordKeeper address not allowed for public service")


def batch(body: dict[str, Any]) -> list[PieceCid]:
    """The pieces to add, each of them one sub-piece that is the piece itself."""
    cids, seen = [], set()
    for entry in entries(body):
        cid = piece(entry.get("pieceCid"))
        parts = entry.get("subPieces")
        if not isinstance(parts, list) or not parts:
            raise words(400, "At least one subPiece is required per piece")
        if len(parts) > 1 or not isinstance(parts[0], dict):
            raise words(400, "This provider takes one subPiece per piece")
        part = piece(parts[0].get("subPieceCid"))
        if part in seen:
            raise words(400, f"duplicate subPieceCid in request: {part}")
        if part != cid:
            raise words(400, f"provided pieceCid {cid} does not match the one of its subPieces")
        seen.add(part)
        cids.append(cid)
    return cids


def entries(body: dict[str, Any]) -> list[dict[str, Any]]:
    pieces = body.get("pieces")
    if not isinstance(pieces, list) or not pieces:
        raise words(400, "At least one piece must be provided")
    if len(pieces) > MOST_PIECES:
        raise words(400, f"Too many pieces: {len(pieces)}, at most {MOST_PIECES}")
    if not all(isinstance(entry, dict) for entry in pieces):
        raise words(400, "Invalid request body: pieces")
    return pieces


def numbers(given: Any, name: str) -> list[int]:
    if not isinstance(given, list) or any(type(one) is not int or one < 0 for one in given):
        raise words(400, f"Invalid request body: {name}")
    return given
