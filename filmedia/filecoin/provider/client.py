"""
Speaking with one storage provider, as Curio speaks.

Nothing a provider says is believed further than it has to be (`asking`, `answers`). What is
tried again here is only what may be done twice without harm; whether to send a piece once
more is for the caller, who knows more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ..cid import PieceCid
from ..errors import NotThere, PieceError, ProviderUnreachable, WrongAnswer
from . import answers
from .answers import Addition, Creation, Listing, Pull, Termination
from .asking import BUSY, CONNECT_SECONDS
from .reading import Reading
from .sending import Watched

PING_SECONDS = 8.0
# Sending a transaction is up to five minutes' work for a provider.
SEND_SECONDS = 330.0
# Of a piece that was taken whole it may have to be moved about before the answer comes.
TAKEN_SECONDS = 300.0
MOST_REMOVALS = 35


class Provider(Reading):
    """
    A storage provider at `base_url`.

    The caller owns `http`: its pool, its timeouts for reading, and in tests its transport.
    Questions have an end of their own, and sending has only that of a stall. `name` is how
    errors call the provider.

    Raises ProviderUnreachable where there is no usable answer, and a ProviderError for any
    other than was asked for; the whole text of such an answer, up to 64 KiB, is its `text`.
    """

    async def ping(self) -> None:
        """Raises unless the provider is there and well."""
        await self.ask("GET", "/pdp/ping", timeout=PING_SECONDS)

    # --- storing ----------------------------------------------------------------------

    async def begin_upload(self) -> str:
        """The id of a new upload session. One that is not used is forgotten in an hour."""
        response, _ = await self.ask("POST", "/pdp/piece/uploads", expect=HTTPStatus.CREATED)
        return self.understood(answers.session, response.headers.get("Location"))

    async def send(
        self,
        session: str,
        source: AsyncIterable[bytes] | Iterable[bytes],
        size: int,
        progress: Callable[[int], None] | None = None,
        stall: float = 60.0,
    ) -> None:
        """
        Send the piece's `size` bytes into a session, once: a broken sending needs a new
        one. `progress` is told how many were handed over to the connection so far. An
        iterable that is not asynchronous is read in a thread.

        Raises ProviderUnreachable where nothing is taken for `stall` seconds or the
        connection breaks, PieceRefused where the provider does not want it, PieceError
        where the source has another size, and whatever the source raises.
        """
        watched = Watched(source, size, progress)
        request = self.http.build_request(
            "PUT",
            self.url(f"/pdp/piece/uploads/{session}"),
            content=watched,
            headers={
                "Content-Type": "application/octet-stream",
                "Content-Length": str(size),
            },
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS, pool=stall),
        )
        sending = asyncio.ensure_future(self.transmit(request))
        try:
            await self._watch(sending, watched, stall)
        finally:
            sending.cancel()
            await asyncio.wait([sending])
            await watched.aclose()
            if not sending.cancelled():
                sending.exception()  # looked at, also where another one is on its way
        if watched.error is not None:
            raise watched.error
        response, body = sending.result()
        if response.status_code != HTTPStatus.NO_CONTENT:
            raise self.refusal(response, body)
        if not watched.is_done:
            raise WrongAnswer(self.name, response.status_code, "it did not wait for all bytes")

    async def _watch(self, sending: asyncio.Future[Any], watched: Watched, stall: float) -> None:
        """Until it is sent. Raises where nothing moves, and that is not for want of bytes."""
        moved, since = -1, self._clock()
        while not sending.done():
            await asyncio.wait([sending], timeout=stall / 4)
            now = self._clock()
            if watched.moved != moved or watched.waits_for_source:
                moved, since = watched.moved, now
            elif now - since >= (max(stall, TAKEN_SECONDS) if watched.is_done else stall):
                raise ProviderUnreachable(self.name, f"it took no byte for {stall:g} seconds")

    async def finalise(self, session: str, cid: PieceCid) -> None:
        """
        Have what was sent taken as this piece. Never repeated by itself: a session is
        forgotten with the success, so NotThere means "ask `find` for a while".
        """
        await self.ask(
            "POST", f"/pdp/piece/uploads/{session}", body={"pieceCid": str(cid)}, again=BUSY
        )

    async def find(self, cid: PieceCid) -> bool:
        """Whether the provider has the piece parked, ready for the chain and for readers."""
        try:
            response, body = await self.ask("GET", f"/pdp/piece?pieceCid={quote(str(cid))}")
        except NotThere:
            return False
        if response.status_code == HTTPStatus.ACCEPTED:
            return False
        self.understood(answers.piece, self.parsed(body), cid)
        return True

    async def wait_until_parked(
        self, cid: PieceCid, timeout: float = 300.0, interval: float = 1.0
    ) -> None:
        """Raises ProviderUnreachable where it does not come to that in `timeout` seconds."""
        until = self._clock() + timeout
        while not await self.find(cid):
            if self._clock() >= until:
                raise ProviderUnreachable(self.name, "what was sent to it did not come to rest")
            await self._sleep(interval)

    async def pull(
        self,
        extra_data: bytes,
        pieces: Sequence[tuple[PieceCid, str]],
        data_set_id: int | None,
        record_keeper: str,
    ) -> Pull:
        """
        Have the provider fetch pieces, each from an address. Asked again with the same
        `extra_data`, it only tells how that goes.
        """
        body: dict[str, Any] = {
            "extraData": "0x" + extra_data.hex(),
            "recordKeeper": record_keeper,
            "pieces": [{"pieceCid": str(cid), "sourceUrl": source} for cid, source in pieces],
        }
        if data_set_id is not None:
            body["dataSetId"] = data_set_id
        _, told = await self.ask("POST", "/pdp/piece/pull", body=body)
        return self.understood(answers.pull, self.parsed(told), [cid for cid, _ in pieces])

    # --- the chain, through the provider ----------------------------------------------

    async def create_data_set(self, record_keeper: str, extra_data: bytes) -> str:
        """The hash of the transaction that the provider has sent; so in all that follow."""
        body = {"recordKeeper": record_keeper, "extraData": "0x" + extra_data.hex()}
        return await self._submit("/pdp/data-sets", body)

    async def create_and_add(
        self, record_keeper: str, extra_data: bytes, cids: Sequence[PieceCid]
    ) -> str:
        body = {
            "recordKeeper": record_keeper,
            "extraData": "0x" + extra_data.hex(),
            "pieces": _entries(cids),
        }
        return await self._submit("/pdp/data-sets/create-and-add", body)

    async def add_pieces(
        self, data_set_id: int, extra_data: bytes, cids: Sequence[PieceCid]
    ) -> str:
        body = {"extraData": "0x" + extra_data.hex(), "pieces": _entries(cids)}
        return await self._submit(f"/pdp/data-sets/{data_set_id}/pieces", body)

    async def creation(self, transaction: str) -> Creation:
        _, body = await self.ask("GET", f"/pdp/data-sets/created/{transaction}")
        return self.understood(answers.creation, self.parsed(body), transaction)

    async def addition(self, data_set_id: int, transaction: str) -> Addition:
        """`transaction` is the hash that `add_pieces` gave, also where it was replaced since."""
        _, body = await self.ask("GET", f"/pdp/data-sets/{data_set_id}/pieces/added/{transaction}")
        return self.understood(answers.addition, self.parsed(body), data_set_id, transaction)

    async def data_set(self, data_set_id: int) -> Listing:
        _, body = await self.ask("GET", f"/pdp/data-sets/{data_set_id}")
        return self.understood(answers.listing, self.parsed(body), data_set_id)

    async def remove(self, data_set_id: int, piece_ids: Sequence[int], extra_data: bytes) -> str:
        """Up to 35 pieces. They leave at the next proving period."""
        if not 0 < len(piece_ids) <= MOST_REMOVALS:
            raise PieceError(f"From 1 to {MOST_REMOVALS} pieces are removed at once.")
        body: dict[str, Any] = {"extraData": "0x" + extra_data.hex()}
        if len(piece_ids) > 1:
            body["pieceIds"] = list(piece_ids)
        path = f"/pdp/data-sets/{data_set_id}/pieces/{piece_ids[0]}"
        _, told = await self.ask("DELETE", path, body=body, again=BUSY, timeout=SEND_SECONDS)
        return self.understood(answers.removal, self.parsed(told))

    async def terminate(self, data_set_id: int, extra_data: bytes) -> None:
        body = {"extraData": "0x" + extra_data.hex()}
        await self.ask(
            "POST",
            f"/pdp/data-sets/{data_set_id}/terminate",
            body=body,
            again=BUSY,
            timeout=SEND_SECONDS,
        )

    async def termination(self, data_set_id: int) -> Termination:
        _, body = await self.ask("GET", f"/pdp/data-sets/{data_set_id}/terminate")
        return self.understood(answers.termination, self.parsed(body))

    async def _submit(self, path: str, body: dict[str, Any]) -> str:
        response, _ = await self.ask(
            "POST",
            path,
            body=body,
            expect=HTTPStatus.CREATED,
            again=BUSY,
            timeout=SEND_SECONDS,
        )
        return self.understood(answers.transaction, response.headers.get("Location"))


def _entries(cids: Sequence[PieceCid]) -> list[dict[str, Any]]:
    return [{"pieceCid": str(cid), "subPieces": [{"subPieceCid": str(cid)}]} for cid in cids]
