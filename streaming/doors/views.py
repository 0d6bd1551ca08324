"""
The two addresses that give bytes to sessions and tokens: a film, and a piece as stored.

There is no limit on requests here: who jumps about in a film makes many, and each is small.
"""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.db import connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from library.api import problems
from library.errors import Refusal
from streaming.doors import answers, bodies
from streaming.doors.bodies import Body
from streaming.doors.viewers import viewer
from streaming.doors.watched import register
from streaming.errors import NotThisMethod

METHODS = ("GET", "HEAD")


# Nothing is changed here, and other methods should get their 405, not a page about CSRF.
@csrf_exempt
async def stream(request: HttpRequest, video_id: str) -> HttpResponseBase:
    try:
        _check_method(request)
        download = request.GET.get("download") == "1"
        who = await viewer(request)
        body = await bodies.film(who, video_id, download=download)
        response = await _answer(request, body)
    except Refusal as refusal:
        return problems.refuse(request, refusal)
    register.follow(request, response, who, video_id)
    return response


@csrf_exempt
async def piece(request: HttpRequest, piece_cid: str) -> HttpResponseBase:
    try:
        _check_method(request)
        body = await bodies.stored(await viewer(request), piece_cid)
        return await _answer(request, body)
    except Refusal as refusal:
        return problems.refuse(request, refusal)


async def _answer(request: HttpRequest, body: Body) -> HttpResponseBase:
    response = await answers.answer(request, body)
    if response.streaming:
        await sync_to_async(_leave_database)()
    return response


def _leave_database() -> None:
    """
    Close the connection of this request. A film is watched for hours, and nothing is asked
    of the database meanwhile: a hundred viewers should not hold a hundred connections.
    """
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


def _check_method(request: HttpRequest) -> None:
    if request.method not in METHODS:
        raise NotThisMethod(request.method or "", METHODS)
