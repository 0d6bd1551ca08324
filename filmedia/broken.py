"""What went wrong for everybody, in the language of whoever asked: a page or a problem."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.defaults import bad_request

from library.api import problems
from library.pages import errors
from library.pages.views import locked_out as locked_out_page


def broken(request: HttpRequest) -> HttpResponse:
    return problems.broken(request) if speaks_api(request) else errors.broken(request)


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    if speaks_api(request):
        return problems.unreadable(request, exception)
    return bad_request(request, exception)


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    """What axes answers to somebody who guesses passwords."""
    if speaks_api(request):
        return problems.locked_out(request)
    return locked_out_page(request, response, credentials)


def speaks_api(request: HttpRequest) -> bool:
    return request.path.startswith(("/api/", "/stream/", "/piece/"))
