"""Receiving a film: what is promised, what is kept, and what is refused."""

import hashlib
import io
import os

import pytest

from filmedia.filecoin.piece import BLOCK_SIZE, PieceCid, block_roots_match, piece_cid
from library import places
from library.errors import (
    ChecksumMismatch,
    Invalid,
    NoSpace,
    OffsetMismatch,
    TooLarge,
    UploadGone,
)
from library.models import Event, Step, Upload, Video
from library.uploads import receiving, space
from library.uploads.sources import ClientGone
from library.uploads.tus import Checksum
from tests.making import as_stored

pytestmark = pytest.mark.django_db(transaction=True)

PIECE_SIZE = 127 * 2**13 * 2
FILM = hashlib.shake_256(b"film").digest(3 * PIECE_SIZE + 12_345)


@pytest.fixture(autouse=True)
def small_pieces(settings):
    settings.PIECE_SIZE = PIECE_SIZE


class Broken:
    """A connection that gives `data` and then breaks."""

    def __init__(self, data: bytes) -> None:
        self.file = io.BytesIO(data)

    def read(self, size: int, /) -> bytes:
        if data := self.file.read(size):
            return data
        raise ClientGone


def send(upload: Upload, data: bytes, offset: int, **options) -> Upload:
    return receiving.receive(upload, io.BytesIO(data), offset=offset, **options)


def staged(upload: Upload) -> bytes:
    """The film's bytes as they lie in staging, whatever they are stored as."""
    return as_stored(keyed(upload), stored(upload))


def stored(upload: Upload) -> bytes:
    folder = places.staging(upload.pk)
    return b"".join(path.read_bytes() for path in sorted(folder.glob("[0-9]*")))


def keyed(upload: Upload) -> Upload | Video:
    """Who has the key by now."""
    upload = Upload.objects.get(pk=upload.pk)
    return upload.video or upload


def test_the_last_byte_makes_a_film_with_its_names_and_its_pieces(alice):
    upload = receiving.begin(alice, length=len(FILM), filename="harbour.mp4")
    send(upload, FILM, 0)

    video = Video.objects.get()
    assert (video.title, video.size) == ("harbour", len(FILM))
    assert video.sha256 == hashlib.sha256(FILM).hexdigest()
    kept = stored(upload)
    assert video.piece_cid == piece_cid(io.BytesIO(kept))
    assert [piece.piece_cid for piece in video.pieces.all()] == [
        piece_cid(kept[start : start + PIECE_SIZE]) for start in range(0, len(FILM), PIECE_SIZE)
    ]
    assert staged(upload) == FILM != kept
    roots = places.staged_roots(upload.pk).read_bytes()
    assert block_roots_match(roots, PieceCid.parse(video.piece_cid))
    assert Upload.objects.get().video == video
    assert Step.objects.get().kind == Step.Kind.CHECK
    assert list(Event.objects.values_list("type", flat=True)) == ["upload.begun", "upload.received"]


@pytest.mark.parametrize(
    "cuts",
    [
        pytest.param([1], id="one byte"),
        pytest.param([BLOCK_SIZE], id="at a block border"),
        pytest.param([PIECE_SIZE - 1, PIECE_SIZE, PIECE_SIZE + 1], id="around a piece border"),
        pytest.param([126, 127, 128, len(FILM) - 1], id="around a quad, and the last byte"),
    ],
)
def test_a_film_that_comes_in_parts_is_the_same_film(alice, cuts):
    upload = receiving.begin(alice, length=len(FILM))
    for start, stop in zip([0, *cuts], [*cuts, len(FILM)], strict=True):
        # The row is read anew each time, as it would be after a restart.
        send(Upload.objects.get(pk=upload.pk), FILM[start:stop], start)
    assert Video.objects.get().sha256 == hashlib.sha256(FILM).hexdigest()
    assert Video.objects.get().piece_cid == piece_cid(stored(upload))
    assert staged(upload) == FILM


def test_bytes_that_came_before_a_lost_connection_are_kept(alice):
    upload = receiving.begin(alice, length=len(FILM))
    receiving.receive(upload, Broken(FILM[:1_500_000]), offset=0)
    kept = Upload.objects.get()
    assert kept.offset == 1_500_000
    send(kept, FILM[1_500_000:], 1_500_000)
    assert Video.objects.get().sha256 == hashlib.sha256(FILM).hexdigest()


