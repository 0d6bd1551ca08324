"""
What filmedia refuses, and what the person or client can do about it.

Refusal                     knows its code, its HTTP status and its facts
├── SignInAgain             401  a token that is wrong, expired or revoked
├── NotFound                404  also for what you may not see
├── NotAllowed              403
│   └── MissingScope        403  the token is not for that
├── WrongState              409  it would be done, but not as things are now
├── VersionConflict         412  it was changed since it was read
├── VersionRequired         428  it is shared: say which version you change
├── Invalid                 400  one or more fields are wrong
│   ├── BadMetadata         400
│   └── UnknownParameter    400
├── HistoryGone             410  what happened since then is not kept: fetch all anew
├── RequestInProgress       409  the same request is being answered at this moment
├── OtherRequest            422  its Idempotency-Key belongs to another one
├── UploadRefusal
│   ├── OffsetMismatch      409
│   ├── AlreadyComplete     409
│   ├── UploadGone          410  cancelled, expired or refused
│   ├── TooLarge            413
│   ├── WrongMediaType      415
│   ├── UploadBusy          423  another connection is sending
│   ├── TooManyConnections  429  of one account, sending at once
│   ├── ChecksumMismatch    460
│   └── NoSpace             507
├── NotAFilm                422
└── KeyUnavailable          503  its key is missing, wrong or damaged
"""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus
from typing import Any


class Refusal(Exception):
    """Something we will not do, with a sentence that says why."""

    code = "refused"
    title = "This cannot be done"
    status: int = HTTPStatus.BAD_REQUEST

    def __init__(self, detail: str, **facts: Any) -> None:
        self.detail, self.facts = detail, facts
        super().__init__(detail)

    @property
    def headers(self) -> dict[str, str]:
        return {}


class SignInAgain(Refusal):
    code, title, status = "sign-in-again", "Not signed in", HTTPStatus.UNAUTHORIZED

    def __init__(self) -> None:
        super().__init__("This token is not valid any more, or never was. Please sign in again.")

    @property
    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": "Bearer"}


class NotFound(Refusal):
    code, title, status = "not-found", "Not found", HTTPStatus.NOT_FOUND


class NotAllowed(Refusal):
    code, title, status = "not-allowed", "Not allowed", HTTPStatus.FORBIDDEN


class MissingScope(NotAllowed):
    """`needed` are all that are missing, so that nobody has to ask for one after the other."""

    code, title = "missing-scope", "This token is not for that"

    def __init__(self, needed: Collection[str], available: Collection[str]) -> None:
        needed, available = sorted(needed), sorted(available)
        super().__init__(
            f"This token may not be used for that: it lacks {', '.join(needed)}. "
            "Make one that has it, on your account page or by signing in.",
            needed=needed,
            available=available,
        )


class WrongState(Refusal):
    code, title, status = "wrong-state", "Not as it is now", HTTPStatus.CONFLICT


class VersionConflict(Refusal):
    code, title = "version-conflict", "Changed meanwhile"
    status = HTTPStatus.PRECONDITION_FAILED

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(
            "This was changed since you read it. Look at it as it is now, then try again.",
            current=version,
        )

    @property
    def headers(self) -> dict[str, str]:
        return {"ETag": f'"v{self.version}"'}


class VersionRequired(Refusal):
    code, title = "version-required", "Which version?"
    status = HTTPStatus.PRECONDITION_REQUIRED

    def __init__(self) -> None:
        super().__init__(
            "Others may change this too: send the version that you have read, as "
            'If-Match: "<version>". Its ETag tells it.'
        )


class Invalid(Refusal):
    code, title, status = "invalid", "Invalid request", HTTPStatus.BAD_REQUEST


class BadMetadata(Invalid):
    code, title = "bad-upload-metadata", "Upload-Metadata cannot be read"


class UnknownParameter(Invalid):
    code, title = "unknown-parameter", "Unknown parameter"

    def __init__(self, unknown: Collection[str], known: Collection[str]) -> None:
        shown = [name[:100] for name in unknown]
        may = f"There are {', '.join(known)}." if known else "There are none here."
        super().__init__(
            f"No parameter here is called {', '.join(map(repr, shown))}. {may}",
            errors=[
                {"pointer": f"/{name}", "code": self.code, "detail": "There is no such parameter."}
                for name in shown
            ],
        )


class HistoryGone(Refusal):
    """`newest` is where to follow from once everything has been fetched anew."""

    code, title, status = "history-gone", "History is gone", HTTPStatus.GONE

    def __init__(self, newest: int) -> None:
        super().__init__(
            f"What happened since then is not known any more. Fetch everything anew, then ask "
            f"with since={newest}.",
            reset=True,
            current=newest,
        )


class RequestInProgress(Refusal):
    code, title = "idempotency-in-progress", "Being answered already"
    status = HTTPStatus.CONFLICT

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(
            "A request with this Idempotency-Key is being answered at this moment. Ask again "
            f"in {retry_after} seconds, and you get its answer.",
            retry_after=retry_after,
        )

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after)}


class OtherRequest(Refusal):
    code, title = "idempotency-mismatch", "This key is of another request"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key came with another request before. Each request has a key of "
            "its own; only when the very same is sent again, it has the same."
        )


class UploadRefusal(Refusal):
    """Refusals of the upload protocol."""


class OffsetMismatch(UploadRefusal):
    code, title = "upload-offset-mismatch", "Wrong offset"
    status = HTTPStatus.CONFLICT

    def __init__(self, expected: int) -> None:
        self.expected = expected
        super().__init__(f"The next byte expected is {expected}.", expected=expected)

    @property
    def headers(self) -> dict[str, str]:
        return {"Upload-Offset": str(self.expected)}


class AlreadyComplete(UploadRefusal):
    code, title = "upload-complete", "The upload is complete"
    status = HTTPStatus.CONFLICT


class UploadGone(UploadRefusal):
    code, title, status = "upload-gone", "The upload is over", HTTPStatus.GONE


class TooLarge(UploadRefusal):
    code, title = "too-large", "Too large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class WrongMediaType(UploadRefusal):
    code, title = "wrong-media-type", "Wrong Content-Type"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class UploadBusy(UploadRefusal):
    code, title = "upload-busy", "Another connection is sending this upload"
    status = HTTPStatus.LOCKED

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(
            "Another connection is sending this upload. When it falls silent, "
            f"yours can go on: try again in {retry_after} seconds.",
            retry_after=retry_after,
        )

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after)}


class TooManyConnections(UploadRefusal):
    code, title = "too-many-connections", "Too many uploads at once"
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, most: int) -> None:
        super().__init__(
            f"You are sending {most} uploads at this moment, and more would only slow each "
            "other down. Try again when one is done.",
            retry_after=10,
        )

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": "10"}


class ChecksumMismatch(UploadRefusal):
    code, title = "checksum-mismatch", "Checksum mismatch"
    status = 460  # the number that tus gives it

    def __init__(self) -> None:
        super().__init__(
            "The bytes received do not have the checksum announced. They were dropped; "
            "the offset has not moved."
        )


class NoSpace(UploadRefusal):
    code, title = "no-space", "Not enough disk space"
    status = HTTPStatus.INSUFFICIENT_STORAGE


class KeyUnavailable(Refusal):
    """Closed: where a key cannot be opened nothing is given, and nothing overwritten."""

    code, title, status = "key-unavailable", "Locked", HTTPStatus.SERVICE_UNAVAILABLE


class NotAFilm(Refusal):
    code, title = "not-a-film", "Not a film"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
