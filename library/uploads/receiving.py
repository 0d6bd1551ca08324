"""Receiving a film, from any source. Knows rows and bytes; never sees a request."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress

from django.conf import settings
from django.db import DatabaseError, OperationalError, transaction

from library import events, permissions
from library.errors import (
    ChecksumMismatch,
    Invalid,
    NoSpace,
    NotAllowed,
    OffsetMismatch,
    Refusal,
    TooLarge,
    UploadGone,
)
from library.keys import films
from library.models import Upload, User, Visibility
from library.uploads import about, arrival, names, queue, space, staging
from library.uploads.intake import Intake
from library.uploads.sources import ClientGone, Source
from library.uploads.tus import Checksum
from library.uploads.writers import sole_writer

READ_SIZE = 1024 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT}
_SHA256 = re.compile(r"[0-9a-f]{64}")


def begin(
    owner: User,
    *,
    length: int | None,
    title: str = "",
    filename: str = "",
    filetype: str = "",
    visibility: str = "",
    fingerprint: str = "",
    sha256: str = "",
    description: str = "",
    tags: Iterable[str] = (),
    collection: str = "",
    language: str = "",
) -> Upload:
    """
    Make room for a film of `length` bytes, or of a length that is said later (None).

    Whether it is stored open or encrypted is decided here, and never changes. It goes to
    the end of its owner's queue.

    Raises NotAllowed, Invalid, TooLarge, NoSpace or KeyUnavailable before anything is kept.
    """
    if not permissions.may_upload(owner):
        raise NotAllowed("Your account may not upload films.")
    visibility = visibility or Visibility.PRIVATE
    if visibility not in Visibility.values:
        raise Invalid(f"visibility is one of {', '.join(Visibility.values)}.", field="visibility")
    if sha256 and not _SHA256.fullmatch(sha256):
        raise Invalid("sha256 is written as 64 hexadecimal digits.", field="sha256")
    if length is not None:
        space.check_size(length)
    encrypted = visibility != Visibility.PUBLIC or settings.ENCRYPT_PUBLIC
    file = names.filename(filename)
    reserved = space.STEP if length is None else length
    with transaction.atomic():
        space.claim(reserved)
        said = about.checked(
            owner,
            description=description,
            tags=tags,
            collection=collection,
            language=language,
        )
        upload = Upload.objects.create(
            **said,
            owner=owner,
            place=queue.last_place(owner),
            title=names.title(title, file),
            filename=file,
            filetype=names.short(filetype, 100),
            visibility=visibility,
            encrypted=encrypted,
            key=films.create() if encrypted else None,
            fingerprint=names.short(fingerprint, 200),
            declared_sha256=sha256,
            length=length,
            reserved=reserved,
            piece_size=settings.PIECE_SIZE,
        )
        events.record("upload.begun", upload=upload)
    if length == 0:
        receive(upload, _Nothing(), offset=0)
    return upload


def receive(
    upload: Upload,
    source: Source,
    *,
    offset: int,
    announced: int | None = None,
    length: int | None = None,
    checksum: Checksum | None = None,
) -> Upload:
    """
    Take the bytes of `source`, which begin at `offset` of the film; return the row as it
    then stands.

    `announced` is how many bytes the source says it has, `length` the film's length where
    it was put off until now. With a `checksum` all bytes count or none does. Without one,
    whatever came before a lost connection is kept. The last byte makes the film.
    """
    with sole_writer(upload) as writer:
        if length is not None:
            declare_length(upload, length)
        if offset != upload.offset:
            raise OffsetMismatch(upload.offset)
        if upload.length is not None and announced and offset + announced > upload.length:
            raise TooLarge(
                f"{upload.length - offset:,} bytes are missing, and {announced:,} were announced."
            )
        with (
            _disk_errors_are_refusals(upload),
            staging.Staging(upload.pk, upload.piece_size) as files,
            closing(Intake(upload, writer, files, held=checksum is not None)) as intake,
        ):
            # What a crash left behind the offset would stay there if the film ended sooner.
            intake.drop()
            _take(intake, source, checksum)
            if upload.length == intake.offset:
                intake.flush()
                arrival.complete(upload, writer, intake.hasher, files)
    return upload


def finish(upload: Upload) -> Upload:
    """
    Make a film of an upload whose bytes are all here, and which nobody has made one of: its
    writer ended between the two. Nothing happens to any other.
    """
    if upload.state == Upload.State.RECEIVING and upload.is_complete:
        return receive(upload, _Nothing(), offset=upload.offset)
    return upload


def declare_length(upload: Upload, length: int) -> None:
    """Say the length that was put off when the upload began. It can be said once."""
    if upload.length == length:
        return
    if upload.length is not None:
        raise Invalid(f"The upload's length is {upload.length} bytes already.")
    if length < upload.offset:
        raise Invalid(f"{upload.offset} bytes are here already; {length} is less.")
    space.check_size(length)
    with transaction.atomic():
        space.claim(max(length - upload.reserved, 0))
        Upload.objects.filter(pk=upload.pk).update(length=length, reserved=length)
    upload.length = upload.reserved = length


def cancel(upload: Upload) -> None:
    """End an unfinished upload and free its space. A film that is complete stays."""
    ended = Upload.objects.receiving().filter(pk=upload.pk)
    with transaction.atomic():
        if not ended.update(state=Upload.State.CANCELLED, reserved=0, key=None):
            raise UploadGone("This upload is over already.")
        films.delete(upload.key_id)
        events.record("upload.cancelled", upload=upload)
    staging.remove(upload.pk)


def _take(intake: Intake, source: Source, checksum: Checksum | None) -> None:
    """Everything that `source` gives, or that it gave until it broke off."""
    if checksum is not None:
        _take_checked(intake, source, checksum)
        return
    try:
        _copy(intake, source)
    except ClientGone:
        pass
    except TooLarge:
        intake.acknowledge()
        raise
    except OSError:
        # What cannot be promised now has been promised up to the last checkpoint.
        with suppress(OSError, DatabaseError):
            intake.salvage()
        raise
    if intake.upload.length != intake.offset:
        intake.acknowledge()


def _take_checked(intake: Intake, source: Source, checksum: Checksum) -> None:
    summed = checksum.hasher()
    try:
        _copy(intake, source, summed.update)
        if summed.digest() != checksum.digest:
            raise ChecksumMismatch
    except ClientGone:
        intake.drop()
    except (Refusal, OSError):
        intake.drop()
        raise
    else:
        if intake.upload.length != intake.offset:
            intake.acknowledge()


def _copy(intake: Intake, source: Source, also: Callable[[bytes], object] = len) -> None:
    while (data := source.read(READ_SIZE)) != b"":
        if data is None:
            intake.pause()
        else:
            also(data)
            intake.add(data)


@contextmanager
def _disk_errors_are_refusals(upload: Upload) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        # Whoever ends an upload takes its folder away from under its writer.
        if Upload.objects.receiving().filter(pk=upload.pk).exists():
            raise
        raise UploadGone("This upload was ended while bytes were arriving.") from None
    except (OSError, OperationalError) as error:
        if getattr(error, "errno", None) not in _FULL and "full" not in str(error):
            raise
        raise NoSpace(
            "The library's disk is full. What has been received is kept; the upload can go "
            "on when there is room again."
        ) from error


class _Nothing:
    """The body of an empty file."""

    def read(self, size: int, /) -> bytes:
        return b""
