"""What people change about themselves: their name, what they prefer, their password."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from library.errors import Invalid
from library.models import User
from library.watching import preferences

NAME_LIMIT = 100


def change(user: User, *, name: str | None = None, chosen: Any = None) -> None:
    """Set what is given; None leaves it as it is. Raises Invalid, and then nothing changed."""
    cleaned = None if name is None else _name(name)
    with transaction.atomic():
        if chosen is not None:
            preferences.change(user, chosen)
        if cleaned is not None and cleaned != user.first_name:
            user.first_name = cleaned
            user.save(update_fields=["first_name"])


def change_password(user: User, *, old: str, new: str) -> None:
    """
    Sessions elsewhere end with the old password; devices keep their tokens. Raises Invalid.
    """
    if not user.check_password(old):
        raise Invalid(_("This is not your password."), field="old")
    try:
        password_validation.validate_password(new, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), field="new") from None
    user.set_password(new)
    user.save(update_fields=["password"])


def _name(given: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", given).split())
    if len(name) > NAME_LIMIT or not name.isprintable():
        raise Invalid(
            _("A name has at most %(most)d characters, and no control characters.")
            % {"most": NAME_LIMIT},
            field="name",
        )
    return name
