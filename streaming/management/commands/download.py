"""Films onto this disk, several at once, each verified while it is read."""

from __future__ import annotations

import threading
from argparse import ArgumentParser, ArgumentTypeError
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from library.errors import Refusal
from streaming import downloading
from streaming.downloading import Download, Watch
from streaming.errors import DownloadFailed

INTERRUPTED = 130


class Command(BaseCommand):
    help = (
        "Write films to disk and verify every block, the PieceCID and the SHA-256 on the way. "
        "The same command again goes on where it was stopped."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("films", nargs="+", metavar="ID", help="a film's id or its PieceCID")
        parser.add_argument("--to", type=Path, default=Path(), metavar="DIR", help="where to")
        parser.add_argument(
            "--parallel", type=_count, default=5, metavar="N", help="films at once (5)"
        )

    def handle(self, *args: Any, films: list[str], to: Path, parallel: int, **options: Any) -> None:
        try:
            downloads = downloading.plan(downloading.find(films), to)
        except (DownloadFailed, Refusal) as error:
            raise CommandError(str(error)) from None
        with _progress() as progress:
            failed = Downloads(downloads, progress, parallel).run()
        if failed:
            raise CommandError(f"{failed} of {len(downloads)} films were not downloaded.")


class Downloads:
    """Runs downloads in threads and shows how they get on."""

    def __init__(self, downloads: list[Download], progress: Progress, parallel: int) -> None:
        self._downloads, self._progress, self._parallel = downloads, progress, parallel
        self._stop = threading.Event()

    def run(self) -> int:
        """How many failed. Ctrl-C lets each finish its block and leaves a part to go on from."""
        with ThreadPoolExecutor(self._parallel, "download") as pool:
            running = {pool.submit(self._fetch, download): download for download in self._downloads}
            try:
                return sum(
                    not self._finish(future, running[future]) for future in as_completed(running)
                )
            except KeyboardInterrupt:
                self._stop.set()
                self._say("[yellow]Stopping[/] after the blocks that are being read …")
                pool.shutdown(cancel_futures=True)
        self._say("[yellow]Stopped.[/] The same command goes on from here.")
        raise SystemExit(INTERRUPTED)

    def _fetch(self, download: Download) -> Path:
        task = self._progress.add_task(download.target.name, total=download.video.size or None)
        watch = Watch(partial(self._progress.advance, task), self._stop.is_set)
        return downloading.fetch(download, watch)

    def _finish(self, future: Future[Path], download: Download) -> bool:
        try:
            path = future.result()
        except (DownloadFailed, Refusal, OSError) as error:
            self._say(f"[red]failed[/]  {download.video.pk}", error)
            return False
        self._say(f"[green]verified[/]  {download.video.pk}  {download.video.piece_cid}", path)
        return True

    def _say(self, what: str, detail: object = "") -> None:
        # The detail may hold what a person typed: it is no markup.
        self._progress.console.print(what, highlight=False, soft_wrap=True)
        if detail:
            self._progress.console.print(
                f"  {detail}", markup=False, highlight=False, soft_wrap=True
            )


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise ArgumentTypeError("a number from 1 to 64")
    return int(text)
