"""What commands that serve or work ask before they begin."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError

from library.errors import KeyUnavailable
from library.keys import startup


def check_keys(command: BaseCommand) -> None:
    """Warn of film keys that stay closed. Raises CommandError where all of them do."""
    try:
        warning = startup.check()
    except KeyUnavailable as refusal:
        raise CommandError(refusal.detail) from None
    if warning:
        command.stderr.write(f"Warning: {warning}")
