"""
What can go wrong for the client. Every text is a sentence for the person at the terminal.

ClientError              exit code 1
├── BadArguments
├── Unreachable          retryable: no answer, or one that broke off
├── BadCertificate
├── NotFilmedia          an answer, but none of a library
├── Refused              the library's own sentence; some are worth another try
├── SignInNeeded         exit code 3
├── NotAllowed           exit code 3
├── UploadOver           this upload takes no bytes any more: begin another
├── FileChanged          the file on this machine is not what it was
├── FilmChanged          the film in the library is not what it was
├── WrongBytes           a checksum does not match
├── InTheWay             a file that would be overwritten
├── DiskFull
└── Cancelled            exit code 2
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

OK, FAILED, CANCELLED, NO_ACCESS = range(4)

_WAIT = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.LOCKED,
    HTTPStatus.TOO_MANY_REQUESTS,
    460,  # tus: the checksum of a chunk; it was dropped and can be sent again
}
# Somebody else sent some of it meanwhile; where the upload stands now is soon asked.
_ELSEWHERE = {"upload-offset-mismatch", "upload-complete", "idempotency-in-progress"}
# These stay as they are until somebody does something.
_LASTING = {"key-unavailable", "too-many-failures"}


class ClientError(Exception):
    """Root of everything this package raises on purpose."""

    code = "failed"
    exit_code = FAILED
    retryable = False
    # Seconds that the library asks to wait.
    retry_after: float | None = None


class BadArguments(ClientError):
    code = "bad-arguments"


class Unreachable(ClientError):
    code, retryable = "unreachable", True


class BadCertificate(ClientError):
    code = "bad-certificate"


class NotFilmedia(ClientError):
    code = "not-filmedia"


class Refused(ClientError):
    """A problem document (RFC 9457) of the library."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        retry_after: float | None = None,
        facts: dict[str, Any] | None = None,
    ) -> None:
        self.status, self.code, self.retry_after = status, code, retry_after
        self.facts = facts or {}
        super().__init__(detail)

    @property
    def retryable(self) -> bool:  # type: ignore[override]
        if self.code in _LASTING or self.status == HTTPStatus.INSUFFICIENT_STORAGE:
            return False
        if self.code in _ELSEWHERE:
            return True
        return self.status in _WAIT or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR


class SignInNeeded(ClientError):
    code, exit_code = "sign-in-needed", NO_ACCESS


class NotAllowed(ClientError):
    code, exit_code = "not-allowed", NO_ACCESS


class UploadOver(ClientError):
    code = "upload-over"


class FileChanged(ClientError):
    code = "file-changed"


class FilmChanged(ClientError):
    code = "film-changed"


class WrongBytes(ClientError):
    code = "wrong-bytes"


class InTheWay(ClientError):
    code = "in-the-way"


class DiskFull(ClientError):
    code = "disk-full"


class Cancelled(ClientError):
    code, exit_code = "cancelled", CANCELLED
