"""Bring films of this machine's folders into the library. The files themselves stay as they are."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from library.errors import Refusal
from library.importing import folders
from library.importing.bringing import Became, Brought, Watch, Wish
from library.importing.folders import Found
from library.importing.many import MOST_AT_ONCE, Importing, Stopped
from library.management.asking import owner
from library.management.bars import Bar, Bars
from library.management.checking import check_keys
from library.models import Visibility

STOPPED = 2
_EPILOG = """
Run it again after whatever ended it: it goes on from where it was, and brings each film once.
Exit codes: 0 all films are here, 1 some are not, 2 stopped, 3 the owner may not bring films.
"""


class Command(BaseCommand):
    help = "Import films from folders. Files are only read, never moved or deleted." + _EPILOG

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--owner", default="", help="who gets them; else the only superuser")
        parser.add_argument("--visibility", choices=Visibility.values, default="private")
        said = parser.add_mutually_exclusive_group()
        said.add_argument("--collection", default="", metavar="NAME", help="of all of them")
        said.add_argument(
            "--collection-from-folder",
            action="store_true",
            help="the collection of each is called as the folder it lies in",
        )
        parser.add_argument("--any-file", action="store_true", help="also what looks like no film")
        parser.add_argument("--jobs", type=int, default=2, metavar="N", help="files at once (2)")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done")
        parser.add_argument("--json", action="store_true", help="a document a line")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["jobs"] <= MOST_AT_ONCE:
            raise CommandError(f"--jobs is a number from 1 to {MOST_AT_ONCE}.")
        check_keys(self)
        wish = Wish(
            owner(options["owner"]),
            options["visibility"],
            options["collection"],
            options["collection_from_folder"],
        )
        importing = Importing(wish, at_once=options["jobs"], dry=options["dry_run"])
        counts: Counter[Became] = Counter()
        try:
            folders.check(options["paths"])
            files = folders.find(options["paths"], any_file=options["any_file"])
            with Bars(sys.stderr) as bars:
                shown: dict[Found, Bar] = {}

                def watch(file: Found) -> Watch:
                    bar = shown[file] = bars.add(file.path.name, file.size)
                    return Watch(lambda at: bar.at(at, "reading"), bar.at)

                for file, brought in importing.run(files, watch):
                    shown.pop(file).end()
                    counts[brought.became] += 1
                    self._tell(file, brought, options)
        except Refusal as refusal:
            raise CommandError(refusal.detail) from None
        except (KeyboardInterrupt, Stopped):
            importing.stop()
            raise CommandError(
                "Stopped. What has arrived is kept: the same command goes on.", returncode=STOPPED
            ) from None
        self._sum_up(counts, options)

    def _tell(self, file: Found, brought: Brought, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(_document(file, brought, dry=options["dry_run"])))
            return
        words = _DRY if options["dry_run"] else _WORDS
        line = f"{words[brought.became]}  {_shown(file)}"
        if brought.problem:
            self.stderr.write(f"{line}: {brought.problem}")
        else:
            self.stdout.write(f"{line}  {brought.video.pk}" if brought.video else line)

    def _sum_up(self, counts: Counter[Became], options: dict[str, Any]) -> None:
        new, there = counts[Became.RECEIVED], counts[Became.THERE]
        bad = counts[Became.REFUSED] + counts[Became.FAILED]
        would = "would be " if options["dry_run"] else ""
        said = f"{new:,} {would}received, {there:,} here already, {bad:,} not."
        if not options["json"]:
            self.stdout.write(said)
        if bad:
            raise CommandError(f"{bad:,} files are not in the library; each says why.")


_WORDS = {
    Became.RECEIVED: "Received     ",
    Became.THERE: "Here already ",
    Became.REFUSED: "Refused      ",
    Became.FAILED: "Failed       ",
}
_DRY = {**_WORDS, Became.RECEIVED: "Would bring  "}


def _shown(file: Found) -> str:
    """A path as a terminal can take it."""
    name = str(file.path).encode("utf-8", "replace").decode()
    return "".join(c if c.isprintable() else "?" for c in name)


def _document(file: Found, brought: Brought, *, dry: bool) -> dict[str, Any]:
    became = "would-receive" if dry and brought.became is Became.RECEIVED else brought.became
    return {
        "path": str(file.path).encode("utf-8", "replace").decode(),
        "size": file.size,
        "outcome": str(became),
        "video": brought.video.pk if brought.video else None,
        "sha256": brought.sha256 or None,
        "resumed_at": brought.resumed_at,
        "problem": brought.problem or None,
    }
