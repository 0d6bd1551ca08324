"""One file onto the library, from wherever the library is, for as long as it takes."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from filmedia.client import tus
from filmedia.client.api import Api
from filmedia.client.backoff import Patience
from filmedia.client.errors import ClientError, Refused, UploadOver
from filmedia.client.files import LocalFile, Source
from filmedia.client.stopping import Stop
from filmedia.client.waiting import Waiting

# An upload that is over as often as this is no accident.
_MOST_UPLOADS = 3


@dataclass
class Watch:
    """How the one who asked follows a file."""

    at: Callable[[int], object] = lambda offset: None
    trouble: Callable[[ClientError, float], object] = lambda error, seconds: None
    stage: Callable[[str], object] = lambda what: None


@dataclass
class Sent:
    """What has become of a file once the library has all its bytes."""

    address: str
    sha256: str
    sent: int = 0
    resumed_at: int = 0
    # The library had it all before this command began.
    was_there: bool = False


@dataclass
class Sender:
    """Sends files of one command; `about` is what the library is told of each."""

    api: Api
    waiting: Waiting
    chunk_size: int
    about: dict[str, str]
    again: bool = False
    stop: Stop = field(default_factory=Stop)

    def send(self, file: LocalFile, watch: Watch) -> Sent:
        """Until the library has every byte, in order, of the file as it was chosen."""
        patience = Patience(self.stop.wait, tell=watch.trouble)
        with Source(file) as source:
            for left in reversed(range(_MOST_UPLOADS)):
                sent = self._begun(file, patience)
                if sent.was_there:
                    self._hash(source, file.size, watch)
                    watch.at(file.size)
                    sent.sha256 = source.sha256
                    return sent
                try:
                    self._send(source, sent, patience, watch)
                except UploadOver as over:
                    self._give_up_unless_expired(sent.address, over, left)
                else:
                    return sent
        raise AssertionError("the last try returns or raises")

    def _begun(self, file: LocalFile, patience: Patience) -> Sent:
        """The upload to go on with, or a new one."""
        is_lost, key = False, secrets.token_urlsafe(18)
        while True:
            try:
                if is_lost:
                    # The answer may be what was lost, and the upload there.
                    self.waiting.look()
                found = self.waiting.take(file, received_too=not self.again)
                if found is not None:
                    there = found["state"] == "received"
                    return Sent(found["url"], "", resumed_at=found["offset"], was_there=there)
                address = tus.begin(self.api, file.size, self._told_of(file), key)
            except ClientError as error:
                is_lost = True
                patience.after(error)
            else:
                self.waiting.took(address)
                return Sent(address, "")

    def _told_of(self, file: LocalFile) -> dict[str, str]:
        return {"filename": file.name, "fingerprint": file.fingerprint, **self.about}

    def _send(self, source: Source, sent: Sent, patience: Patience, watch: Watch) -> None:
        offset: int | None = None
        while True:
            try:
                if offset is None:
                    offset = tus.offset_of(self.api, sent.address)
                self._hash(source, offset, watch)
                watch.at(offset)
                if offset >= source.file.size:
                    sent.sha256 = source.sha256
                    return
                data = source.chunk(offset, self.chunk_size)
                offset = tus.append(self.api, sent.address, offset, data, self.stop.check)
                sent.sent += len(data)
                patience.got_on()
            except ClientError as error:
                patience.after(error)
                offset = None

    def _hash(self, source: Source, offset: int, watch: Watch) -> None:
        """Keep the SHA-256 as far as the library is."""
        again = offset - source.hashed > self.chunk_size
        if again:
            watch.stage("reading what was sent before")
        for _ in source.sha256_up_to(offset):
            self.stop.check()
        if again:
            watch.stage("")

    def _give_up_unless_expired(self, address: str, over: UploadOver, tries_left: int) -> None:
        """An upload that ran out of time is begun anew; one that somebody ended is not."""
        try:
            upload = self.api.json("GET", address)
        except Refused as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            upload = {"state": "expired", "problem": ""}
        if upload["state"] == "refused":
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "refused", upload["problem"]) from over
        if upload["state"] == "cancelled":
            raise UploadOver(
                "This upload was cancelled in the library. The same command begins it anew."
            ) from over
        if not tries_left:
            raise over
