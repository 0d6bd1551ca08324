"""What commands that serve or work ask before they begin."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from library.errors import KeyUnavailable
from library.keys import startup


def check_keys(command: BaseCommand) -> None:
    """Warn of film keys that stay closed. Raises CommandError where all of them do."""
    try:
        warning = startup.check()
    except KeyUnavailable as refusal:
        raise CommandError(refusal.detail) from None
    except DatabaseError as error:
        # It may come, or be migrated, while a worker waits for it.
        warning = f"The film keys could not be looked at: {error}"
    if warning:
        command.stderr.write(f"Warning: {warning}")
