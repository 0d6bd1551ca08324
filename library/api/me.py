"""Whoever asks: their name, what they chose, and what they may do here."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from library import people, permissions
from library.api.bodies import Body
from library.api.described import answers
from library.api.scoped import ANY, needs
from library.api.view import ApiView
from library.models import DeviceToken, User
from library.models.scopes import everything
from library.shapes import MeShape, PreferencesShape
from library.watching import preferences


@extend_schema_field(PreferencesShape)
class Preferences(serializers.JSONField):
    """`library.watching.preferences` knows what may be chosen, and names what may not."""


class MeBody(Body):
    name = serializers.CharField(required=False, allow_blank=True, max_length=1000)
    preferences = Preferences(required=False)


class Me(ApiView):
    scopes = {**needs("videos:write"), "GET": ANY}

    @extend_schema(operation_id="me", summary="Who you are here", responses=answers(MeShape, 401))
    def get(self, request: Request) -> Response:
        return Response(_described(request))

    @extend_schema(
        operation_id="me_change",
        summary="Change your name, or what you prefer",
        description="Preferences are set one by one: what is left out stays as it is.",
        request=MeBody,
        responses=answers(MeShape, 400, 401),
    )
    def patch(self, request: Request) -> Response:
        given = MeBody.of(request)
        people.change(_person(request), name=given.get("name"), chosen=given.get("preferences"))
        return Response(_described(request))


def _described(request: Request) -> dict[str, Any]:
    user = _person(request)
    return {
        "username": user.username,
        "name": user.first_name,
        "preferences": preferences.of(user),
        "is_staff": user.is_staff,
        "version": settings.FILMEDIA_VERSION,
        "may_upload": permissions.may_upload(user),
        "upload_max_size": settings.UPLOAD_MAX_SIZE,
        "upload_chunk_size": settings.UPLOAD_CHUNK_SIZE,
        "scopes": _scopes(request),
    }


def _scopes(request: Request) -> list[str]:
    """What this sign-in may do: a session whatever its person may."""
    return request.auth.scopes if isinstance(request.auth, DeviceToken) else everything()


def _person(request: Request) -> User:
    assert isinstance(request.user, User)  # the permission classes saw to it
    return request.user
