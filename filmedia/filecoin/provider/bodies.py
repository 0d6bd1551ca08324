"""
The bodies of answers over a `Line`. One whose length is told is received into memory of
one's own, without a copy in between; h11 reads those that come in any other way.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import h11
import httpcore
import httpx

from .lines import Line

# The name under which an answer's `Body` is among its extensions.
BODY = "filmedia.body"


class Body:
    """
    The body of an answer, once: either portion by portion, or by `fill` where `left` is known.
    Closed early, the connection ends: there is no other way not to be sent the rest. `done` is
    told whether the connection can be used again.
    """

    def __init__(
        self,
        line: Line,
        talk: h11.Connection,
        answer: h11.Response,
        method: bytes,
        stall: float | None,
        done: Callable[[bool], None],
    ) -> None:
        self.line, self._talk, self._stall, self._done = line, talk, stall, done
        self._closed = False
        self._keeps = answer.http_version == b"1.1" and not _says_close(answer)
        self.left = _length(answer, method)
        if self.left is not None:
            # From here on the bytes do not pass through h11.
            line.put_back(talk.trailing_data[0])

    async def fill(self, into: memoryview) -> int:
        """As `Line.fill`, never past the end of the body. Raises httpx.HTTPError."""
        assert self.left is not None
        wanted = into[: self.left]
        try:
            count = await self.line.fill(wanted, self._stall)
        except httpcore.ReadTimeout as error:
            raise httpx.ReadTimeout(str(error)) from error
        self.left -= count
        if count < len(wanted):
            raise httpx.RemoteProtocolError("it broke off in the middle of its answer")
        return count

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            if self.left is None:
                async for data in self._portions():
                    yield data
            else:
                while self.left:
                    data = await self.line.some(self._stall)
                    if not data:
                        raise httpcore.RemoteProtocolError("it broke off in its answer")
                    if len(data) > self.left:
                        self.line.put_back(data[self.left :])
                        data = data[: self.left]
                    self.left -= len(data)
                    yield data
        except BaseException:
            await self.aclose()
            raise

    async def _portions(self) -> AsyncIterator[bytes]:
        while True:
            try:
                event = self._talk.next_event()
                if event is h11.NEED_DATA:
                    self._talk.receive_data(await self.line.some(self._stall))
                    continue
            except h11.RemoteProtocolError as error:
                raise httpcore.RemoteProtocolError(str(error)) from error
            if not isinstance(event, h11.Data):
                return
            yield bytes(event.data)

    async def aclose(self) -> None:
        if not self._closed:
            self._closed = True
            # After a body that came in another way it is simpler to begin anew.
            self._done(self.left == 0 and self._keeps)


def _says_close(answer: h11.Response) -> bool:
    told = [value for name, value in answer.headers if name == b"connection"]
    return any(b"close" in value.lower() for value in told)


def _length(answer: h11.Response, method: bytes) -> int | None:
    """Of the body; None where only its end tells. h11 has looked at the headers by now."""
    told = dict(answer.headers)
    if method == b"HEAD" or answer.status_code in {204, 304}:
        return 0
    if b"transfer-encoding" in told or b"content-length" not in told:
        return None
    return int(told[b"content-length"])
