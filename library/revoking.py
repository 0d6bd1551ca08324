"""
Telling all processes that a right has ended, or that a film or an account has changed.

Written in the transaction that makes it true, so that nobody hears of it too early, and
nobody misses it. Rights end in ways that do not pass through our code (Django's own pages,
the administration), so those are heard of by signals.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.contrib.sessions.models import Session
from django.db.models.signals import post_delete, post_save

from library.models import DeviceToken, Revocation, User, Video

# What an account's rights rest on.
_RIGHTS = {"password", "is_active", "is_staff"}


def digest(secret: str) -> str:
    """How a session or a device is named where its key may not be told."""
    return hashlib.blake2s(secret.encode(), digest_size=16, person=b"revoking").hexdigest()


def session(key: str) -> None:
    _tell(Revocation.Kind.SESSION, [digest(key)])


def device(token: DeviceToken) -> None:
    _tell(Revocation.Kind.DEVICE, [digest(token.digest)])


def user(user_id: int) -> None:
    _tell(Revocation.Kind.USER, [str(user_id)])


def films(ids: Iterable[str]) -> None:
    """Who may see them has changed, or what they are made of."""
    films = list(ids)
    # Whoever may see a film may see its renditions, and nobody else.
    made = Video.objects.filter(rendition_of__in=films).values_list("pk", flat=True)
    _tell(Revocation.Kind.FILM, [*films, *made])


def _tell(kind: Revocation.Kind, keys: Iterable[str]) -> None:
    Revocation.objects.bulk_create(Revocation(kind=kind, key=key) for key in keys)


# --- by signals


def listen() -> None:
    """Once, when the library begins."""
    user_logged_out.connect(_signed_out, dispatch_uid="revoking")
    post_delete.connect(_session_gone, sender=Session, dispatch_uid="revoking")
    post_delete.connect(_device_gone, sender=DeviceToken, dispatch_uid="revoking")
    post_delete.connect(_user_gone, sender=User, dispatch_uid="revoking")
    post_save.connect(_saved, sender=User, dispatch_uid="revoking")


def _signed_out(request: Any, **_: Any) -> None:
    key = getattr(getattr(request, "session", None), "session_key", None)
    if key:
        session(key)


def _session_gone(instance: Session, **_: Any) -> None:
    session(instance.session_key)


def _device_gone(instance: DeviceToken, **_: Any) -> None:
    device(instance)


def _user_gone(instance: User, **_: Any) -> None:
    user(instance.pk)


def _saved(instance: User, update_fields: Iterable[str] | None, **_: Any) -> None:
    # A sign-in saves its time only. Told once too often, an account is looked at once more.
    if update_fields is None or set(update_fields) & _RIGHTS:
        user(instance.pk)