def test_bytes_past_the_promised_offset_are_overwritten(alice):
    """A crash leaves bytes on disk, and roots of blocks, that no row knows of."""
    upload = receiving.begin(alice, length=len(FILM))
    send(upload, FILM[:1000], 0)
    with places.staged_piece(upload.pk, 0).open("ab") as file:
        file.write(b"\xff" * 5_000_000)
    places.staged_piece(upload.pk, 9).write_bytes(b"of a film that was longer")
    places.staged_roots(upload.pk).write_bytes(os.urandom(32 * 9))
    send(Upload.objects.get(), FILM[1000:], 1000)
    assert staged(upload) == FILM
    assert len(places.staged_roots(upload.pk).read_bytes()) == 32 * -(-len(FILM) // BLOCK_SIZE)


def test_a_wrong_offset_is_told_the_right_one_and_changes_nothing(alice):
    upload = receiving.begin(alice, length=10)
    send(upload, b"0123", 0)
    for offset in (0, 3, 5, 10):
        with pytest.raises(OffsetMismatch) as refusal:
            send(upload, b"456789", offset)
        assert refusal.value.expected == 4
    assert Upload.objects.get().offset == 4


def test_more_bytes_than_announced_are_refused_and_the_good_ones_kept(alice):
    upload = receiving.begin(alice, length=10)
    with pytest.raises(TooLarge):
        send(upload, b"0123456789A", 0, announced=11)
    assert Upload.objects.get().offset == 0
    with pytest.raises(TooLarge):
        send(upload, b"0123456789A", 0)
    assert Upload.objects.get().state == Upload.State.RECEIVING
    send(Upload.objects.get(), b"0123456789", 0)
    assert Video.objects.get().sha256 == hashlib.sha256(b"0123456789").hexdigest()


def test_a_wrong_checksum_drops_the_bytes_and_keeps_the_offset(alice):
    upload = receiving.begin(alice, length=len(FILM))
    send(upload, FILM[:5000], 0)
    wrong = Checksum("sha1", hashlib.sha1(b"other").digest())
    with pytest.raises(ChecksumMismatch):
        send(upload, FILM[5000:9000], 5000, checksum=wrong)
    assert Upload.objects.get().offset == 5000
    assert staged(upload) == FILM[:5000]
    right = Checksum("sha256", hashlib.sha256(FILM[5000:]).digest())
    send(Upload.objects.get(), FILM[5000:], 5000, checksum=right)
    assert Video.objects.get().piece_cid == piece_cid(stored(upload))
    assert staged(upload) == FILM


def test_a_part_of_bytes_with_a_checksum_counts_for_nothing(alice):
    upload = receiving.begin(alice, length=len(FILM))
    checksum = Checksum("sha256", hashlib.sha256(FILM).digest())
    receiving.receive(upload, Broken(FILM[:9_000]), offset=0, checksum=checksum)
    assert Upload.objects.get().offset == 0
    assert staged(upload) == b""


def test_a_length_can_be_put_off_and_is_said_once(alice):
    upload = receiving.begin(alice, length=None)
    send(upload, FILM[:1000], 0)
    with pytest.raises(Invalid):
        send(Upload.objects.get(), b"", 1000, length=999)
    send(Upload.objects.get(), FILM[1000:2000], 1000, length=len(FILM))
    with pytest.raises(Invalid):
        send(Upload.objects.get(), b"", 2000, length=len(FILM) + 1)
    send(Upload.objects.get(), FILM[2000:], 2000)
    assert Video.objects.get().size == len(FILM)


def test_an_unknown_length_takes_room_in_steps(alice, settings, monkeypatch):
    monkeypatch.setattr(space, "STEP", 1_000_000)
    upload = receiving.begin(alice, length=None)
    assert upload.reserved == 1_000_000
    send(upload, FILM[:2_500_000], 0)
    assert Upload.objects.get().reserved == 3_000_000


def test_an_empty_file_is_complete_when_it_begins(alice):
    upload = receiving.begin(alice, length=0)
    video = Video.objects.get()
    assert (upload.state, upload.video) == (Upload.State.RECEIVED, video)
    assert video.piece_cid == piece_cid(b"")
    assert not video.pieces.exists()


def test_a_piece_too_short_for_a_provider_is_named_as_it_will_be_stored(alice):
    film = FILM[: PIECE_SIZE + 50]
    upload = receiving.begin(alice, length=len(film))
    send(upload, film, 0)
    last = Video.objects.get().pieces.last()
    assert last.size == 50
    assert last.piece_cid == piece_cid(stored(upload)[PIECE_SIZE:] + bytes(77))


def test_more_than_the_library_takes_is_refused_before_a_byte(alice, settings):
    settings.UPLOAD_MAX_SIZE = 1000
    with pytest.raises(TooLarge):
        receiving.begin(alice, length=1001)
    assert not Upload.objects.exists()
    upload = receiving.begin(alice, length=None)
    with pytest.raises(TooLarge):
        send(upload, FILM, 0, length=1001)


def test_room_that_is_promised_to_one_upload_is_not_promised_again(alice, settings):
    settings.DISK_KEEP_FREE = 0
    everything = space.available()
    receiving.begin(alice, length=everything - 1_000_000)
    with pytest.raises(NoSpace) as refusal:
        receiving.begin(alice, length=everything - 1_000_000)
    assert refusal.value.facts["needed"] == everything - 1_000_000


def test_cancelling_frees_the_space_and_cannot_be_undone(alice):
    upload = receiving.begin(alice, length=len(FILM))
    send(upload, FILM[:5000], 0)
    receiving.cancel(upload)
    assert not places.staging(upload.pk).exists()
    with pytest.raises(UploadGone):
        send(Upload.objects.get(), FILM[5000:], 5000)
    with pytest.raises(UploadGone):
        receiving.cancel(upload)
    assert not places.staging(upload.pk).exists()


def test_an_upload_that_is_cancelled_while_bytes_arrive_ends_there(alice):
    upload = receiving.begin(alice, length=len(FILM))

    class Cancelled:
        def read(self, size):
            receiving.cancel(Upload.objects.get())
            return FILM[:1000]

    with pytest.raises(UploadGone):
        receiving.receive(upload, Cancelled(), offset=0)
    assert not Video.objects.exists()


def test_the_same_bytes_again_are_said_to_be(alice, mallory):
    first = receiving.begin(alice, length=1000)
    send(first, FILM[:1000], 0)
    again = send(receiving.begin(alice, length=1000), FILM[:1000], 0)
    assert again.duplicate_of == first.video
    hers = send(receiving.begin(mallory, length=1000), FILM[:1000], 0)
    assert hers.duplicate_of is None, "a private film must not be hinted at"


def test_a_film_that_changed_on_its_way_is_refused(alice):
    announced = hashlib.sha256(FILM[:1000]).hexdigest()
    upload = receiving.begin(alice, length=1000, sha256=announced)
    send(upload, FILM[1000:2000], 0)
    refused = Upload.objects.get()
    assert refused.state == Upload.State.REFUSED
    assert "changed" in refused.problem
    assert not Video.objects.exists()
    assert not places.staging(upload.pk).exists()
