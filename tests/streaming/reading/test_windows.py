"""Bytes from whichever place has them, while places come and go."""

import asyncio
import errno
import os
import shutil
import threading
from contextlib import aclosing
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from library import encryption, places
from library.keys import films as keys
from library.models import Step, Video
from library.storing import steps, store, verify
from streaming.doors.bodies import layout
from streaming.errors import BytesUnavailable
from streaming.http.ranges import Window
from streaming.reading import kept, windows
from streaming.reading.files import files
from streaming.reading.kept import SEND
from tests.making import SMALL_PIECES, as_stored, received_video, stored_video, taken
from tests.running import polling
from tests.streaming.conftest import FILM

pytestmark = pytest.mark.django_db

WHOLE = Window(0, len(FILM))


def opened(video, window=WHOLE, turn=None):
    turn = turn or partial(encryption.turn, keys.of(video))
    return windows.open_window(layout(video), window, turn)


async def rest(reader):
    async with aclosing(reader):
        return b"".join([part async for part in reader])


def store_it(video):
    video.steps.filter(kind=Step.Kind.CHECK).update(state=Step.State.DONE)
    store.run(taken(steps.enqueue(video, Step.Kind.STORE)))
    verify.run(taken(video.steps.get(kind=Step.Kind.VERIFY)))


def open_files() -> list[str]:
    """The files of the data folder that somebody in this process reads from."""
    files.close_idle()
    data = str(places.data())
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            target = str(descriptor.readlink())
        except FileNotFoundError:
            continue
        if target.startswith((f"{data}/staging", f"{data}/pieces")):
            found.append(target)
    return found


@pytest.fixture
def staged(alice):
    return received_video(alice, FILM, piece_size=SMALL_PIECES)


@pytest.mark.parametrize("make", [received_video, stored_video])
def test_a_film_is_read_from_wherever_it_is(alice, make):
    video = make(alice, FILM, piece_size=SMALL_PIECES)
    assert asyncio.run(rest(opened(video))) == FILM
    assert open_files() == []


def test_nothing_is_sent_in_parts_larger_than_256_kib(staged):
    reader = opened(staged)

    async def sizes():
        return [len(part) async for part in reader]

    parts = asyncio.run(sizes())
    assert max(parts) == SEND == 256 * 1024
    assert sum(parts) == len(FILM)


def test_a_viewer_who_began_while_it_was_staged_sees_it_to_its_end(staged):
    """The rows said staging; by the second piece the worker has stored it."""
    reader = opened(staged)

    async def first():
        return await anext(reader)

    begin = asyncio.run(first())
    store_it(staged)
    assert not places.staging(staged.staging).exists()
    assert bytes(begin) + asyncio.run(rest(reader)) == FILM


def test_a_staged_copy_is_used_where_the_shelf_has_lost_its_own(staged):
    store.run(taken(steps.enqueue(staged, Step.Kind.STORE)))
    reader = opened(staged)

    async def first():
        return await anext(reader)

    begin = asyncio.run(first())
    shutil.rmtree(places.shelf())
    assert bytes(begin) + asyncio.run(rest(reader)) == FILM


def test_a_file_that_ends_early_is_left_for_the_next_in_the_middle_of_a_piece(staged):
    whole = {index: places.staged_piece(staged.staging, index).read_bytes() for index in range(3)}
    for piece in staged.pieces.all():
        path = places.shelved_piece(piece.piece_cid)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(whole[piece.index])
    os.truncate(places.staged_piece(staged.staging, 1), SMALL_PIECES // 2)
    assert asyncio.run(rest(opened(staged))) == FILM


@pytest.mark.parametrize("damage", ["removed", "truncated", "unreadable"])
def test_bytes_that_are_gone_end_the_stream_with_an_error(film, damage):
    """What was sent until then is right, and the end is not a quiet one."""
    path = places.shelved_piece(film.pieces.get(index=1).piece_cid)
    if damage == "truncated":
        os.truncate(path, 1000)
    else:
        path.unlink()
    if damage == "unreadable":
        path.mkdir()
    got = bytearray()
    reader = opened(film)

    async def watch():
        async with aclosing(reader):
            async for part in reader:
                got.extend(part)

    with pytest.raises(BytesUnavailable, match="Piece 1 of this film cannot be read"):
        asyncio.run(watch())
    assert got == FILM[:SMALL_PIECES]
    assert open_files() == []


@pytest.mark.parametrize("window", [Window(0, 10), Window(SMALL_PIECES - 1, SMALL_PIECES + 1)])
def test_a_window_opens_only_what_it_needs(film, window):
    places.shelved_piece(film.pieces.get(index=2).piece_cid).unlink()
    assert asyncio.run(rest(opened(film, window))) == FILM[window.start : window.stop]


def test_no_more_is_read_than_was_asked_for(film, monkeypatch):
    read = []
    preadv, pread = os.preadv, os.pread

    def counted(descriptor, buffers, *arguments):
        read.append(sum(map(len, buffers)))
        return preadv(descriptor, buffers, *arguments)

    def counted_too(descriptor, length, start):
        read.append(length)
        return pread(descriptor, length, start)

    monkeypatch.setattr(os, "preadv", counted)
    monkeypatch.setattr(os, "pread", counted_too)
    asyncio.run(rest(opened(film, Window(SMALL_PIECES - 5, SMALL_PIECES + 5))))
    assert read == [5, 5]


def test_bytes_are_turned_at_the_last_step_and_by_their_position(film):
    key = keys.of(film)
    stored = as_stored(film, FILM)

    def backwards(data, position):
        assert data == stored[position : position + len(data)]
        return bytes(encryption.turn(key, data, position))[::-1]

    window = Window(SMALL_PIECES - 3, SMALL_PIECES + 3)
    read = asyncio.run(rest(opened(film, window, backwards)))
    seam = SMALL_PIECES
    assert read == FILM[seam - 3 : seam][::-1] + FILM[seam : seam + 3][::-1]


# --- reading without waiting


class NoWaiting:
    """Stands in the way of reads that may not wait; the system's other answers are real."""

    def __init__(self, error: int) -> None:
        self.error, self.asked = error, 0

    def __call__(self, *_):
        self.asked += 1
        raise OSError(self.error, os.strerror(self.error))


@pytest.fixture(autouse=True)
def no_device_is_known():
    kept.always_wait.clear()
    yield
    kept.always_wait.clear()


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        pytest.param(errno.EAGAIN, 3, id="not in memory now: asked again for each part"),
        pytest.param(errno.EOPNOTSUPP, 1, id="never on this file system: remembered"),
    ],
)
def test_what_cannot_be_had_at_once_is_read_in_a_thread(film, monkeypatch, error, asked):
    refusing = NoWaiting(error)
    monkeypatch.setattr(os, "preadv", refusing)
    # Of four parts the first is read where the piece is opened, in a thread.
    assert asyncio.run(rest(opened(film, Window(0, SMALL_PIECES)))) == FILM[:SMALL_PIECES]
    assert refusing.asked == asked


