"""
Connections that receive straight into the memory of whoever reads.

A block of a piece is a MiB. Taken portion by portion it is copied four times before it is
whole; here the kernel's copy is the only one. What nobody waits for stays with the system,
so that a sender is made to wait as well.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any, cast

import httpcore

# Bytes that may come before anybody wants them: answers' heads, and the first of a block.
HELD = 64 * 1024


class Line(asyncio.BufferedProtocol):
    """One connection, read by one task at a time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._held = memoryview(bytearray(HELD))
        self._first = self._last = 0
        self._into: memoryview | None = None
        self._filled = 0
        self._waiter: asyncio.Future[None] | None = None
        self._paused = False
        self.ended = False
        # When anything came last, on the loop's clock.
        self.moved = self._loop.time()

    # --- reading and writing ----------------------------------------------------------

    async def fill(self, into: memoryview, stall: float | None) -> int:
        """
        How many bytes of `into` came; fewer than all only where the other side ended. Raises
        ReadTimeout where nothing at all comes for `stall` seconds.
        """
        self._into, self._filled = into, self._from_held(into)
        try:
            while self._filled < len(into) and not self.ended:
                await self._more(stall)
            return self._filled
        finally:
            self._into = None

    async def some(self, stall: float | None) -> bytes:
        """What came and nobody took, or else what comes next; nothing at the end."""
        while self._first == self._last and not self.ended:
            await self._more(stall)
        data = bytes(self._held[self._first : self._last])
        self._first = self._last = 0
        return data

    def put_back(self, data: bytes | bytearray) -> None:
        """These bytes were read too early: they are the next ones again."""
        rest = bytes(self._held[self._first : self._last])
        self._first, self._last = 0, len(data) + len(rest)
        if self._last >= len(self._held):
            self._held = memoryview(bytearray(self._last + HELD))
        self._held[: self._last] = bytes(data) + rest

    def write(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            raise httpcore.WriteError("the connection is closed")
        self._transport.write(data)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing came that nobody asked for, the end included."""
        return not self.ended and self._first == self._last

    def listen(self) -> None:
        """Nobody reads, and the end is to be noticed all the same."""
        if self._paused and self._transport is not None and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    def close(self) -> None:
        """At once: what is on its way is of no use to anybody."""
        self.ended = True
        if self._transport is not None:
            self._transport.abort()

    async def secure(self, context: ssl.SSLContext, name: str | None, seconds: float) -> None:
        """Go on in TLS."""
        assert self._transport is not None
        if not self.is_quiet:
            # Anybody on the way could have put that in front of what TLS protects.
            raise httpcore.ConnectError("it spoke before there was TLS")
        try:
            made = await self._loop.start_tls(
                self._transport,
                cast(asyncio.Protocol, self),
                context,
                server_hostname=name,
                ssl_handshake_timeout=seconds,
            )
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("no TLS in time") from error
        except OSError as error:  # ssl.SSLError is one
            raise httpcore.ConnectError("no TLS") from error
        if made is None:
            raise httpcore.ConnectError("it left before there was TLS")
        self._transport = made

    # --- what the loop tells ----------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        if self._into is not None and self._filled < len(self._into):
            return self._into[self._filled :]
        if self._last == len(self._held):
            # The loop was told to wait, and had this already.
            self.put_back(b"")
        return self._held[self._last :]

    def buffer_updated(self, count: int) -> None:
        self.moved = self._loop.time()
        if self._into is not None and self._filled < len(self._into):
            self._filled += count
            if self._filled == len(self._into):
                self._wake()
            return
        self._last += count
        if self._into is None and self._waiter is not None and not self._waiter.done():
            self._wake()
            if self._last < len(self._held):
                return
        # Nobody wants it yet, or those who do have not come to it.
        self._pause()

    def eof_received(self) -> bool:
        self.ended = True
        self._wake()
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self.ended = True
        self._wake()

    # --- waiting ----------------------------------------------------------------------

    async def _more(self, stall: float | None) -> None:
        """Until something was told. A future once set is never waited for twice."""
        assert self._waiter is None, "one task at a time reads a line"
        self.listen()
        self._waiter = waiter = self._loop.create_future()
        began = self._loop.time()
        alarm = None

        def look() -> None:
            nonlocal alarm
            quiet = self._loop.time() - max(began, self.moved)
            if waiter.done():
                return
            if stall is not None and quiet >= stall:
                waiter.set_exception(httpcore.ReadTimeout("nothing comes any more"))
            elif stall is not None:
                alarm = self._loop.call_later(stall - quiet + 0.001, look)

        if stall is not None:
            alarm = self._loop.call_later(stall, look)
        try:
            await waiter
        finally:
            self._waiter = None
            if alarm is not None:
                alarm.cancel()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _pause(self) -> None:
        if not self._paused and self._transport is not None and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()

    def _from_held(self, into: memoryview) -> int:
        count = min(self._last - self._first, len(into))
        if count:
            into[:count] = self._held[self._first : self._first + count]
            self._first += count
            if self._first == self._last:
                self._first = self._last = 0
        return count


class _Stream(httpcore.AsyncNetworkStream):
    """A line, in the way in which httpcore's backends hand connections over."""

    def __init__(self, line: Line) -> None:
        self.line = line

    async def aclose(self) -> None:
        self.line.close()


class Lines(httpcore.AsyncNetworkBackend):
    """Makes lines. They are asked for through `PublicBackend`, wherever strangers are."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                _, line = await loop.create_connection(Line, host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("nobody answers in time") from error
        except OSError as error:
            raise httpcore.ConnectError("nobody answers") from error
        return _Stream(line)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def line_of(stream: httpcore.AsyncNetworkStream) -> Line:
    assert isinstance(stream, _Stream)
    return stream.line
