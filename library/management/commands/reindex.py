"""`manage.py reindex`: the words that searches look through, made anew from the films."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from library.search import index


class Command(BaseCommand):
    help = (
        "Makes the search index anew. Nothing needs this in everyday use: what changes is "
        "indexed as it changes. Films can be watched and searched meanwhile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="write the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        films = index.rebuild()
        if options["json"]:
            self.stdout.write(json.dumps({"films": films}))
        else:
            self.stdout.write(f"Indexed {films:,} {'film' if films == 1 else 'films'}.")
