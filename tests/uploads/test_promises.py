"""
An offset is a promise, also where a connection, a disk or a process ends at the worst moment.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone

from library.errors import NoSpace, TooLarge, TooManyConnections, UploadBusy
from library.keys import epochs
from library.models import FilmKey, Upload, Video
from library.uploads import arrival, expiry, intake, receiving, writers
from library.uploads.sources import ClientGone
from library.uploads.staging import Staging
from library.uploads.tus import Checksum
from tests.making import SMALL_PIECES

pytestmark = pytest.mark.django_db(transaction=True)

FILM = hashlib.shake_256(b"film").digest(3 * SMALL_PIECES + 12_345)
TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture(autouse=True)
def small_pieces(settings):
    settings.PIECE_SIZE = SMALL_PIECES


class Source:
    """Gives `data`; a pause after each portion where it `pauses`; breaks off if it `breaks`."""

    def __init__(self, data: bytes, *, pauses: bool = False, breaks: bool = False) -> None:
        self.file, self.pauses, self.breaks = io.BytesIO(data), pauses, breaks
        self.paused = True

    def read(self, size: int, /) -> bytes | None:
        self.paused = not self.paused
        if self.pauses and self.paused:
            return None
        data = self.file.read(size)
        if not data and self.breaks:
            raise ClientGone
        return data


def begun(alice, length: int | None = len(FILM)) -> Upload:
    return receiving.begin(alice, length=length)


def row(upload: Upload) -> Upload:
    return Upload.objects.get(pk=upload.pk)


def go_on(upload: Upload) -> None:
    upload = row(upload)
    receiving.receive(upload, io.BytesIO(FILM[upload.offset :]), offset=upload.offset)
    assert Video.objects.get().sha256 == hashlib.sha256(FILM).hexdigest()


@pytest.mark.parametrize(
    "digest", [hashlib.sha256(FILM).digest(), bytes(32)], ids=["right", "wrong"]
)
@pytest.mark.parametrize("before", [0, SMALL_PIECES + 10])
def test_a_checked_body_without_its_end_is_no_film(alice, digest, before):
    """All bytes came, but the request never ended: its checksum was not compared."""
    upload = begun(alice)
    if before:
        receiving.receive(upload, io.BytesIO(FILM[:before]), offset=0)
    rest = Source(FILM[before:], breaks=True)
    receiving.receive(row(upload), rest, offset=before, checksum=Checksum("sha256", digest))
    assert (row(upload).state, row(upload).offset) == (Upload.State.RECEIVING, before)
    assert not Video.objects.exists()
    go_on(upload)


@pytest.mark.parametrize("slow", ["it pauses", "each portion is a checkpoint"])
def test_the_last_byte_is_promised_with_the_film_and_never_before(alice, monkeypatch, slow):
    upload = begun(alice)
    if slow != "it pauses":
        monkeypatch.setattr(intake, "CHECKPOINT_SECONDS", 0.0)
    with monkeypatch.context() as patch:

        def dies(*_):
            raise OperationalError("the database went away")

        patch.setattr(arrival, "complete", dies)
        with pytest.raises(OperationalError):
            receiving.receive(upload, Source(FILM, pauses=slow == "it pauses"), offset=0)
    assert 0 < row(upload).offset < len(FILM)
    go_on(upload)


def test_an_upload_that_is_whole_and_no_film_becomes_one_when_it_is_asked_about(client, alice):
    """As an older version left some: its client hears that all is here, and never returns."""
    upload = begun(alice)
    receiving.receive(upload, io.BytesIO(FILM[:1_000_000]), offset=0)
    Upload.objects.filter(pk=upload.pk).update(length=1_000_000)
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    answer = client.head(reverse("api:upload", args=[upload.pk]), headers=TUS)
    assert (answer.status_code, answer["Upload-Offset"]) == (200, "1000000")
    assert row(upload).state == Upload.State.RECEIVED
    assert Video.objects.get().size == 1_000_000


def test_more_bytes_than_announced_do_not_make_the_last_one_promised(alice, monkeypatch):
    monkeypatch.setattr(receiving, "READ_SIZE", 1000)
    upload = begun(alice, 5000)
    with pytest.raises(TooLarge):
        receiving.receive(upload, io.BytesIO(FILM[:6000]), offset=0)
    assert row(upload).offset < 5000


def test_a_disk_that_is_full_for_the_roots_keeps_the_upload_usable(alice, monkeypatch):
    upload = begun(alice)
    write, failed = Staging.write_roots, []

    def full(self, first, roots):
        if roots and not failed:
            failed.append(first)
            raise OSError(errno.ENOSPC, "no space")
        write(self, first, roots)

    monkeypatch.setattr(Staging, "write_roots", full)
    monkeypatch.setattr(intake, "CHECKPOINT_BYTES", SMALL_PIECES)
    with pytest.raises(NoSpace):
        receiving.receive(upload, io.BytesIO(FILM), offset=0)
    assert failed
    go_on(upload)


def test_what_could_not_be_flushed_is_not_promised(alice, monkeypatch):
    """Linux reports a lost write once; asked again it says that all is well."""
    upload = begun(alice)
    receiving.receive(upload, io.BytesIO(FILM[:1000]), offset=0)
    flush, asked = os.fdatasync, []

    def fails_once(descriptor):
        asked.append(descriptor)
        if len(asked) == 1:
            raise OSError(errno.EIO, "lost")
        flush(descriptor)

    monkeypatch.setattr(os, "fdatasync", fails_once)
    monkeypatch.setattr(intake, "CHECKPOINT_BYTES", 1_000_000)
    with pytest.raises(OSError, match="lost"):
        receiving.receive(row(upload), io.BytesIO(FILM[1000:]), offset=1000)
    assert row(upload).offset == 1000
    go_on(upload)


def test_checked_bytes_of_many_pieces_leave_no_more_files_open_than_others(alice, monkeypatch):
    monkeypatch.setattr(intake, "CHECKPOINT_BYTES", SMALL_PIECES)
    film = FILM * 8
    write, most = Staging.write, []

    def counted(self, *args):
        write(self, *args)
        most.append(len(self._files))

    monkeypatch.setattr(Staging, "write", counted)
    upload = begun(alice, len(film))
    checksum = Checksum("sha256", hashlib.sha256(film).digest())
    receiving.receive(upload, io.BytesIO(film), offset=0, checksum=checksum)
    assert Video.objects.get().pieces.count() > 20
    assert max(most) < 8


def test_an_upload_that_is_being_written_does_not_expire(alice, monkeypatch):
    monkeypatch.setattr(intake, "CHECKPOINT_SECONDS", 0.0)
    upload = begun(alice)
    ended = []

    class Late(Source):
        def read(self, size, /):
            if not ended and self.file.tell() > 1_000_000:
                Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
                super_data = super().read(size)
                ended.append(0)
                return super_data
            if ended == [0]:
                ended.append(expiry.sweep())
            return super().read(size)

    checksum = Checksum("sha256", hashlib.sha256(FILM).digest())
    receiving.receive(upload, Late(FILM), offset=0, checksum=checksum)
    assert ended == [0, 0]
    assert Video.objects.exists()


def test_a_connection_that_was_replaced_is_told_to_come_back_not_that_all_is_over(alice):
    upload = begun(alice)
    with pytest.raises(UploadBusy):
        epochs.begin(upload, upload.writer + 5)


def test_bytes_behind_the_offset_begin_an_epoch_whatever_the_row_says(alice):
    """The row came out of a backup of the database; the staged bytes are younger."""
    upload = begun(alice)
    receiving.receive(upload, io.BytesIO(FILM[:5000]), offset=0)
    before = Upload.objects.filter(pk=upload.pk).values().get()
    receiving.receive(row(upload), io.BytesIO(FILM[5000:9000]), offset=5000)
    Upload.objects.filter(pk=upload.pk).update(
        offset=before["offset"], hash_state=before["hash_state"], unpromised=False
    )
    go_on(upload)
    assert FilmKey.objects.get().parts == [[0, 0], [5000, 1]]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json"},
        {"Content-Type": "application/offset+octet-stream", "Content-Encoding": "gzip"},
        {"Content-Type": "application/offset+octet-stream", "Upload-Checksum": "md5 AAAA"},
    ],
)
def test_a_body_that_cannot_be_taken_leaves_no_upload_behind(client, alice, headers):
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    answer = client.generic(
        "POST",
        reverse("api:uploads"),
        b"0123456789",
        content_type=headers["Content-Type"],
        headers=TUS | {"Upload-Length": "10"} | headers,
    )
    assert 400 <= answer.status_code < 500
    assert not Upload.objects.exists()


def test_one_account_does_not_take_every_connection(alice, mallory, monkeypatch):
    monkeypatch.setattr(writers, "MOST_AT_ONCE", 2)
    uploads = [begun(alice, 10) for _ in range(3)]
    other = begun(mallory, 10)
    with writers.sole_writer(uploads[0]), writers.sole_writer(uploads[1]):
        with pytest.raises(TooManyConnections) as refused, writers.sole_writer(uploads[2]):
            pass
        assert (refused.value.status, refused.value.headers) == (429, {"Retry-After": "10"})
        with writers.sole_writer(other):
            pass
    with writers.sole_writer(uploads[2]):
        pass
    assert not writers._at_work
