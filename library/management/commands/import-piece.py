"""`import_piece`, with a hyphen."""

from library.management.commands.import_piece import Command

__all__ = ["Command"]
