"""
Addresses that carry their own grant, as Django answers them: a piece that a provider pulls
from here, and a film where nothing stands in front of Django (see `media`).
"""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from library import media_addresses
from library.api import problems
from library.errors import Refusal
from library.media_addresses import Unsigned
from library.models import User
from streaming.doors import bodies, views
from streaming.doors.grants import grants
from streaming.errors import AddressEnded, AddressExpired

# Whoever minted a grant for a piece had the right to give it to anybody; only what is in the
# trash, or gone, is not there for it either.
_WHOEVER = User(is_staff=True)


@csrf_exempt
async def media(request: HttpRequest, signed: str) -> HttpResponseBase:
    try:
        views.check_method(request)
        right = await grants.right(signed)
        assert right.body is not None
        who = User(pk=right.grant.user) if right.grant.user else AnonymousUser()
        return await views.answer(request, right.body, who, right)
    except Refusal as refusal:
        return problems.refuse(request, refusal)


@csrf_exempt
async def pull(request: HttpRequest, signed: str, piece_cid: str) -> HttpResponseBase:
    """The stored bytes of one piece, for whoever has the grant for it."""
    try:
        views.check_method(request)
        _check_grant(signed, piece_cid)
        body = await sync_to_async(bodies.stored)(_WHOEVER, piece_cid)
        return await views.answer(request, body, AnonymousUser())
    except Refusal as refusal:
        return problems.refuse(request, refusal)


def _check_grant(signed: str, piece_cid: str) -> None:
    try:
        grant = media_addresses.opened(signed)
    except Unsigned:
        raise AddressEnded from None
    if not media_addresses.is_for_piece(grant, piece_cid):
        raise AddressEnded
    if media_addresses.has_expired(grant):
        raise AddressExpired
