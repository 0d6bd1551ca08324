"""Film bytes and stored bytes: any range, any portions, the same as the whole at once."""

import hashlib
import io
import shutil
import subprocess
from itertools import pairwise

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from filmedia.filecoin.piece import BLOCK_SIZE, FilmHasher, piece_cid
from library import encryption, places
from library.encryption import Key, Turning, seal, turn, unseal
from library.keys import films as keys
from library.models import Upload, Video
from library.uploads import receiving
from streaming.doors.bodies import layout
from streaming.http.ranges import Window
from streaming.reading.windows import open_window
from tests.encryption.reference import stored_bytes
from tests.making import SMALL_PIECES

SECRET = bytes(range(32))
FILM = hashlib.shake_256(b"film").digest(2 * SMALL_PIECES + 12_345)
# Where something begins or ends: cipher blocks, quads, blocks and pieces.
BORDERS = (0, 1, 15, 16, 17, 126, 127, 128, BLOCK_SIZE - 1, BLOCK_SIZE, BLOCK_SIZE + 1)


def sizes(most: int) -> st.SearchStrategy[int]:
    near = [at for at in BORDERS if at <= most]
    return st.one_of(st.sampled_from(near), st.integers(0, most))


@st.composite
def parts(draw: st.DrawFn, most: int) -> tuple[tuple[int, int], ...]:
    starts = sorted(draw(st.sets(st.integers(1, most), max_size=5))) if most else []
    epoch, found = draw(st.integers(0, 2**30)), []
    for start in [0, *starts]:
        found.append((start, epoch))
        epoch += draw(st.integers(1, 2**20))
    return tuple(found)


@given(st.data(), sizes(20_000))
def test_any_range_is_that_range_of_the_whole(data, size):
    film = FILM[:size]
    key = Key(SECRET, data.draw(parts(size)))
    whole = stored_bytes(key, film)
    start = data.draw(st.integers(0, size))
    stop = data.draw(st.integers(start, size))
    assert bytes(turn(key, film[start:stop], start)) == whole[start:stop]
    assert bytes(turn(key, whole[start:stop], start)) == film[start:stop]


@given(st.data(), sizes(20_000))
def test_any_portions_in_any_order_are_the_whole(data, size):
    film = FILM[:size]
    key = Key(SECRET, data.draw(parts(size)))
    whole = stored_bytes(key, film)
    turning = Turning(key)
    cuts = sorted(data.draw(st.sets(st.integers(0, size), max_size=8)) | {0, size})
    portions = list(pairwise(cuts))
    for start, stop in data.draw(st.permutations(portions)):
        assert turning(memoryview(film)[start:stop], start) == whole[start:stop]


def test_a_film_of_a_tebibyte_has_counters_of_its_own_to_its_end():
    key = Key(SECRET)
    far = 2**40
    assert turn(key, FILM[:100], far) != turn(key, FILM[:100], 0)
    assert turn(key, turn(key, FILM[:100], far + 7), far + 7) == FILM[:100]


def test_a_film_stored_open_is_given_back_itself():
    assert turn(None, FILM, 5) is FILM


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_openssl_makes_a_film_of_stored_bytes():
    """So they can be read without a line of ours: a block after the other."""
    epoch = 3
    stored = bytes(turn(Key(SECRET, ((0, epoch),)), FILM, 0))
    found = b""
    for block, start in enumerate(range(0, len(FILM), BLOCK_SIZE)):
        command = ["openssl", "enc", "-d", "-aes-256-ctr", "-K", SECRET.hex()]
        command += ["-iv", f"{epoch:08x}{block:016x}00000002"]
        portion = stored[start : start + BLOCK_SIZE]
        found += subprocess.run(command, input=portion, capture_output=True, check=True).stdout
    assert found == FILM


@pytest.mark.parametrize("by_gcm", [True, False])
def test_both_ways_make_the_same_bytes(monkeypatch, by_gcm):
    monkeypatch.setattr(encryption, "_whole_blocks_by_gcm", lambda: by_gcm)
    key = Key(SECRET, ((0, 7), (BLOCK_SIZE, 8), (2 * BLOCK_SIZE + 5, 9)))
    assert bytes(turn(key, FILM, 0)) == stored_bytes(key, FILM)


def test_epochs_end():
    with pytest.raises(ValueError, match="used up"):
        Key(SECRET, ((0, 2**32),))


