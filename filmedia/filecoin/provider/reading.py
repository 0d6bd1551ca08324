"""
Reading pieces over HTTP, whole or a range of one.

Just the bytes that were asked for or an error; whether they are the right bytes is for the
caller, who has the roots of their blocks.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from http import HTTPStatus

import httpx

from ..cid import PieceCid
from ..errors import PieceError, ProviderError, ProviderUnreachable, WrongAnswer
from .asking import MOST_WORDS, Asking, beginning
from .incoming import PATIENCE, SLOWEST, Incoming

_LENGTH = re.compile(r"[0-9]{1,19}")
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,19})-([0-9]{1,19})/([0-9]{1,19}|\*)")


class Reading(Asking):
    # Whether the whole piece is an answer to a range of it: its other bytes are let pass by.
    takes_whole = False

    def path_of(self, cid: PieceCid) -> str:
        return f"/piece/{cid}"

    def piece_url(self, cid: PieceCid) -> str:
        return self.url(self.path_of(cid))

    async def size(self, cid: PieceCid) -> int:
        """Bytes of the piece as it is held there."""
        response, _ = await self.ask("HEAD", self.path_of(cid))
        length = response.headers.get("Content-Length", "")
        if not _LENGTH.fullmatch(length):
            raise WrongAnswer(self.name, response.status_code, "it does not tell the piece's size")
        return int(length)

    async def read(self, cid: PieceCid, start: int, stop: int) -> bytes:
        """
        Bytes of a piece from `start` up to, not with, `stop`; not verified here. Raises
        WrongAnswer for any answer that is not just this range, ProviderUnreachable where
        the connection breaks or goes very slowly. Never takes more than was asked for.
        """
        found = bytearray()
        async with aclosing(self.stream(cid, start, stop)) as portions:
            async for portion in portions:
                found += portion
        return bytes(found)

    async def stream(
        self, cid: PieceCid, start: int = 0, stop: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        """As `read`, portion by portion; without `stop` to the end that the CID names."""
        end = cid.size if stop is None else stop
        if self._is_empty(cid, start, end):
            return
        async with self._asked(cid, start, end, None) as response:
            position = await self._first_position(response, cid, start, end)
            async for portion in self._window(response, position, start, end):
                yield portion

    @asynccontextmanager
    async def opened(
        self, cid: PieceCid, start: int, stop: int, timeout: httpx.Timeout
    ) -> AsyncIterator[Incoming]:
        """
        As `stream`, for whoever has memory of their own to receive into. `timeout.read` is how
        long there may be no answer, and later nothing more of it. Left early, the connection
        ends; read to its end, it is kept.
        """
        if self._is_empty(cid, start, stop):
            raise PieceError("An empty range needs nobody who has it.")
        async with self._asked(cid, start, stop, timeout) as response:
            position = await self._first_position(response, cid, start, stop)
            whole = response.status_code == HTTPStatus.OK
            told = response.headers.get("Content-Length", "")
            expected = cid.size if whole else stop - start
            if told and told != str(expected):
                raise self._wrong(response, f"it sends {told[:20]} bytes, and not {expected}")
            ignores = whole and (start, stop) != (0, cid.size)
            yield Incoming(response, self.name, start - position, stop - start, ignores)

    def _is_empty(self, cid: PieceCid, start: int, end: int) -> bool:
        if not 0 <= start <= end <= cid.size:
            raise PieceError(f"A piece of {cid.size} bytes has no range from {start} to {end}.")
        return start == end

    @asynccontextmanager
    async def _asked(
        self, cid: PieceCid, start: int, end: int, timeout: httpx.Timeout | None
    ) -> AsyncIterator[httpx.Response]:
        headers = {
            # With any other encoding offered, the Range would be dropped.
            "Accept-Encoding": "identity",
            "Range": f"bytes={start}-{end - 1}",
        }
        request = self.http.build_request(
            "GET",
            self.piece_url(cid),
            headers=headers,
            timeout=httpx.USE_CLIENT_DEFAULT if timeout is None else timeout,
        )
        try:
            response = await self.http.send(request, stream=True, follow_redirects=False)
            try:
                yield response
            finally:
                await response.aclose()
        except httpx.HTTPError as error:
            raise self.unreachable(error) from error

    async def _window(
        self, response: httpx.Response, position: int, start: int, end: int
    ) -> AsyncIterator[bytes]:
        """What lies between `start` and `end` in a body that begins at `position`."""
        whole = response.status_code == HTTPStatus.OK
        async for portion in self._paced(response):
            before, position = position, position + len(portion)
            if position > end and not whole:
                raise self._wrong(response, "it sends more than it was asked for")
            wanted = portion[max(start - before, 0) : end - before]
            if wanted:
                yield wanted
            if position >= end and whole:
                # Hanging up is the only way not to be sent the rest.
                return
        if position < end:
            raise self._wrong(response, f"{end - position} bytes are missing at the end")

    async def _first_position(
        self, response: httpx.Response, cid: PieceCid, start: int, end: int
    ) -> int:
        """Where in the piece the answer begins. Raises where it is not an answer."""
        whole = (start, end) == (0, cid.size)
        if response.status_code == HTTPStatus.OK and (whole or self.takes_whole):
            self._check_encoding(response)
            return 0
        if response.status_code != HTTPStatus.PARTIAL_CONTENT:
            if response.is_success:
                raise self._another_range(response)
            body = await beginning(response, MOST_WORDS)
            raise self.refusal(response, body, otherwise=ProviderError)
        self._check_encoding(response)
        told = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if told is None or (int(told[1]), int(told[2])) != (start, end - 1):
            raise self._another_range(response)
        if told[3] not in {"*", str(cid.size)}:
            raise self._wrong(response, f"its piece has {told[3]} bytes, and not {cid.size}")
        return start

    def _check_encoding(self, response: httpx.Response) -> None:
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise self._wrong(response, "it compressed what was to come as it is")

    def _another_range(self, response: httpx.Response) -> WrongAnswer:
        what = "it sent something else than the range that was asked for"
        return self._wrong(response, what)

    async def _paced(self, response: httpx.Response) -> AsyncIterator[bytes]:
        """Raises where it goes so slowly that it may never end. Our own pauses do not count."""
        waited, came = 0.0, 0
        portions = response.aiter_raw()
        while True:
            began = self._clock()
            portion = await anext(portions, None)
            waited += self._clock() - began
            if portion is None:
                return
            came += len(portion)
            if waited > PATIENCE and came < waited * SLOWEST:
                raise ProviderUnreachable(self.name, "it sends far too slowly")
            yield portion

    def _wrong(self, response: httpx.Response, what: str) -> WrongAnswer:
        return WrongAnswer(self.name, response.status_code, what)
