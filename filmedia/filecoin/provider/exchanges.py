"""
HTTP/1.1 for reading pieces, inside httpx: questions and pools are as ever, and a body whose
length is told can also be received into memory of one's own (see `bodies`).
"""

from __future__ import annotations

import asyncio
import enum
import ssl
import time
from typing import Any

import h11
import httpcore
import httpx

from .addresses import PublicBackend
from .bodies import BODY, Body
from .lines import Line, Lines, line_of

# Of one provider. A viewer may pause for longer than a block lasts; and httpcore counts those
# in use among the idle ones, so with fewer to keep it would keep none when there is much to do.
LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=64, keepalive_expiry=110.0)
_LONGEST_HEAD = 64 * 1024


class _State(enum.Enum):
    NEW, ACTIVE, IDLE, CLOSED = range(4)


class Exchange(httpcore.AsyncConnectionInterface):
    """One connection of httpcore's pool: takes requests without bodies, one after the other."""

    def __init__(
        self,
        origin: httpcore.Origin,
        context: ssl.SSLContext | None,
        backend: httpcore.AsyncNetworkBackend,
        keep: float | None,
    ) -> None:
        self._origin, self._context, self._backend, self._keep = origin, context, backend, keep
        self._state, self._expires = _State.NEW, 0.0
        self._line: Line | None = None

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        if self._state not in {_State.NEW, _State.IDLE}:
            raise httpcore.ConnectionNotAvailable
        self._state = _State.ACTIVE
        try:
            return await self._asked(request)
        except BaseException:
            await self.aclose()
            raise

    async def _asked(self, request: httpcore.Request) -> httpcore.Response:
        timeouts = request.extensions.get("timeout", {})
        again = self._line is not None
        line = self._line = self._line or await self._connected(timeouts.get("connect"))
        talk = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
        try:
            head = talk.send(
                h11.Request(
                    method=request.method, target=request.url.target, headers=request.headers
                )
            )
            end = talk.send(h11.EndOfMessage())
        except h11.LocalProtocolError as error:
            raise httpcore.LocalProtocolError(str(error)) from error
        try:
            line.write((head or b"") + (end or b""))
            answer = await _head(talk, line, timeouts.get("read"))
        except (_NothingCame, httpcore.WriteError) as error:
            if again:
                # It was closed while nobody used it, and the news came too late.
                raise httpcore.ConnectionNotAvailable from error
            raise httpcore.RemoteProtocolError("it left without an answer") from error
        body = Body(line, talk, answer, request.method, timeouts.get("read"), self._done)
        return httpcore.Response(
            answer.status_code,
            headers=answer.headers.raw_items(),
            content=body,
            extensions={"http_version": b"HTTP/" + answer.http_version, BODY: body},
        )

    async def _connected(self, timeout: float | None) -> Line:
        host = self._origin.host.decode("ascii")
        line = line_of(await self._backend.connect_tcp(host, self._origin.port, timeout))
        if self._origin.scheme == b"https":
            assert self._context is not None
            try:
                await line.secure(self._context, host, timeout or 60.0)
            except BaseException:
                line.close()
                raise
        return line

    def _done(self, reusable: bool) -> None:
        """The body was read, or left."""
        if reusable and self._line is not None and self._line.is_quiet:
            self._state = _State.IDLE
            self._expires = time.monotonic() + (self._keep if self._keep is not None else 1e9)
            self._line.listen()
        else:
            self._close()

    def _close(self) -> None:
        self._state = _State.CLOSED
        if self._line is not None:
            self._line.close()

    async def aclose(self) -> None:
        self._close()

    # --- what the pool asks -----------------------------------------------------------

    def can_handle_request(self, origin: httpcore.Origin) -> bool:
        return origin == self._origin

    def is_available(self) -> bool:
        return self._state is _State.IDLE and not self.has_expired()

    def has_expired(self) -> bool:
        if self._state is not _State.IDLE:
            return False
        assert self._line is not None
        return time.monotonic() > self._expires or not self._line.is_quiet

    def is_idle(self) -> bool:
        return self._state is _State.IDLE

    def is_closed(self) -> bool:
        return self._state is _State.CLOSED

    def info(self) -> str:
        return f"{self._origin}, {self._state.name.lower()}"


class _NothingCame(httpcore.RemoteProtocolError):
    pass


async def _head(talk: h11.Connection, line: Line, timeout: float | None) -> h11.Response:
    """Until the whole head has come, within `timeout`, however busily it comes."""
    came = False
    try:
        async with asyncio.timeout(timeout):
            while True:
                event = talk.next_event()
                if isinstance(event, h11.Response):
                    return event
                if event is h11.NEED_DATA:
                    data = await line.some(None)
                    if not data:
                        raise (httpcore.RemoteProtocolError if came else _NothingCame)("it left")
                    came = True
                    talk.receive_data(data)
                elif not isinstance(event, h11.InformationalResponse):
                    raise httpcore.RemoteProtocolError("that is no answer")
    except TimeoutError as error:
        raise httpcore.ReadTimeout("no answer in time") from error
    except h11.RemoteProtocolError as error:
        raise httpcore.RemoteProtocolError(str(error)) from error


class _Pool(httpcore.AsyncConnectionPool):
    def create_connection(self, origin: httpcore.Origin) -> httpcore.AsyncConnectionInterface:
        return Exchange(origin, self._ssl_context, self._network_backend, self._keepalive_expiry)


class ReadingTransport(httpx.AsyncHTTPTransport):
    """The usual transport, whose connections are `Exchange`s."""

    def __init__(self, context: ssl.SSLContext, backend: httpcore.AsyncNetworkBackend) -> None:
        # httpx has no door for another pool; without one of its own it is as it says.
        self._pool: Any = _Pool(
            ssl_context=context,
            max_connections=LIMITS.max_connections,
            max_keepalive_connections=LIMITS.max_keepalive_connections,
            keepalive_expiry=LIMITS.keepalive_expiry,
            network_backend=backend,
        )


def transport(context: ssl.SSLContext, allow_insecure: bool = False) -> ReadingTransport:
    """For reading from strangers; `allow_insecure` lets it find this machine."""
    return ReadingTransport(context, Lines() if allow_insecure else PublicBackend(Lines()))
