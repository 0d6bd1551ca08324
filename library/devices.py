"""Devices and programs that somebody lets in by a token, and how they are shown out again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext as _

from library.errors import Invalid, MissingScope, NotFound
from library.models import DeviceToken, User
from library.models.scopes import SCOPES, everything

MOST_DAYS = 3650
MOST_NAME = 100


def sign_in(
    user: User, device: str, *, scopes: Sequence[str] | None = None, days: int | None = None
) -> tuple[DeviceToken, str]:
    """
    A token for `device`, and its secret, which is not kept. Without `scopes` it may do what
    its person may, without `days` it ends when tokens usually do. Raises Invalid.
    """
    device = device.strip()
    if not device or len(device) > MOST_NAME or not device.isprintable():
        raise Invalid(
            _("A device's name has 1 to 100 characters, and no control characters."),
            field="device",
        )
    chosen = everything() if scopes is None else [name for name in SCOPES if name in scopes]
    if not chosen or not set(scopes or ()) <= set(SCOPES):
        raise Invalid(_("Choose what the token may be used for."), field="scopes")
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise Invalid(
            _("A token lasts from 1 to %(most)d days.") % {"most": MOST_DAYS},
            field="expires_in_days",
        )
    lasting = {} if days is None else {"expiry": timedelta(days=days)}
    made: tuple[DeviceToken, str] = DeviceToken.objects.create(
        user=user, device=device, scopes=chosen, **lasting
    )
    return made


def sign_out(user: User, token_id: str, *, by: DeviceToken | None = None) -> None:
    """
    End a token of `user`. Asked `by` another token, only if that one may do as much.

    Raises NotFound or MissingScope.
    """
    device = DeviceToken.objects.filter(user_id=user.pk, public_id=token_id).first()
    if device is None:
        raise NotFound(_("You have no such device."))
    if by is not None and device.pk != by.pk and (missing := by.lacks(device.scopes)):
        raise MissingScope(missing, by.scopes)
    device.delete()


def of(user: User) -> list[DeviceToken]:
    """All of `user`'s, the one that was seen last first."""
    found = DeviceToken.objects.filter(user_id=user.pk)
    return sorted(found, key=lambda device: device.last_used_at or device.created, reverse=True)