@given(st.data(), sizes(3 * 127))
def test_hashes_resumed_anywhere_are_those_of_the_whole(data, size):
    """The SHA-256 of the film, the PieceCID of what is stored, from a state that holds neither."""
    film = FILM[:size]
    key = Key(SECRET)
    whole = stored_bytes(key, film)
    cut = data.draw(st.integers(0, size))
    first = FilmHasher()
    first.update(film[:cut], whole[:cut])
    saved = first.save()
    hasher = FilmHasher.restore(saved, as_film=lambda stored, at: turn(key, stored, at))
    hasher.update(film[cut:], whole[cut:])
    assert hasher.sha256() == hashlib.sha256(film).hexdigest()
    assert str(hasher.piece_cid()) == piece_cid(whole)
    if cut >= 16:
        assert film[cut - 16 : cut] not in saved


# --- the library itself, beside the reference


class Cut:
    """A connection that gives `data` in portions of `size`, and breaks if it is told to."""

    def __init__(self, data: bytes, size: int, breaks: bool) -> None:
        self.file, self.size, self.breaks = io.BytesIO(data), size, breaks

    def read(self, size: int, /) -> bytes:
        data = self.file.read(self.size)
        if not data and self.breaks:
            raise receiving.ClientGone
        return data


@pytest.fixture
def small_pieces(settings):
    settings.PIECE_SIZE = SMALL_PIECES


@pytest.mark.django_db(transaction=True)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), size=sizes(len(FILM)))
def test_whatever_way_it_came_it_is_stored_and_watched_right(small_pieces, alice, data, size):
    film = FILM[:size]
    upload = receiving.begin(alice, length=size)
    while True:
        upload = Upload.objects.get(pk=upload.pk)
        if upload.state != Upload.State.RECEIVING:
            break
        rest = film[upload.offset :]
        count = data.draw(st.one_of(st.just(len(rest)), st.integers(0, len(rest))))
        portion = data.draw(st.sampled_from([1_000_003, 262_144, 65_537]))
        if data.draw(st.booleans()):
            # A crash: bytes lie behind the offset, and the row still says so.
            Upload.objects.filter(pk=upload.pk).update(unpromised=True)
        if not count and len(rest):
            continue
        source = Cut(rest[:count], portion, breaks=count < len(rest))
        receiving.receive(upload, source, offset=upload.offset)
    video = upload.video
    assert video is not None
    key = keys.of(video)
    whole = stored_bytes(key, film)
    folder = places.staging(video.staging)
    assert b"".join(path.read_bytes() for path in sorted(folder.glob("[0-9]*"))) == whole
    assert video.sha256 == hashlib.sha256(film).hexdigest()
    assert video.piece_cid == piece_cid(whole)
    start = data.draw(st.integers(0, size))
    stop = data.draw(st.integers(start, size))
    if start < stop:
        assert watched(video, key, Window(start, stop)) == film[start:stop]


@async_to_sync
async def watched(video: Video, key: Key, window: Window) -> bytes:
    where = await sync_to_async(layout)(video)
    reader = open_window(where, window, encryption.Turning(key))
    return b"".join([bytes(part) async for part in reader])


# --- small files beside a film


def test_a_sealed_file_opens_with_its_key_and_under_its_name_only():
    key = Key(SECRET)
    kept = seal(key, "poster", b"picture")
    assert b"picture" not in kept
    assert unseal(key, "poster", kept) == b"picture"
    for other, name, bytes_kept in (
        (Key(bytes(32)), "poster", kept),
        (key, "captions", kept),
        (key, "poster", kept[:-1]),
        (key, "poster", kept[:-1] + bytes([kept[-1] ^ 1])),
        (key, "poster", b""),
        (key, "poster", b"\xff\xd8 in clear"),
    ):
        with pytest.raises(encryption.Sealed):
            unseal(other, name, bytes_kept)


def test_a_key_shows_nothing_of_itself():
    assert SECRET.hex() not in repr(Key(SECRET))
    assert repr(SECRET) not in repr(Key(SECRET))


@pytest.mark.parametrize("secret", [b"", bytes(16), bytes(33)])
def test_a_key_has_256_bits(secret):
    with pytest.raises(ValueError, match="32 bytes"):
        Key(secret)
