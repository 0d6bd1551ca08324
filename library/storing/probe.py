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
from library.storing.facts import Facts, NotFacts, Sheet

log = logging.getLogger(__name__)

Read = Callable[[int, int], bytes]

_JPEG = b"\xff\xd8\xff"
# How long one message may be under way; the program is doing nothing else meanwhile.
_MESSAGE_SECONDS = 20
_LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Limits:
    """
    What one examination may take. Ordinary films need a second and 400 MB; the storyboard of
    an hour needs half a minute.
    """

    seconds: int = 90
    cpu_seconds: int = 60
    memory: int = 2 * 1024**3


@dataclass(frozen=True)
class Examination:
    facts: Facts
    poster: bytes


@dataclass(frozen=True)
class Storyboard:
    """Small pictures of a film, and how they lie in their sheet, a JPEG."""

    facts: Sheet
    sheet: bytes


def examine(
    read: Read,
    size: int,
    *,
    at: float | None = None,
    go_on: Callable[[], None] = lambda: None,
    limits: Limits | None = None,
) -> Examination:
    """
    Examine the `size` bytes that `read(position, length)` gives; the poster is the picture
    at second `at`, where there is one.

    Calls `go_on` all the while; what it raises ends the program too. Raises
    ExaminationBroke when there is no answer.
    """
    task = _Task(wire.FILM, wire.MOST_POSTER, at)
    said, poster = _converse(task, read, size, go_on, limits or Limits())
    try:
        return Examination(facts.parse(said), poster)
    except NotFacts as error:
        raise _useless(error) from error


def storyboard(
    read: Read, size: int, *, go_on: Callable[[], None] = lambda: None, limits: Limits | None = None
) -> Storyboard | None:
    """Small pictures of the film, in the same way; None where none can be taken."""
    task = _Task(wire.STORYBOARD, wire.MOST_SHEET)
    said, sheet = _converse(task, read, size, go_on, limits or Limits())
    try:
        found = facts.parse_sheet(said)
    except NotFacts as error:
        raise _useless(error) from error
    return Storyboard(found, sheet) if found and sheet else None


def rendition(
    read: Read,
    size: int,
    quality: int,
    write: Callable[[bytes], None],
    *,
    go_on: Callable[[], None] = lambda: None,
    limits: Limits | None = None,
) -> tuple[int, int] | str:
    """
    Have the film made once more, no higher than `quality`, and given to `write` in order.

    How large its picture is, or the problem that makes it none. What `write` raises ends the
    program; what it was given counts for nothing then.
    """
    task = _Task(wire.RENDITION, 0, float(quality), write)
    said, _ = _converse(task, read, size, go_on, limits or Limits())
    try:
        return facts.parse_rendition(said)
    except NotFacts as error:
        raise _useless(error) from error


def _unasked(data: bytes) -> None:
    raise ExaminationBroke("The examination of this film gave no clear answer.")


@dataclass(frozen=True)
class _Task:
    name: str
    most: int  # bytes of its picture
    at: float | None = None
    write: Callable[[bytes], None] = _unasked


def _converse(
    task: _Task, read: Read, size: int, go_on: Callable[[], None], limits: Limits
) -> tuple[bytes, bytes]:
    """What the program says, unchecked, and its picture, which is a JPEG or nothing."""
    with _program(task, size, limits) as (process, channel):
        conversation = _Conversation(channel, read, size, limits, go_on, task)
        try:
            return conversation.hold()
        except (EOFError, OSError) as error:
            raise _broken(process, limits) from error


def _useless(error: NotFacts) -> ExaminationBroke:
    return ExaminationBroke(f"The examination's answer is of no use: {error}.")


class _Conversation:
    def __init__(
        self,
        channel: socket.socket,
        read: Read,
        size: int,
        limits: Limits,
        go_on: Callable[[], None],
        task: _Task,
    ) -> None:
        self.channel, self.read, self.size = channel, read, size
        self.limits, self.go_on = limits, go_on
        self.most_of_picture, self.write = task.most, task.write
        self.deadline = time.monotonic() + limits.seconds

    def hold(self) -> tuple[bytes, bytes]:
        said, picture = None, b""
        while True:
            self._wait()
            try:
                kind, position, length = wire.ASKED.unpack(
                    wire.receive(self.channel, wire.ASKED.size)
                )
            except EOFError:
                # Its end after the facts is the end of the conversation.
                if said is None:
                    raise
                return said, picture
            if kind == wire.READ:
                self._answer(position, length)
            elif kind == wire.OUTPUT and said is None:
                self._take(length)
            elif kind == wire.FACTS and said is None:
                said = self._body(length, wire.MOST_FACTS)
            elif kind == wire.PICTURE and said is not None and not picture:
                picture = self._picture(length)
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

    def _take(self, length: int) -> None:
        data = self._body(length, wire.MOST_READ)
        try:
            self.write(data)
        except OSError as error:
            # Ours too: a disk that is full is not the program's fault.
            raise Unexpected(error) from error

    def _picture(self, length: int) -> bytes:
        picture = self._body(length, self.most_of_picture)
        return picture if picture.startswith(_JPEG) else b""

    def _body(self, length: int, most: int) -> bytes:
        if length > most:
            raise ExaminationBroke("The examination of this film gave too long an answer.")
        return wire.receive(self.channel, length)


@contextmanager
def _program(
    task: _Task, size: int, limits: Limits
) -> Iterator[tuple[subprocess.Popen[bytes], socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(_MESSAGE_SECONDS)
        process = _start(theirs, task, size, limits)
        theirs.close()
        try:
            yield process, ours
        finally:
            ours.close()
            _end(process)


def _start(
    channel: socket.socket, task: _Task, size: int, limits: Limits
) -> subprocess.Popen[bytes]:
    # Isolated Python reads no environment and no current folder, so the way to our own
    # modules is told in so many words, behind everything that is installed.
    start = (
        "import runpy, sys; sys.path.append(sys.argv.pop(1)); "
        "runpy.run_module('library.storing.examining', run_name='__main__', alter_sys=True)"
    )
    numbers = [channel.fileno(), size, limits.memory, limits.cpu_seconds]
    said = [*map(str, numbers), task.name, "" if task.at is None else str(task.at)]
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", "-c", start, str(settings.BASE_DIR), *said],
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
