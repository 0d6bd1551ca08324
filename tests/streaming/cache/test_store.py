"""Nothing from the disk is believed before it was found right."""

import errno
import os
import shutil

import pytest

from filmedia.filecoin.piece import BLOCK_SIZE
from library import places
from streaming.cache import room, store
from streaming.cache.store import Store
from streaming.cache.supply import ReadAhead, Supply
from streaming.errors import BytesUnavailable
from tests.streaming.cache.conftest import on_disk, opened_blocks, read, settled, until

INDEX = 4


def put(known, index=INDEX, keeper=None):
    """As somebody leaves it on disk who is no more."""
    opened = (keeper or Store()).put(known.film, index, memoryview(known.block(index)), "p")
    assert opened is not None
    return places.cached_block(known.film.cid, index)


def truncated(path):
    os.truncate(path, BLOCK_SIZE // 2)


def emptied(path):
    os.truncate(path, 0)


def zeros(path):
    """The length reached the disk before a power cut, and the bytes did not."""
    os.truncate(path, 0)
    os.truncate(path, BLOCK_SIZE)


def zeros_at_the_end(path):
    os.truncate(path, BLOCK_SIZE - 4096)
    os.truncate(path, BLOCK_SIZE)


def garbage(path):
    path.write_bytes(os.urandom(BLOCK_SIZE))


def flipped(path):
    with path.open("r+b") as file:
        file.seek(3333)
        byte = file.read(1)
        file.seek(3333)
        file.write(bytes([byte[0] ^ 1]))


def longer(path):
    with path.open("ab") as file:
        file.write(b"and more")


def replaced(path):
    path.unlink()
    path.symlink_to("/etc/hostname")


DAMAGES = [truncated, emptied, zeros, zeros_at_the_end, garbage, flipped, longer, replaced]


@pytest.mark.anyio
@pytest.mark.parametrize("damage", DAMAGES)
async def test_what_is_damaged_reaches_no_viewer_and_is_fetched_anew(known, elsewhere, damage):
    path = put(known)
    damage(path)
    supply = Supply(elsewhere)
    with await supply.block(known.film, INDEX) as block:
        assert block.read(0, BLOCK_SIZE) == known.block(INDEX)
        assert block.source == "provider 1"
    assert path.read_bytes() == known.block(INDEX)
    assert not path.is_symlink()


@pytest.mark.anyio
@pytest.mark.parametrize("damage", DAMAGES)
async def test_also_what_this_process_had_found_right_before(known, elsewhere, damage):
    supply = Supply(elsewhere)
    assert await read(supply, known.film, INDEX) == known.block(INDEX)
    damage(places.cached_block(known.film.cid, INDEX))
    # It is still open: a file of that name that is another one does not matter to it.
    assert await read(supply, known.film, INDEX) == known.block(INDEX)
    supply._store.pool.close()
    assert await read(supply, known.film, INDEX) == known.block(INDEX)


@pytest.mark.anyio
async def test_damaged_blocks_are_also_found_by_read_ahead(known, elsewhere):
    for index in range(10):
        flipped(put(known, index))
    supply, ahead = Supply(elsewhere), ReadAhead(known.film)
    for index in range(10):
        assert await read(supply, known.film, index, ahead) == known.block(index)
    assert set(elsewhere.given.values()) == {1}


@pytest.mark.anyio
async def test_a_block_is_hashed_once_and_after_that_only_when_it_is_another_file(
    known, elsewhere, monkeypatch
):
    put(known)
    hashed = []
    is_right = type(known.film).is_right

    def counted(film, index, data):
        hashed.append(index)
        return is_right(film, index, data)

    monkeypatch.setattr(type(known.film), "is_right", counted)
    supply = Supply(elsewhere)
    for _ in range(3):
        await read(supply, known.film, INDEX)
        supply._store.pool.close()
    assert hashed == [INDEX]
    put(known)
    await read(supply, known.film, INDEX)
    assert hashed == [INDEX, INDEX]


@pytest.mark.anyio
async def test_where_no_disk_is_trusted_each_opening_is_checked(known, elsewhere, settings):
    settings.STREAM_VERIFY_ALWAYS = True
    supply = Supply(elsewhere)
    await read(supply, known.film, INDEX)
    path = places.cached_block(known.film.cid, INDEX)
    status = path.stat()
    flipped(path)
    # Who damages may also hide it.
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert await read(supply, known.film, INDEX) == known.block(INDEX)


@pytest.mark.anyio
async def test_a_file_that_is_cut_short_while_it_is_read_ends_the_stream(known, elsewhere):
    with await Supply(elsewhere).block(known.film, INDEX) as block:
        truncated(places.cached_block(known.film.cid, INDEX))
        assert block.read_now(BLOCK_SIZE - 100, 100) is None
        with pytest.raises(BytesUnavailable):
            block.read(BLOCK_SIZE - 100, 100)


class BadSector:
    """A place of the disk that does not give back what was written there."""

    def __init__(self, path, monkeypatch):
        self._inode = path.stat().st_ino
        for name in ("pread", "preadv"):
            monkeypatch.setattr(os, name, self._around(getattr(os, name)))

    def _around(self, whole):
        def read(descriptor, *given):
            if os.fstat(descriptor).st_ino == self._inode:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return whole(descriptor, *given)

        return read


@pytest.mark.anyio
async def test_a_block_that_the_disk_does_not_give_back_is_fetched_anew(
    known, elsewhere, monkeypatch
):
    BadSector(put(known), monkeypatch)
    assert await read(Supply(elsewhere), known.film, INDEX) == known.block(INDEX)


@pytest.mark.anyio
async def test_one_that_was_right_and_cannot_be_read_any_more_is_not_given_again(
    known, elsewhere, monkeypatch
):
    supply = Supply(elsewhere)
    await read(supply, known.film, INDEX)
    BadSector(places.cached_block(known.film.cid, INDEX), monkeypatch)
    with pytest.raises(BytesUnavailable):
        await read(supply, known.film, INDEX)
    assert await read(supply, known.film, INDEX) == known.block(INDEX)
    assert set(elsewhere.given.values()) == {2}


@pytest.mark.anyio
@pytest.mark.parametrize("error", [errno.EROFS, errno.EPERM])
async def test_a_disk_that_only_gives_is_read_all_the_same(known, elsewhere, monkeypatch, error):
    put(known, 3)
    flipped(put(known))

    def refused(*given, **more):
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "utime", refused)
    monkeypatch.setattr(type(room.arriving()), "unlink", refused)
    supply = Supply(elsewhere)
    for index in (3, INDEX):
        assert await read(supply, known.film, index) == known.block(index)
    assert set(elsewhere.given) == {(known.film.id, 1, INDEX - 4)}


