"""
A name for each request, by which what a person was told is found again in the log.

It is in the `X-Request-Id` of each answer, in each problem as `trace_id`, and in each line of
the log. Where a proxy in front has named the request already, its name is kept.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import cast

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

HEADER = "X-Request-Id"
# What a stranger writes there comes into the log: letters and digits, not too many.
_NAME = re.compile(r"[A-Za-z0-9_.-]{8,64}")
_current: ContextVar[str] = ContextVar("trace_id", default="")

Answer = Callable[[HttpRequest], HttpResponseBase]
AsyncAnswer = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


def trace_id() -> str:
    """The name of the request that is being answered; no letters outside of one."""
    return _current.get()


def fresh() -> str:
    return secrets.token_hex(8)


@sync_and_async_middleware
def name_requests(get_response: Answer | AsyncAnswer) -> Answer | AsyncAnswer:
    if iscoroutinefunction(get_response):
        awaited = cast(AsyncAnswer, get_response)

        async def answer_later(request: HttpRequest) -> HttpResponseBase:
            token = _current.set(name := _name(request))
            try:
                return _named(await awaited(request), name)
            finally:
                _current.reset(token)

        return answer_later

    at_once = cast(Answer, get_response)

    def answer(request: HttpRequest) -> HttpResponseBase:
        token = _current.set(name := _name(request))
        try:
            return _named(at_once(request), name)
        finally:
            _current.reset(token)

    return answer


class Named(logging.Filter):
    """Gives each line of the log the name of the request that it is about."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.trace_id = trace_id() or "-"
        return True


def _name(request: HttpRequest) -> str:
    given = request.headers.get(HEADER, "")
    return given if _NAME.fullmatch(given) else fresh()


def _named(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response[HEADER] = name
    return response
