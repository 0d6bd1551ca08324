"""
Answers that need not be sent again: each GET has an ETag of its very bytes.

The ETag of something that has a version begins with it, `"v12-…"`, so that the answer that
was read is also what `If-Match` needs.
"""

from __future__ import annotations

import hashlib

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response

from library.api.throttles import RATE_LIMIT

# Whose an answer is depends on who asks; and every time, they should ask whether it still holds.
CACHING = "private, no-cache"
_READS = {"GET", "HEAD"}
_ASKERS = ("Authorization", "Cookie")
# What a 304 repeats of the answer it stands for; it counts as any other does.
_KEPT = ("ETag", "Cache-Control", "Vary", "Link", "Content-Location", *RATE_LIMIT)


def versioned(response: Response, version: int) -> Response:
    response.version = version  # type: ignore[attr-defined]
    return response


def named(request: Request, response: HttpResponseBase) -> None:
    """What a change answers names just the version: enough for the next one."""
    version = getattr(response, "version", None)
    if request.method not in _READS and version is not None:
        response["ETag"] = f'"v{version}"'


def sealed(request: Request, response: HttpResponseBase) -> HttpResponseBase:
    """`response` with its ETag; or that it is the one which the asker has already."""
    if request.method not in _READS or not isinstance(response, HttpResponse):
        return response
    patch_vary_headers(response, _ASKERS)
    if response.status_code != 200:
        return response
    if not response.has_header("Cache-Control"):
        response["Cache-Control"] = CACHING
    if isinstance(response, Response) and not response.is_rendered:
        response.render()
    # What has a name of its own that only its bytes have says so itself.
    response["ETag"] = etag = response.headers.get("ETag") or _etag(response)
    return _not_modified(response) if _has(request, etag) else response


def _etag(response: HttpResponse) -> str:
    digest = hashlib.sha256(response.content).hexdigest()[:32]
    version = getattr(response, "version", None)
    return f'"{digest}"' if version is None else f'"v{version}-{digest}"'


def _has(request: Request, etag: str) -> bool:
    said = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in said or etag in {one.removeprefix("W/") for one in said}


def _not_modified(response: HttpResponse) -> HttpResponse:
    same = HttpResponse(status=304)
    del same["Content-Type"]
    for name in _KEPT:
        if response.has_header(name):
            same[name] = response[name]
    return same
