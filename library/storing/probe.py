"""
Having a film examined by the program in `examining`, and outliving whatever it does.

This side starts it with nothing but a socket, gives it the bytes it asks for, and ends it
when it takes too long. It decides nothing about films.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings

from library.storing import facts
from library.storing.errors import ExaminationBroke, Unexpected
from library.storing.examining import wire
from library.storing.examining.__main__ import OUT_OF_MEMORY
from library.storing.facts import Facts, NotFacts

log = logging.getLogger(__name__)

Read = Callable[[int, int], bytes]

_JPEG = b"\xff\xd8\xff"
# How long one message may be under way; the program is doing nothing else meanwhile.
_MESSAGE_SECONDS = 20
_LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Limits:
    """What one examination may take. Ordinary films need a second and 400 MB."""

    seconds: int = 90
    cpu_seconds: int = 60
    memory: int = 2 * 1024**3


@dataclass(frozen=True)
class Examination:
    facts: Facts
    poster: bytes


def examine(
    read: Read, size: int, *, go_on: Callable[[], None] = lambda: None, limits: Limits | None = None
) -> Examination:
    """
    Examine the `size` bytes that `read(position, length)` gives.

    Calls `go_on` all the while; what it raises ends the program too. Raises
    ExaminationBroke when there is no answer.
    """
    limits = limits or Limits()
    with _program(size, limits) as (process, channel):
        conversation = _Conversation(channel, read, size, limits, go_on)
        try:
            return conversation.hold()
        except (EOFError, OSError) as error:
            raise _broken(process, limits) from error


class _Conversation:
    def __init__(
        self,
        channel: socket.socket,
        read: Read,
        size: int,
        limits: Limits,
        go_on: Callable[[], None],
    ) -> None:
        self.channel, self.read, self.size = channel, read, size
        self.limits, self.go_on = limits, go_on
        self.deadline = time.monotonic() + limits.seconds

    def hold(self) -> Examination:
        found, poster = None, b""
        while True:
            self._wait()
            try:
                kind, position, length = wire.ASKED.unpack(
                    wire.receive(self.channel, wire.ASKED.size)
                )
            except EOFError:
                # Its end after the facts is the end of the conversation.
                if found is None:
                    raise
                return Examination(found, poster)
            if kind == wire.READ:
                self._answer(position, length)
            elif kind == wire.FACTS and found is None:
                found = self._facts(length)
            elif kind == wire.POSTER and found is not None and not poster:
                poster = self._poster(length)
            elif kind == wire.CRASHED:
                words = self._body(length, wire.MOST_WORDS).decode(errors="replace")
                log.warning("The examining program broke down:\n%s", words)
            else:
                raise ExaminationBroke("The examination of this film gave no clear answer.")

    def _wait(self) -> None:
        """Until the program says something, or has gone."""
        heard = False
        while not heard:
            heard = bool(select.select([self.channel], [], [], _LOOK_SECONDS)[0])
            self.go_on()
            if time.monotonic() > self.deadline:
                raise _too_long(self.limits)

    def _answer(self, position: int, length: int) -> None:
        length = min(length, wire.MOST_READ, max(self.size - position, 0))
        try:
            data = self.read(position, length) if length else b""
        except OSError as error:
            # Ours, not the program's: it must not look as if that had broken down.
            raise Unexpected(error) from error
        self.channel.sendall(wire.ANSWERED.pack(len(data)) + data)

    def _facts(self, length: int) -> Facts:
        try:
            return facts.parse(self._body(length, wire.MOST_FACTS))
        except NotFacts as error:
            raise ExaminationBroke(f"The examination's answer is of no use: {error}.") from error

    def _poster(self, length: int) -> bytes:
        poster = self._body(length, wire.MOST_POSTER)
        return poster if poster.startswith(_JPEG) else b""

    def _body(self, length: int, most: int) -> bytes:
        if length > most:
            raise ExaminationBroke("The examination of this film gave too long an answer.")
        return wire.receive(self.channel, length)


@contextmanager
def _program(size: int, limits: Limits) -> Iterator[tuple[subprocess.Popen[bytes], socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(_MESSAGE_SECONDS)
        process = _start(theirs, size, limits)
        theirs.close()
        try:
            yield process, ours
        finally:
            ours.close()
            _end(process)


def _start(channel: socket.socket, size: int, limits: Limits) -> subprocess.Popen[bytes]:
    # Isolated Python reads no environment and no current folder, so the way to our own
    # modules is told in so many words, behind everything that is installed.
    start = (
        "import runpy, sys; sys.path.append(sys.argv.pop(1)); "
        "runpy.run_module('library.storing.examining', run_name='__main__', alter_sys=True)"
    )
    numbers = [channel.fileno(), size, limits.memory, limits.cpu_seconds]
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", "-c", start, str(settings.BASE_DIR), *map(str, numbers)],
        pass_fds=[channel.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # No secret of ours, and one arena: each reserves memory that counts as used.
        env={"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1"},
        cwd="/",
        start_new_session=True,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """It has had its say, or will not have it: whatever it still does ends here."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _broken(process: subprocess.Popen[bytes], limits: Limits) -> ExaminationBroke:
    """It went without an answer: say why, as far as its end tells."""
    try:
        ended = process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        return _too_long(limits)
    if ended == OUT_OF_MEMORY:
        return ExaminationBroke(
            f"This film could not be examined within {limits.memory // 1024**2} MB of memory."
        )
    if ended in {-signal.SIGXCPU, -signal.SIGKILL}:
        return _too_long(limits)
    return ExaminationBroke("The program that examines films broke down over this one.")


def _too_long(limits: Limits) -> ExaminationBroke:
    return ExaminationBroke(f"This film could not be examined within {limits.seconds} seconds.")
