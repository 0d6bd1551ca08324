"""Whom a command works for."""

from __future__ import annotations

from django.core.management.base import CommandError

from library import permissions
from library.models import User

NO_ACCESS = 3


def owner(name: str) -> User:
    """
    The account of that name; without one, the only superuser there is.

    Raises CommandError, with the exit code for "may not", where it cannot bring films.
    """
    if not name:
        found = User.objects.filter(is_superuser=True, is_active=True)[:2]
        if len(found) != 1:
            raise CommandError("Say who gets the films: --owner NAME", returncode=NO_ACCESS)
        return found[0]
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is no account {name!r}.", returncode=NO_ACCESS)
    if not permissions.may_upload(user):
        raise CommandError(f"The account {name!r} may not bring films.", returncode=NO_ACCESS)
    return user
