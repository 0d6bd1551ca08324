"""
Speaking with one storage provider, as Curio speaks.

Nothing a provider says is believed further than it has to be (`asking`, `answers`). What is
tried again here is only what may be done twice without harm; whether to send a piece once
more is for the caller, who knows more.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ..cid import PieceCid
from ..errors import FilecoinError, NotThere, PieceError, ProviderUnreachable, WrongAnswer
from . import answers
from .answers import Addition, Creation, Listing, Pull, Termination
from .asking import BUSY, MOST_WORDS, Asking, bounded
from .sending import Watched

PING_SECONDS = 8.0
# Sending a transaction is up to five minutes' work for a provider.
SEND_SECONDS = 330.0
MOST_REMOVALS = 35


class Provider(Asking):
    """
    A storage provider at `base_url`.

    The caller owns `http`: its timeouts, its pool, and in tests its transport. `name` is
    how errors call the provider.
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
        one. `progress` is told how many were handed over. Raises ProviderUnreachable where
        nothing is taken for `stall` seconds.
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
            timeout=httpx.Timeout(stall, read=None, write=stall, pool=stall),
        )
        sending = asyncio.ensure_future(self.transmit(request))
        while not sending.done():
            before = watched.moved
            await asyncio.wait([sending], timeout=stall)
            if not sending.done() and watched.moved == before and not watched.waits_for_source:
                sending.cancel()
                await asyncio.wait([sending])
                raise ProviderUnreachable(self.name, f"it took no byte for {stall:.0f} seconds")
        if watched.error is not None:
            raise watched.error
        response, body = sending.result()
        if response.status_code != HTTPStatus.NO_CONTENT:
            raise self.refusal(response, body)

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
            _, body = await self.ask("GET", f"/pdp/piece?pieceCid={quote(str(cid))}")
        except NotThere:
            return False
        self.understood(answers.piece, self.parsed(body), cid)
        return True

    async def wait_until_parked(
        self, cid: PieceCid, timeout: float = 300.0, interval: float = 1.0
    ) -> None:
        """Raises ProviderUnreachable where it does not come to that in `timeout` seconds."""
        until = time.monotonic() + timeout
        while not await self.find(cid):
            if time.monotonic() >= until:
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
        return self.understood(answers.creation, self.parsed(body))

    async def addition(self, data_set_id: int, transaction: str) -> Addition:
        """`transaction` is the hash that `add_pieces` gave, also where it was replaced since."""
        _, body = await self.ask("GET", f"/pdp/data-sets/{data_set_id}/pieces/added/{transaction}")
        return self.understood(answers.addition, self.parsed(body))

    async def data_set(self, data_set_id: int) -> Listing:
        _, body = await self.ask("GET", f"/pdp/data-sets/{data_set_id}")
        return self.understood(answers.listing, self.parsed(body))

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

    # --- reading ----------------------------------------------------------------------

    def piece_url(self, cid: PieceCid) -> str:
        return self.url(f"/piece/{cid}")

    async def size(self, cid: PieceCid) -> int:
        """Bytes of the piece as it is held there."""
        response, _ = await self.ask("HEAD", f"/piece/{cid}")
        length = response.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise WrongAnswer(self.name, response.status_code, "it does not tell the piece's size")
        return int(length)

    async def read(self, cid: PieceCid, start: int, stop: int) -> bytes:
        """
        Bytes of a piece from `start` up to, not with, `stop`. Not verified here. Raises
        WrongAnswer for any answer that is not just this range.
        """
        found = bytearray()
        async for portion in self.stream(cid, start, stop):
            found += portion
        return bytes(found)

    async def stream(
        self, cid: PieceCid, start: int = 0, stop: int | None = None
    ) -> AsyncIterator[bytes]:
        """As `read`, portion by portion; without `stop` to the end that the CID names."""
        end = cid.size if stop is None else stop
        headers = {
            # With any other encoding offered, the Range would be dropped.
            "Accept-Encoding": "identity",
            "Range": f"bytes={start}-{end - 1}",
        }
        left = end - start
        try:
            async with self.http.stream(
                "GET", self.piece_url(cid), headers=headers, follow_redirects=False
            ) as response:
                if response.status_code != HTTPStatus.PARTIAL_CONTENT:
                    raise self._no_range(response, await bounded(response, MOST_WORDS))
                async for portion in response.aiter_raw():
                    left -= len(portion)
                    if left < 0:
                        raise WrongAnswer(self.name, 206, "it sends more than it was asked for")
                    yield portion
        except httpx.HTTPError as error:
            raise self.unreachable(error) from error
        if left:
            raise WrongAnswer(self.name, 206, f"{left} bytes are missing at the end of a range")

    def _no_range(self, response: httpx.Response, body: bytes) -> FilecoinError:
        if response.is_success:
            said = "it sent something else than the range that was asked for"
            return WrongAnswer(self.name, response.status_code, said)
        return self.refusal(response, body)

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
