"""The keys of encrypted films: what opens them, a new library key, the recovery kit."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from library import places
from library.errors import Refusal
from library.keys import keyring, kit, printed, restoring, rotation, startup
from library.keys.kit import Kit
from library.keys.wrapping import LibraryKey
from library.models import RecoveryKit, User, Video


class Command(BaseCommand):
    help = "See docs/recovery.md."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("status", help="what opens what, and when the keys were last saved")
        actions.add_parser("rotate", help="wrap all film keys with a new library key")
        made = actions.add_parser(
            "kit", help="make a recovery kit: a page to print, a file to save"
        )
        made.add_argument("folder", type=Path, help="where the two files go")
        checked = actions.add_parser("check", help="open a saved kit with its printed key")
        brought = actions.add_parser("restore", help="bring films back from a kit and their pieces")
        for parser in (checked, brought):
            parser.add_argument("kit", type=Path, help="the file that was saved")
            parser.add_argument(
                "--key-file", type=Path, help="a file with the printed key, instead of typing it"
            )
        brought.add_argument(
            "--pieces", type=Path, required=True, help="the folder below which the pieces are"
        )
        brought.add_argument(
            "--owner", required=True, help="who gets the films of people without an account here"
        )

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        try:
            getattr(self, f"_{action}")(options)
        except (Refusal, printed.Mistyped, OSError) as error:
            raise CommandError(str(error)) from None

    def _status(self, options: dict[str, Any]) -> None:
        where = keyring.key_file()
        self._say(f"Library key {keyring.current().id}, from {where or keyring.GIVEN}.")
        known = {key.id for key in keyring.known()}
        for id, count in sorted(startup.wrapped_by().items()):
            closed = "" if id in known else " THIS KEY IS MISSING: see docs/recovery.md."
            self._say(f"{_film_keys(count)} wrapped by {id}.{closed}")
        last = RecoveryKit.objects.first()
        if last is None:
            self._say("No recovery kit was made yet: manage.py keys kit FOLDER makes one.")
        else:
            self._say(f"The last recovery kit is of {last.made_at:%Y-%m-%d %H:%M} UTC.")
            self._say(f"{kit.missing_keys():,} encrypted films have been added since.")

    def _rotate(self, options: dict[str, Any]) -> None:
        with Console(file=sys.stderr).status("Wrapping the film keys …") as shown:
            done = rotation.rotate(lambda changed: shown.update(f"{changed:,} film keys wrapped …"))
        if done.is_new:
            self._say(f"The library key is {done.key.id} now.")
            self._say(f"Earlier ones are kept in {places.previous_library_keys()}: they open")
            self._say("backups of the database. Earlier kits open with their own printed keys.")
        self._say(f"{done.changed:,} film keys were wrapped with {done.key.id}.")
        if not done.is_new and not done.changed and keyring.key_file() is None:
            self._say(
                f"All were already. To change the key, set {keyring.GIVEN} to a new one and "
                f"{keyring.GIVEN}_PREVIOUS to this one, start again, and rotate."
            )
        if done.closed:
            raise CommandError(
                f"{len(done.closed)} film keys could not be opened, and are left as they are:\n"
                + "\n".join(done.closed)
            )
        if done.changed or done.is_new:
            self._say("Now make a new recovery kit: manage.py keys kit FOLDER")

    def _kit(self, options: dict[str, Any]) -> None:
        made = kit.make(options["folder"].expanduser())
        self._say(
            f"A recovery kit for {_films(made.kit)}. Both halves were read back from the disk, "
            "and every key was opened."
        )
        self._say(f"  Print, then delete:  {made.to_print}")
        self._say(f"  Save elsewhere:      {made.to_save}")
        self._say("Keep the two apart. Films that are added from now on need a new kit.")

    def _check(self, options: dict[str, Any]) -> None:
        opened = self._opened(options)
        self._say(f"This kit of {opened.made_at:%Y-%m-%d %H:%M} UTC opens {_films(opened)}.")
        here = {video.pk: video for video in Video.objects.only("pk", "sha256")}
        missing = sum(id not in {film["id"] for film in opened.films} for id in here)
        if missing:
            self._say(f"{missing:,} films of this library are not in it.")

    def _restore(self, options: dict[str, Any]) -> None:
        owner = User.objects.filter(username=options["owner"]).first()
        if owner is None:
            raise CommandError(f"There is no account {options['owner']!r} to give films to.")
        if not options["pieces"].is_dir():
            raise CommandError(f"{options['pieces']} is not a folder.")
        key = self._typed(options)
        opened = kit.read(options["kit"], key)
        restoring.install(key)
        done = restoring.restore(opened, options["pieces"], owner, self._say)
        self._say(
            f"{len(done.brought):,} films were brought back, {len(done.there):,} were here already."
        )
        if done.brought:
            self._say("They are checked and stored as soon as the library runs.")
        if done.left_out:
            lines = [f"  {title}: {reason}" for title, reason in done.left_out]
            raise CommandError(
                f"{len(lines)} films were left out. The same command brings them once that is "
                "mended:\n" + "\n".join(lines)
            )

    def _opened(self, options: dict[str, Any]) -> Kit:
        return kit.read(options["kit"], self._typed(options))

    def _typed(self, options: dict[str, Any]) -> LibraryKey:
        # The kit first: nobody should type a long key for a file that is none.
        head = kit.header(options["kit"])
        if options["key_file"] is not None:
            return printed.read(options["key_file"].read_text())
        if sys.stdin.isatty():
            return printed.read(getpass.getpass(f"The printed key {head['library_key']}: "))
        return printed.read(sys.stdin.read())

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)


def _film_keys(count: int) -> str:
    return "One film key is" if count == 1 else f"{count:,} film keys are"


def _films(opened: Kit) -> str:
    count = len(opened.films)
    films = "one film" if count == 1 else f"{count:,} films"
    return f"{films}, {opened.keys:,} of them encrypted"
