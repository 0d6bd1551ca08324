"""Devices, by their token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from library.errors import MissingScope, Refusal, SignInAgain
from library.models import DeviceToken, User

if TYPE_CHECKING:
    from rest_framework.request import Request

# When a device was last seen is told to the minute; more would be a write a request.
_SEEN_AGAIN = timedelta(minutes=1)


class DeviceAuthentication(TokenAuthentication):
    """`Authorization: Bearer …`, with the token that `POST /auth/tokens/` gave."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, DeviceToken]:
        try:
            token.decode()
        except UnicodeDecodeError:
            raise AuthenticationFailed("This token cannot be read.") from None
        _, device = super().authenticate_credentials(token)
        _see(device)
        return device.acting(), device

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def device_of(token: str) -> DeviceToken | None:
    """The device that `token` is of, where it and its user are still good."""
    try:
        return DeviceAuthentication().authenticate_credentials(token.encode())[1]
    except AuthenticationFailed:
        return None


def streaming_user(request: HttpRequest) -> User | None:
    """
    Whose token came with a request for bytes; None where none came. Raises SignInAgain for a
    token that is no longer good, MissingScope for one that may not be used to `stream`.
    """
    try:
        found = DeviceAuthentication().authenticate(request)
    except AuthenticationFailed:
        raise SignInAgain from None
    if found is None:
        return None
    user, device = found
    if missing := device.lacks({"stream"}):
        raise MissingScope(missing, device.scopes)
    # As the API's requests have it.
    request.auth = device  # type: ignore[attr-defined]
    return user


def devices_too(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lets an address outside the API be asked for with a token that may `stream` as well."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Here, since what makes problems of refusals needs to know how devices sign in.
        from library.api import problems

        try:
            if (user := streaming_user(request)) is not None:
                request.user = user
        except Refusal as refusal:
            return problems.refuse(request, refusal)
        return view(request, *args, **kwargs)

    return asked


def _see(device: DeviceToken) -> None:
    now = timezone.now()
    if device.last_used_at is None or now - device.last_used_at > _SEEN_AGAIN:
        DeviceToken.objects.filter(pk=device.pk).update(last_used_at=now)


class DeviceAuthenticationScheme(OpenApiAuthenticationExtension):
    target_class = "library.authentication.DeviceAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
