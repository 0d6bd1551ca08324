"""
The library's API over HTTP: requests in, JSON or one of our errors out.

The token goes to the library's own address and to no other, whatever an answer says.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import time
from typing import Any
from urllib.parse import urljoin

import httpx

from filmedia.client import addresses, words
from filmedia.client.account import Account
from filmedia.client.errors import (
    BadCertificate,
    ClientError,
    NotAllowed,
    NotFilmedia,
    Refused,
    SignInNeeded,
    Unreachable,
)

PROBLEM = "application/problem+json"
TIMEOUT = httpx.Timeout(60, connect=15)
# Of an answer that is no film; more than the longest page of a list.
_MOST_JSON = 64 * 1024 * 1024


class Api:
    """A library, as the person of `account` may use it. Threads can share one."""

    def __init__(self, account: Account, transport: httpx.BaseTransport | None = None) -> None:
        addresses.check_private(account.url, insecure=account.insecure)
        self.url = account.url
        headers = {"User-Agent": "filmedia-client", "Accept": f"application/json, {PROBLEM}, */*"}
        if account.token:
            headers["Authorization"] = f"Bearer {account.token}"
        self._http = httpx.Client(
            headers=headers,
            timeout=TIMEOUT,
            transport=transport,
            # What is asked of this machine itself is no business of a proxy.
            trust_env=not addresses.is_loopback(account.url),
        )

    def __enter__(self) -> Api:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """The document that this answers. Anything else raises."""
        with self.answer(method, path, **options) as answer:
            return _document(_whole(answer), self.url)

    def head(self, method: str, path: str, **options: Any) -> httpx.Response:
        """An answer of which only status and headers matter."""
        with self.answer(method, path, **options) as answer:
            # Read to its end, so that the connection can be used again.
            _whole(answer)
            return answer

    @contextmanager
    def answer(self, method: str, path: str, **options: Any) -> Iterator[httpx.Response]:
        """An answer whose body is still to be read. One that is no success raises."""
        url = urljoin(f"{self.url}/", path)
        if addresses.origin(url) != self.url:
            raise NotFilmedia(f"{self.url} names an address of another server. Nothing is asked.")
        with _explained(self.url), self._http.stream(method, url, **options) as answer:
            if not answer.is_success:
                raise _refusal(answer, self.url)
            yield answer


@contextmanager
def _explained(url: str) -> Iterator[None]:
    """What httpx raises, as a sentence."""
    try:
        yield
    except httpx.TransportError as error:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, ssl.SSLError):
            cause = cause.__cause__ or cause.__context__
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise BadCertificate(
                f"The certificate of {url} is not to be trusted: {cause.verify_message}. Where "
                "your own authority made it, name its file in SSL_CERT_FILE."
            ) from error
        if isinstance(cause, ssl.SSLError):
            raise BadCertificate(
                f"{url} does not speak TLS as it should: {cause.reason}."
            ) from error
        raise Unreachable(_why(error, url)) from error


def _why(error: httpx.TransportError, url: str) -> str:
    if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
        return f"Cannot reach {url}: {_short(error) or 'no answer'}."
    if isinstance(error, httpx.TimeoutException):
        return f"{url} does not answer."
    return f"The connection to {url} broke off."


def _short(error: Exception) -> str:
    """ "[Errno 111] Connection refused" without its number."""
    return words.printable(str(error).rpartition("] ")[2]).rstrip(".").lower()


def _whole(answer: httpx.Response) -> bytes:
    body = bytearray()
    for portion in answer.iter_bytes():
        body += portion
        if len(body) > _MOST_JSON:
            raise NotFilmedia("The answer is far longer than any of a library.")
    return bytes(body)


def _document(body: bytes, url: str) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise NotFilmedia(f"{url} answers, but not as a filmedia library does.")
    return found


def _refusal(answer: httpx.Response, url: str) -> ClientError:
    wait = _retry_after(answer)
    if answer.is_redirect:
        return _moved(answer, url)
    if answer.headers.get("Content-Type", "").partition(";")[0].strip() != PROBLEM:
        # A HEAD has no body, and what stands before a library answers in its own way.
        return _bare(answer, url, wait)
    body = _document(_whole(answer), url) if answer.request.method != "HEAD" else {}
    detail = words.printable(str(body.get("detail", ""))) or answer.reason_phrase
    code = words.printable(str(body.get("code", "")))
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        # Without a token it is a password that was refused, and the library says why.
        has_token = "Authorization" in answer.request.headers
        return SignInNeeded(_SIGN_IN if has_token else detail)
    if answer.status_code == HTTPStatus.FORBIDDEN:
        return NotAllowed(detail)
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS and wait and "ait" not in detail:
        detail = f"{detail} Wait {round(wait)} s, then try again."
    return Refused(answer.status_code, code or "refused", detail, wait, facts=body)


_SIGN_IN = "The library does not know this token (any more). Sign in again: filmedia login URL"


def _bare(answer: httpx.Response, url: str, wait: float | None) -> ClientError:
    status = answer.status_code
    if status == HTTPStatus.UNAUTHORIZED:
        return SignInNeeded(_SIGN_IN)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.request.method == "HEAD":
        what = f"{url} answers {status} {answer.reason_phrase}."
        return Refused(status, "no-words", what, wait)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Refused(status, "too-many-requests", f"{url} is busy. Try again later.", wait)
    return NotFilmedia(
        f"{url} answers {status} {answer.reason_phrase}, but not as a filmedia library does."
    )


def _moved(answer: httpx.Response, url: str) -> ClientError:
    try:
        other = addresses.origin(urljoin(str(answer.url), answer.headers.get("Location", "")))
    except ClientError:
        other = url
    if other == url:
        return NotFilmedia(f"{url} leads elsewhere instead of answering as a library does.")
    return NotFilmedia(f"{url} sends to {other}. If that is your library, sign in there.")


def _retry_after(answer: httpx.Response) -> float | None:
    """Seconds, from either of the two ways to write this header."""
    given = answer.headers.get("Retry-After", "").strip()
    if not given:
        return None
    if given.isascii() and given.isdecimal():
        return float(min(int(given[:9]), 24 * 3600))
    try:
        return max(parsedate_to_datetime(given).timestamp() - time(), 0.0)
    except (ValueError, TypeError):
        return None
