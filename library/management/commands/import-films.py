"""`import_films`, with a hyphen."""

from library.management.commands.import_films import Command

__all__ = ["Command"]
