"""Signing in on a device: a token each, expiring, and revocable without the others."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate
from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle, ScopedRateThrottle

from library import devices
from library.api.bodies import Body
from library.api.described import answers
from library.api.scoped import needs
from library.api.view import ApiView
from library.models import DeviceToken, User
from library.models.scopes import SCOPES
from library.moments import moment
from library.shapes import DeviceListShape, NewDeviceShape


class SignInShape(Body):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=4096, trim_whitespace=False)
    device = serializers.CharField(max_length=100, help_text="what you call this device")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(list(SCOPES)),
        required=False,
        allow_empty=False,
        max_length=len(SCOPES),
        help_text="what the token may be used for; left out: all that you may",
    )
    expires_in_days = serializers.IntegerField(
        required=False, min_value=1, max_value=devices.MOST_DAYS
    )

    def validate_device(self, name: str) -> str:
        if not name.isprintable():
            raise serializers.ValidationError("A device's name has no control characters.")
        return name


class DeviceList(ApiView):
    """Sign in on a device, and see the devices you are signed in on."""

    scopes = needs()
    # What is told once is not kept to be told again.
    keeps_answers = False
    throttle_scope = "sign-in"

    def get_authenticators(self) -> list[BaseAuthentication]:
        # Signing in must work for a device whose old token is no longer good.
        return [] if self._is_signing_in() else super().get_authenticators()

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny() if self._is_signing_in() else IsAuthenticated()]

    def get_throttles(self) -> list[BaseThrottle]:
        return [ScopedRateThrottle()] if self._is_signing_in() else super().get_throttles()

    def get_authenticate_header(self, request: Request) -> str:
        return "Bearer"

    @extend_schema(
        operation_id="devices_list",
        summary="The devices you are signed in on",
        responses=answers(DeviceListShape, 401),
    )
    def get(self, request: Request) -> Response:
        found = devices.of(_person(request))
        return Response({"items": [_describe(device, request) for device in found]})

    @extend_schema(
        operation_id="devices_sign_in",
        summary="Sign in on a device",
        request=SignInShape,
        responses=answers(NewDeviceShape, 400, 401, 429, status=201),
        auth=[],
    )
    def post(self, request: Request) -> Response:
        given = SignInShape.of(request)
        user = authenticate(_plain(request), username=given["username"], password=given["password"])
        if not isinstance(user, User):
            # Which of the two was wrong is nobody's business.
            raise AuthenticationFailed("The user name or the password is wrong.")
        device, token = devices.sign_in(
            user, given["device"], scopes=given.get("scopes"), days=given.get("expires_in_days")
        )
        body = {
            "id": device.public_id,
            "token": token,
            "device": device.device,
            "scopes": device.scopes,
            "expires_at": moment(device.expiry),
        }
        return Response(body, status=201, headers={"Cache-Control": "no-store"})

    def _is_signing_in(self) -> bool:
        return getattr(self.request, "method", None) == "POST"


class DeviceDetail(ApiView):
    scopes = needs()

    @extend_schema(
        operation_id="devices_revoke",
        summary="Sign a device out",
        description="A token ends itself, and others that may do no more than it may.",
        responses=answers(None, 401, 404),
    )
    def delete(self, request: Request, token_id: str) -> Response:
        by = request.auth if isinstance(request.auth, DeviceToken) else None
        devices.sign_out(_person(request), token_id, by=by)
        return Response(status=204)


def _person(request: Request) -> User:
    assert isinstance(request.user, User)  # the permission classes saw to it
    return request.user


def _plain(request: Request) -> HttpRequest:
    """Django's own request, from which axes learns the address of who is guessing."""
    return request._request


def _describe(device: DeviceToken, request: Request) -> dict[str, Any]:
    return {
        "id": device.public_id,
        "device": device.device,
        "created_at": moment(device.created),
        "expires_at": moment(device.expiry),
        "last_used_at": moment(device.last_used_at),
        "scopes": device.scopes,
        "current": device == request.auth,
    }
