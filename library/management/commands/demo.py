"""Put something on the first page."""

from __future__ import annotations

import logging
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from library import demo


class Command(BaseCommand):
    help = "Make an account named demo, with three short films. A second call adds what is missing."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        owner, password = demo.account()
        missing = demo.missing_films(owner)
        columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
        with Progress(*columns) as progress:
            for film in missing:
                bar = progress.add_task(film.title)

                def tell(done: int, total: int, bar: TaskID = bar) -> None:
                    progress.update(bar, completed=done, total=total)

                demo.add(owner, film, tell)
        # The worker's log would run through what is said here.
        logging.getLogger("library").setLevel(logging.WARNING)
        call_command("worker", once=True)
        self.stdout.write(f"{len(missing)} films were made; {owner} has {owner.videos.count()}.")
        if password:
            self.stdout.write(f"Sign in as {owner} with the password {password}")
        else:
            self.stdout.write("The account was there already; its password is as it was.")
