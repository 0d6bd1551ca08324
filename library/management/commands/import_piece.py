"""Fetch a film that is known by the PieceCIDs of its pieces."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from library.errors import Refusal
from library.importing import asking, fetching, lease, telling
from library.management.asking import owner
from library.management.bars import Bars
from library.management.checking import check_keys
from library.models import Import, Visibility
from library.storing.errors import Interrupted

STOPPED = 2


class Command(BaseCommand):
    help = (
        "Fetch a film by the PieceCIDs of its pieces, in order. Every byte is held against them "
        "while it is read. Killed, the same command goes on, and so does the worker. "
        "Exit codes: 0 the film is here, 1 it did not come, 2 stopped, 3 the owner may not "
        "bring films."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "cids", nargs="+", metavar="CID", help="of version 2, or 1 with its bytes: CID:BYTES"
        )
        parser.add_argument(
            "--from",
            action="append",
            default=[],
            dest="sources",
            metavar="URL",
            help="where /piece/CID is; may be said often. Else the network's providers are asked",
        )
        parser.add_argument("--owner", default="", help="who gets it; else the only superuser")
        parser.add_argument("--title", default="")
        parser.add_argument("--visibility", choices=Visibility.values, default="private")
        parser.add_argument("--collection", default="", metavar="NAME")
        parser.add_argument("--no-wait", action="store_true", help="leave it to the worker")
        parser.add_argument("--json", action="store_true", help="a document a line")

    def handle(self, *args: Any, **options: Any) -> None:
        check_keys(self)
        try:
            row = asking.ask(
                owner(options["owner"]),
                options["cids"],
                options["sources"],
                title=options["title"],
                visibility=options["visibility"],
                collection=options["collection"],
            )
        except Refusal as refusal:
            raise CommandError(refusal.detail) from None
        if not options["no_wait"]:
            row = self._fetch(row)
        self._tell(row, options)

    def _fetch(self, row: Import) -> Import:
        """In this process, unless a worker is at it; what is interrupted is left to others."""
        name, stopping = f"{socket.gethostname()[:60]}:{os.getpid()}", threading.Event()
        if row.state == Import.State.WAITING:
            # Somebody asks just now: they do not wait for its turn.
            Import.objects.filter(pk=row.pk, state=row.state).update(next_try_at=row.created_at)
        taken = lease.claim(name, stopping, only=row.pk)
        if taken is None:
            return row
        assert row.upload is not None
        try:
            with Bars(sys.stderr) as bars:
                bar = bars.add(row.upload.title, row.upload.length or 0)
                return fetching.perform(taken, bar.at)
        except (KeyboardInterrupt, Interrupted):
            raise CommandError(
                "Stopped. What is here is kept: the worker goes on, or the same command.",
                returncode=STOPPED,
            ) from None

    def _tell(self, row: Import, options: dict[str, Any]) -> None:
        told = telling.describe(telling.with_all(Import.objects.all()).get(pk=row.pk))
        if options["json"]:
            self.stdout.write(json.dumps(told))
        if told["state"] == Import.State.DONE:
            self._say(f"Received  {told['video'] or ''}  {told['title']}", options)
        elif options["no_wait"]:
            self._say(f"Asked for  {row.pk}: the worker fetches it.", options)
        elif told["state"] == Import.State.RUNNING:
            raise CommandError(f"Another worker is fetching it: {row.pk}.")
        else:
            again = " The worker tries it again." if told["next_try_at"] else ""
            raise CommandError(f"{told['error'] or 'It was cancelled.'}{again}")

    def _say(self, sentence: str, options: dict[str, Any]) -> None:
        if not options["json"]:
            self.stdout.write(sentence)
