"""
The two addresses that give bytes to sessions and tokens: a film, and a piece as stored.

Who jumps about in a film makes many requests, and each is small; see `limits`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from http import HTTPStatus
from typing import NamedTuple

from asgiref.sync import sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, InterfaceError, connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from library.api import problems
from library.errors import NotFound, Refusal
from library.models import User
from streaming.doors import accel, answers, arriving, bodies, handler, limits, resting, told
from streaming.doors.answers import Answer, Asked
from streaming.doors.bodies import Body
from streaming.doors.delivery import deliver, hand_over
from streaming.doors.known import known
from streaming.doors.signing import Right
from streaming.doors.viewers import Viewer, Watcher, viewer, watcher
from streaming.errors import NotThisMethod

METHODS = ("GET", "HEAD")


class Found(NamedTuple):
    """Who asks, for what, and by what right; of an import, nobody looks on for that."""

    who: Viewer
    body: Body
    right: Right | None = None


class Sending(StreamingHttpResponse):
    """Hands parts on as they are; Django would wrap each in two more generators."""

    _iterator: AsyncIterator[bytes]

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._iterator if self.is_async else super().__aiter__()


# Nothing is changed here, and other methods should get their 405, not a page about CSRF.
@csrf_exempt
async def stream(request: HttpRequest, video_id: str) -> HttpResponseBase:
    def look() -> Found:
        who = viewer(request)
        if arriving.IMPORT.fullmatch(video_id):
            return Found(who, arriving.film(who, video_id))
        body = known.film(who, video_id, download=request.GET.get("download") == "1")
        return Found(who, body, resting.right(request, who, body))

    return await _give(request, look)


@csrf_exempt
async def piece(request: HttpRequest, piece_cid: str) -> HttpResponseBase:
    def look() -> Found:
        who = viewer(request)
        body = bodies.stored(who, piece_cid)
        return Found(who, body, resting.right(request, who, body))

    return await _give(request, look)


async def _give(request: HttpRequest, look: Callable[[], Found]) -> HttpResponseBase:
    """What `look` finds in the database, in one go: it is asked in a thread."""
    try:
        check_method(request)
        try:
            found = await sync_to_async(_in_database)(look)
        except NotFound:
            # Whoever tries names one after another is slowed down as any other.
            await limits.limits().miss(_watching(request, AnonymousUser()))
            raise
        body = await arriving.looked_into(found.body)
        return await answer(request, body, found.who, found.right)
    except Refusal as refusal:
        return problems.refuse(request, refusal)


def _in_database(look: Callable[[], Found]) -> Found:
    try:
        return look()
    except (DatabaseError, InterfaceError):
        # It may be the connection's fault; the next request begins a new one.
        _leave_database()
        raise
    finally:
        # A film is watched for hours, and nothing is asked of the database meanwhile: a hundred
        # viewers should not hold a hundred connections.
        if not handler.keeps_its_connection():
            _leave_database()


async def answer(
    request: HttpRequest, body: Body, who: Viewer, right: Right | None = None
) -> HttpResponseBase:
    """Ends with `right`. Raises a Refusal, as `answers.answer` and `deliver` do."""
    found = answers.answer(Asked(request.method or "", request.headers), body)
    if found.status == HTTPStatus.NOT_MODIFIED:
        return _not_modified(found)
    if found.opening is None:
        return HttpResponse(status=found.status, headers=found.headers)
    watching = _watching(request, who)
    spending = right.spending if right else None
    # What nginx sends cannot be counted.
    if spending is None and (by_nginx := await accel.handed(found, body)):
        await hand_over(by_nginx, watching, body.video)
        head = by_nginx.answer
        empty = HttpResponse(status=head.status, headers=head.headers)
        return _told(empty, who, body, by_nginx.source)
    delivery = await deliver(found, watching, body.video, spending)
    delivery.rests_on(right)
    response = Sending(delivery, status=found.status, headers=found.headers)
    return _told(response, who, body, delivery.source)


def _watching(request: HttpRequest, who: Viewer) -> Watcher:
    meta = request.META
    return watcher(who, meta.get("REMOTE_ADDR", ""), meta.get("HTTP_USER_AGENT", ""))


def _told(response: HttpResponseBase, who: Viewer, body: Body, source: str) -> HttpResponseBase:
    """With what whoever may change the film is told besides."""
    if isinstance(who, User) and body.is_changed_by(who.pk, who.is_staff):
        for name, value in told.headers(source).items():
            response[name] = value
        # These are for them alone, and so is an answer that has them.
        if body.may_be_kept:
            response["Cache-Control"] = "private, no-cache"
    return response


def _not_modified(answer: Answer) -> HttpResponseBase:
    # A streaming one, because Django gives others a Content-Length of 0, and the length in
    # a 304 is that of the body which it stands for.
    response = Sending(_nothing(), status=answer.status, headers=answer.headers)
    del response["Content-Type"]
    return response


async def _nothing() -> AsyncGenerator[bytes, None]:
    return
    yield b""


def _leave_database() -> None:
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


def check_method(request: HttpRequest) -> None:
    if request.method not in METHODS:
        raise NotThisMethod(request.method or "", METHODS)
