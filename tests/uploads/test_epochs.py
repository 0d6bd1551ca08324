"""One counter, one plaintext: whatever becomes of the bytes that were on their way."""

from __future__ import annotations

import errno
import hashlib
import io
import random
from contextlib import suppress

import pytest

from library.errors import ChecksumMismatch, NoSpace, Refusal, UploadGone
from library.keys import epochs
from library.models import FilmKey, Upload, Video
from library.uploads import receiving
from library.uploads.intake import Intake
from library.uploads.sources import ClientGone
from library.uploads.staging import Staging
from library.uploads.tus import Checksum

pytestmark = pytest.mark.django_db(transaction=True)

SIZE = 300_000
FILM = hashlib.shake_256(b"film").digest(SIZE)


class PowerCut(BaseException):
    """Ends a writer as kill -9 does: nothing behind it runs that would tell the rows."""


class Witness:
    """Sees everything that is to be encrypted and written, byte by byte."""

    def __init__(self, monkeypatch) -> None:
        seen: dict[tuple[bytes, int, int], int] = {}
        add = Intake.add

        def watched(intake, film):
            for at, byte in enumerate(film, intake.offset):
                epoch = max(part for part in intake.key.parts if part[0] <= at)[1]
                other = seen.setdefault((intake.key.secret, epoch, at), byte)
                assert other == byte, f"byte {at} was encrypted twice in epoch {epoch}"
            add(intake, film)

        monkeypatch.setattr(Intake, "add", watched)


class Source:
    """Gives `data` in portions of any size, and then ends as `end` says."""

    def __init__(self, data: bytes, end: BaseException | None, luck: random.Random) -> None:
        self.file, self.end, self.luck = io.BytesIO(data), end, luck

    def read(self, size: int, /) -> bytes:
        data = self.file.read(self.luck.randint(1, 50_000))
        if not data and self.end:
            raise self.end
        return data


@pytest.fixture
def witness(monkeypatch):
    return Witness(monkeypatch)


def begin(alice) -> Upload:
    return receiving.begin(alice, length=SIZE)


def parts_of(upload: Upload) -> list[list[int]]:
    return FilmKey.objects.get(upload=upload).parts


@pytest.mark.parametrize("seed", range(25))
def test_no_counter_is_used_for_two_plaintexts(alice, witness, monkeypatch, seed):
    """A hostile client sends other bytes each time, and everything goes wrong that can."""
    luck = random.Random(seed)
    upload = begin(alice)
    whole = Staging.write

    def torn(self, position, data):
        if luck.random() < 0.1:
            whole(self, position, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "no space")
        whole(self, position, data)

    monkeypatch.setattr(Staging, "write", torn)
    for _ in range(30):
        upload = Upload.objects.get(pk=upload.pk)
        if upload.state != Upload.State.RECEIVING:
            break
        data = luck.randbytes(luck.randint(0, min(120_000, SIZE - upload.offset)))
        checksum = None
        if luck.random() < 0.4:
            digest = hashlib.sha1(data if luck.random() < 0.5 else b"other").digest()
            checksum = Checksum("sha1", digest)
        end = luck.choice([None, None, ClientGone(), PowerCut()])
        with suppress(Refusal, PowerCut):
            receiving.receive(
                upload, Source(data, end, luck), offset=upload.offset, checksum=checksum
            )
    monkeypatch.setattr(Staging, "write", whole)
    upload = Upload.objects.get(pk=upload.pk)
    if upload.state == Upload.State.RECEIVING:
        rest = luck.randbytes(SIZE - upload.offset)
        receiving.receive(upload, io.BytesIO(rest), offset=upload.offset)
    assert Video.objects.get().size == SIZE


def test_a_connection_that_ended_well_leaves_the_epoch_as_it_is(alice):
    upload = begin(alice)
    for start in range(0, 200_000, 50_000):
        data = io.BytesIO(FILM[start : start + 50_000])
        receiving.receive(Upload.objects.get(pk=upload.pk), data, offset=start)
    assert parts_of(upload) == [[0, 0]]


def test_dropped_bytes_begin_an_epoch_where_they_began(alice):
    upload = begin(alice)
    receiving.receive(upload, io.BytesIO(FILM[:1000]), offset=0)
    for _ in range(3):
        with pytest.raises(ChecksumMismatch):
            receiving.receive(
                Upload.objects.get(pk=upload.pk),
                io.BytesIO(b"other" * 100),
                offset=1000,
                checksum=Checksum("sha1", bytes(20)),
            )
    receiving.receive(Upload.objects.get(pk=upload.pk), io.BytesIO(FILM[1000:]), offset=1000)
    video = Video.objects.get()
    # The first of the three went on in the first epoch; where nothing was kept, none stays.
    assert video.key.parts == [[0, 0], [1000, 3]]
    assert video.sha256 == hashlib.sha256(FILM).hexdigest()


def test_an_upload_that_is_interrupted_too_often_is_ended_with_a_sentence(alice, monkeypatch):
    monkeypatch.setattr(epochs, "MOST_PARTS", 3)
    upload = begin(alice)
    with pytest.raises(UploadGone, match="interrupted too often"):
        for offset in range(0, 5000, 1000):
            Upload.objects.filter(pk=upload.pk).update(unpromised=True)
            receiving.receive(
                Upload.objects.get(pk=upload.pk),
                io.BytesIO(FILM[offset : offset + 1000]),
                offset=offset,
            )
    assert Upload.objects.get().offset == 3000


def test_a_full_disk_begins_a_new_epoch_behind_what_was_kept(alice, monkeypatch):
    upload = begin(alice)
    whole = Staging.write

    def torn(self, position, data):
        whole(self, position, data[:100])
        raise OSError(errno.ENOSPC, "no space")

    receiving.receive(upload, io.BytesIO(FILM[:5000]), offset=0)
    monkeypatch.setattr(Staging, "write", torn)
    with pytest.raises(NoSpace):
        receiving.receive(Upload.objects.get(pk=upload.pk), io.BytesIO(FILM[5000:]), offset=5000)
    monkeypatch.setattr(Staging, "write", whole)
    receiving.receive(Upload.objects.get(pk=upload.pk), io.BytesIO(FILM[5000:]), offset=5000)
    assert Video.objects.get().key.parts == [[0, 0], [5000, 1]]