# --- a disk that does not take anything


class Full:
    """A disk on which writing fails, after some of it was written."""

    def __init__(self, error: int) -> None:
        self.error, self.tried = error, 0
        self._pwrite = os.pwrite

    def __call__(self, descriptor, data, position):
        if len(data) < 1000:
            return self._pwrite(descriptor, data, position)
        self.tried += 1
        if self.tried % 2:
            return self._pwrite(descriptor, data[:1000], position)
        raise OSError(self.error, os.strerror(self.error))


@pytest.mark.anyio
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
async def test_a_disk_that_is_full_or_broken_is_done_without(
    known, elsewhere, monkeypatch, error, counted_anew
):
    full = Full(error)
    monkeypatch.setattr(os, "pwrite", full)
    supply, ahead = Supply(elsewhere), ReadAhead(known.film)
    for index in range(10):
        with await supply.block(known.film, index, ahead) as block:
            assert bytes(block.read_now(5, 100)) == known.block(index)[5:105]
            assert block.read(0, BLOCK_SIZE) == known.block(index)
            assert block.source.startswith("provider")
    assert on_disk() == 0
    assert room.used() == 0
    # It is not tried again for each block.
    assert full.tried == 2
    assert counted_anew.refused_by_disk == 1
    assert set(elsewhere.given.values()) == {1}


@pytest.mark.anyio
async def test_a_disk_that_has_room_again_is_used_again(known, elsewhere, monkeypatch):
    monkeypatch.setattr(store, "REST", 0.0)
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", Full(errno.ENOSPC))
        supply = Supply(elsewhere)
        await read(supply, known.film, 0)
    await read(supply, known.film, 1)
    assert places.cached_block(known.film.cid, 1).exists()
    assert len(supply._store.passing) == 0


@pytest.mark.anyio
async def test_a_folder_that_cannot_be_written_to_is_done_without(known, elsewhere):
    places.cache().write_text("a file is where the folder should be")
    supply = Supply(elsewhere)
    assert await read(supply, known.film, 0) == known.block(0)


@pytest.mark.anyio
@pytest.mark.parametrize("size", [0, BLOCK_SIZE - 1])
async def test_without_a_cache_blocks_pass_through_memory(known, elsewhere, settings, size):
    settings.CACHE_SIZE = size
    supply = Supply(elsewhere)
    assert await read(supply, known.film, 0) == known.block(0)
    assert not places.cached_blocks().exists()


@pytest.mark.anyio
async def test_a_cache_that_is_switched_off_leaves_nothing(known, elsewhere, settings):
    put(known)
    settings.CACHE_SIZE = 0
    supply = Supply(elsewhere)
    await until(lambda: on_disk() == 0)
    await settled()
    assert room.used() == 0
    assert await read(supply, known.film, INDEX) == known.block(INDEX)


@pytest.mark.anyio
async def test_the_whole_cache_may_be_removed_while_it_is_used(known, elsewhere):
    supply = Supply(elsewhere)
    for index in range(5):
        await read(supply, known.film, index)
    shutil.rmtree(places.cache())
    for index in range(10):
        assert await read(supply, known.film, index) == known.block(index)
    supply._store.pool.close()
    for index in range(10):
        assert await read(supply, known.film, index) == known.block(index)
    await supply.aclose()
    assert not opened_blocks()