def test_without_the_flag_everything_is_read_in_a_thread(film, monkeypatch):
    monkeypatch.delattr(os, "RWF_NOWAIT")
    assert asyncio.run(rest(opened(film))) == FILM


def test_hot_reads_do_not_leave_the_loop(film, monkeypatch):
    asyncio.run(rest(opened(film)))
    files.close_idle()
    threads = []
    pread = os.pread

    def counted(*arguments):
        threads.append(threading.current_thread().name)
        return pread(*arguments)

    monkeypatch.setattr(os, "pread", counted)
    asyncio.run(rest(opened(film)))
    if kept.always_wait:
        pytest.skip("this file system cannot read without waiting")
    # Only to open each of the three pieces; whoever comes next has them open.
    assert len(threads) == 3
    assert all(name.startswith("film-reader") for name in threads)
    asyncio.run(rest(opened(film)))
    assert len(threads) == 3


def test_a_file_that_was_replaced_is_opened_anew_and_one_that_is_gone_is_not_read(film):
    """Though it is open still: a repaired piece has the name of the damaged one."""
    path = places.shelved_piece(film.pieces.get(index=0).piece_cid)
    right = path.read_bytes()
    path.write_bytes(bytes(len(right)))
    begin = Window(0, SMALL_PIECES)
    assert asyncio.run(rest(opened(film, begin))) != FILM[:SMALL_PIECES]
    path.with_suffix(".new").write_bytes(right)
    path.with_suffix(".new").replace(path)
    assert asyncio.run(rest(opened(film, begin))) == FILM[:SMALL_PIECES]
    path.unlink()
    with pytest.raises(BytesUnavailable):
        asyncio.run(rest(opened(film, begin)))


def test_a_file_that_nobody_reads_is_let_go_soon(film, monkeypatch):
    """One that was removed keeps its room on the disk until then."""
    monkeypatch.setattr("streaming.reading.files.IDLE_SECONDS", 0.05)
    asyncio.run(rest(opened(film)))
    data = str(places.data() / "pieces")
    for _ in polling(10):
        links = [link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
        if not any(str(link).startswith(data) for link in links):
            return
    raise AssertionError("still open")


# --- leaving


def test_others_get_their_turn_between_any_two_parts(film):
    """Also of a viewer who keeps up with memory, or who has gone without being noticed yet."""
    reader = opened(film)
    turns = 0

    async def other():
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async def watch():
        await anext(reader)
        busy = asyncio.create_task(other())
        seen = []
        async for _ in reader:
            seen.append(turns)
        busy.cancel()
        return seen

    seen = asyncio.run(watch())
    assert all(later > earlier for earlier, later in pairwise(seen))


def test_a_viewer_who_leaves_frees_the_file_at_once(film):
    reader = opened(film)

    async def leave():
        await anext(reader)
        assert len(open_files()) == 1
        await reader.aclose()
        assert open_files() == []
        await reader.aclose()
        with pytest.raises(StopAsyncIteration):
            await anext(reader)

    asyncio.run(leave())


def test_a_viewer_who_leaves_during_a_slow_read_is_not_waited_for(film, monkeypatch):
    """The thread at work lets go of the file when its read has come back."""
    reading, go_on = threading.Event(), threading.Event()
    pread = os.pread

    def slow(*arguments):
        reading.set()
        assert go_on.wait(10)
        return pread(*arguments)

    monkeypatch.setattr(os, "pread", slow)

    reader = opened(film)

    async def leave():
        watching = asyncio.create_task(anext(reader))
        await asyncio.to_thread(reading.wait, 10)
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching
        await reader.aclose()
        assert len(open_files()) == 1
        go_on.set()
        while open_files():
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(leave(), 10))


def test_a_reader_that_is_forgotten_frees_its_file(film):
    readers = [opened(film)]

    async def forget():
        await anext(readers.pop())

    with pytest.warns(ResourceWarning):
        asyncio.run(forget())
        # The interpreter closes what nobody holds any more, and says so. The thread that
        # read last may hold on to it for a moment longer.
        for _ in polling(10):
            if not open_files():
                break
        assert open_files() == []


def test_a_video_knows_nothing_of_bytes_that_never_came(alice):
    video = stored_video(alice, b"")
    assert asyncio.run(rest(opened(video, Window(0, 0)))) == b""
    assert Video.objects.get(pk=video.pk).size == 0
