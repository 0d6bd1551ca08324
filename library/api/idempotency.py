"""
`Idempotency-Key`: a request that is sent again, because its answer was lost, is not done again.

A key is its person's name for one request. The row stands before anything is done; the answer
is kept in the transaction that does it, so a crash leaves both or neither. What is left
without an answer may be taken over after a minute.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import HttpResponse, QueryDict
from django.utils import timezone
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request, is_form_media_type
from rest_framework.response import Response

from library import encryption
from library.errors import Invalid, KeyUnavailable, OtherRequest, RequestInProgress
from library.keys import searching
from library.models import IdempotencyKey, User

HEADER = "Idempotency-Key"
# How long somebody who was killed keeps others waiting.
TAKEN_OVER = timedelta(minutes=1)
AGAIN_SECONDS = 2
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
# What an answer needs beside its body; all else is of the moment.
_HEADERS = ("Content-Type", "Location", "Link", "ETag", "Retry-After")
# Bodies that arrive slowly are not read for their hash: these headers say what is meant.
_SAID = ("Upload-Length", "Upload-Defer-Length", "Upload-Metadata")
_SEALED_AS = "answers"
_TUS = "application/offset+octet-stream"


class Replay(Exception):  # no error: the way out of a view that need not run
    def __init__(self, kept: IdempotencyKey) -> None:
        self.kept = kept
        super().__init__(kept.key)

    def response(self) -> HttpResponse:
        """Raises KeyUnavailable where it is sealed."""
        kept = self.kept
        body = bytes(kept.body)
        if kept.sealed:
            body = _unsealed(body)
        response = HttpResponse(body, status=kept.status, headers=kept.headers)
        response["Idempotency-Replayed"] = "true"
        return response


class Lost(Exception):
    """Somebody took the key over meanwhile; what was begun here is not to be."""


@dataclass
class Claim:
    """
    The right to answer a request; `at` tells it from that of whoever takes it over. An answer
    with words that do not lie in clear elsewhere is kept `sealed`.
    """

    pk: int
    at: datetime
    settled: bool = False
    sealed: bool = False

    def keep(self, response: HttpResponse) -> None:
        """Raises Lost. An answer that blames us is not kept: the same may go well next time."""
        if self.settled:
            return
        if response.status_code >= 500:
            self.release()
            return
        headers = {name: response[name] for name in _HEADERS if response.has_header(name)}
        body = response.content
        if self.sealed:
            body = encryption.seal(searching.needed(), _SEALED_AS, body)
        kept = self._mine().update(
            status=response.status_code, headers=headers, body=body, sealed=self.sealed
        )
        if not kept:
            raise Lost
        self.settled = True

    def release(self) -> None:
        if not self.settled:
            self._mine().delete()
            self.settled = True

    def _mine(self) -> Any:
        return IdempotencyKey.objects.filter(pk=self.pk, created_at=self.at, status=None)


def claim(request: Request) -> Claim | None:
    """
    None for a request without a key, and for nobody: only a person has keys.

    Raises Replay where there is an answer, RequestInProgress, OtherRequest or Invalid.
    """
    key = request.headers.get(HEADER)
    if key is None or not isinstance(request.user, User):
        return None
    if not _KEY.fullmatch(key):
        raise Invalid(
            f"An {HEADER} has 1 to 200 visible characters of ASCII, and no spaces.", field=HEADER
        )
    now, meant = timezone.now(), _fingerprint(request)
    IdempotencyKey.objects.filter(user=request.user, key=key).expired().delete()
    try:
        with transaction.atomic():
            row = IdempotencyKey.objects.create(
                user=request.user, key=key, request=meant, created_at=now
            )
    except IntegrityError:
        return _met(request.user, key, meant, now)
    return Claim(row.pk, row.created_at)


def done_once(
    claimed: Claim, do: Callable[[], HttpResponse], *, in_one_transaction: bool
) -> HttpResponse:
    """What `do` answers, kept. Raises RequestInProgress where the key was lost meanwhile."""
    try:
        if not in_one_transaction:
            return _kept(claimed, do())
        with transaction.atomic():
            return _kept(claimed, do())
    except Lost:
        claimed.settled = True
        raise RequestInProgress(AGAIN_SECONDS) from None


def _kept(claimed: Claim, response: HttpResponse) -> HttpResponse:
    if isinstance(response, Response) and not response.is_rendered:
        response.render()
    claimed.keep(response)
    return response


def _met(user: User, key: str, meant: str, now: datetime) -> Claim:
    """The key is there already: whose request is it, and has it been answered?"""
    found = IdempotencyKey.objects.filter(user=user, key=key).first()
    if found is None:
        # It was released between the two.
        raise RequestInProgress(AGAIN_SECONDS)
    if found.request != meant:
        raise OtherRequest
    if found.status is not None:
        raise Replay(found)
    old = IdempotencyKey.objects.filter(pk=found.pk, status=None, created_at=found.created_at)
    if now - found.created_at < TAKEN_OVER or not old.update(created_at=now):
        raise RequestInProgress(AGAIN_SECONDS)
    return Claim(found.pk, now)


def _unsealed(body: bytes) -> bytes:
    try:
        return encryption.unseal(searching.needed(), _SEALED_AS, body)
    except encryption.Sealed:
        raise KeyUnavailable(
            "The answer to this was kept, and cannot be opened any more."
        ) from None


def _fingerprint(request: Request) -> str:
    """
    SHA-256 of method, address and body; of a form what it says, because its boundary is another
    one each time it is sent, and who comes with a session has it read already.
    """
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type == _TUS or "Tus-Resumable" in request.headers:
        for name in _SAID:
            digest.update(f"{name}: {request.headers.get(name, '')}\n".encode())
    elif _is_form(request) and isinstance(request.data, QueryDict):
        _add_form(digest, request.data)
    else:
        digest.update(request._request.body)
    return digest.hexdigest()


def _is_form(request: Request) -> bool:
    """Of a view that takes forms; what others are sent is theirs to refuse."""
    return is_form_media_type(request.content_type or "") and any(
        isinstance(parser, FormParser | MultiPartParser) for parser in request.parsers or ()
    )


def _add_form(digest: Any, form: QueryDict) -> None:
    said: Iterable[tuple[str, list[Any]]] = form.lists()
    for name, values in sorted(said):
        for value in values:
            if not isinstance(value, UploadedFile):
                digest.update(json.dumps([name, value]).encode() + b"\n")
                continue
            digest.update(json.dumps([name, value.name, value.size]).encode() + b"\n")
            for part in value.chunks():
                digest.update(part)
            value.seek(0)
