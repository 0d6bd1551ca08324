"""
The first administrator: from the environment, or through a link that works once.

The link's secret lies in the data folder, readable by its owner alone, and is good for
as long as there is no administrator.
"""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from library import places
from library.errors import Invalid, NotFound
from library.locks import Lock, hold
from library.models import User


def administrator_exists() -> bool:
    return User.objects.filter(is_superuser=True, is_active=True).exists()


def create_from_environment() -> bool:
    """
    Make the administrator that the settings name, unless the account is there already.

    Raises Invalid for half a name, and for a password that a person could not choose.
    """
    name, password = settings.FIRST_ADMIN_USERNAME, settings.FIRST_ADMIN_PASSWORD
    if bool(name) != bool(password):
        raise Invalid(
            "DJANGO_SUPERUSER_USERNAME and DJANGO_SUPERUSER_PASSWORD go together; one is missing."
        )
    if not name or User.objects.filter(username=name).exists():
        return False
    _administrator(name, password, email=settings.FIRST_ADMIN_EMAIL).save()
    return True


def link() -> str:
    """The address at which the first administrator is made; the same until it was used."""
    path = _kept()
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
    return f"{settings.SITE_URL}/setup/{path.read_text().strip()}/"


def link_is_valid(token: str) -> bool:
    try:
        kept = _kept().read_text().strip()
    except FileNotFoundError:
        return False
    return hmac.compare_digest(kept.encode(), token.encode()) and not administrator_exists()


def create_admin(token: str, username: str, password: str) -> User:
    """Make the first administrator. Raises NotFound for a link that is wrong or was used."""
    admin = _administrator(username, password)
    with transaction.atomic():
        # Two people with the same link: the second finds an administrator.
        hold(Lock.FIRST_ADMIN)
        if not link_is_valid(token):
            raise NotFound("This set-up link is not valid, or it has been used.")
        admin.save()
    _kept().unlink(missing_ok=True)
    return admin


def _administrator(username: str, password: str, *, email: str = "") -> User:
    admin = User(username=username, email=email, is_staff=True, is_superuser=True)
    try:
        admin.full_clean(exclude=["password"])
        validate_password(password, admin)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from None
    admin.set_password(password)
    return admin


def _kept() -> Path:
    return places.data() / "secrets" / "setup_link"
