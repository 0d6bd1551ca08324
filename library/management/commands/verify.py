"""Read stored films once more and hold every byte against PieceCID and SHA-256."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from library.management.bars import Bars
from library.management.checking import check_keys
from library.models import Video
from library.rereading import films, noting
from library.rereading.films import Report

STOPPED = 2
# A film that is only received has no copies to read yet.
_STORED = [
    Video.State.STORED,
    Video.State.COMMITTED,
    Video.State.PROVEN,
    Video.State.AT_RISK,
]


class Command(BaseCommand):
    help = (
        "Read the copies of stored films and compare them with PieceCID and SHA-256. What is "
        "wrong is written down: the worker mends it, or the film is At risk. "
        "Exit codes: 0 all is right, 1 something is not or cannot be read, 2 stopped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("films", nargs="*", metavar="ID", help="ids or PieceCIDs")
        parser.add_argument("--all", action="store_true", help="every stored film")
        parser.add_argument(
            "--sample", action="store_true", help=f"{films.SAMPLED_BLOCKS} blocks of each copy"
        )
        parser.add_argument("--json", action="store_true", help="a document a line")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["films"]) == options["all"]:
            raise CommandError("Name films, or say --all.")
        check_keys(self)
        looked = wrong = 0
        try:
            with Bars(sys.stderr) as bars:
                for video in _chosen(options["films"]):
                    bar = bars.add(video.title, films.size_of(video))
                    look = films.look_at_some if options["sample"] else films.look
                    report = look(video, at=bar.at)
                    bar.end()
                    noting.note(report)
                    looked, wrong = looked + 1, wrong + (not report.is_right)
                    self._tell(report, as_json=options["json"])
        except KeyboardInterrupt:
            raise CommandError("Stopped.", returncode=STOPPED) from None
        if wrong:
            raise CommandError(f"{wrong:,} of {looked:,} films: not what they should be.")
        if not options["json"]:
            self.stdout.write(f"{looked:,} of {looked:,} films: what they should be.")

    def _tell(self, report: Report, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(_document(report)))
            return
        video = report.video
        self.stdout.write(f"{'ok    ' if report.is_right else 'FAILED'}  {video.pk}  {video.title}")
        for line in [*map(str, report.faults), *report.unread]:
            self.stderr.write(f"  {line}")
        for line in report.left_out:
            self.stdout.write(f"  left out: {line}")


def _chosen(names: list[str]) -> Iterator[Video]:
    if not names:
        yield from Video.objects.filter(state__in=_STORED, trashed_at=None).iterator(100)
        return
    found = [_named(name) for name in names]
    yield from dict.fromkeys(found)


def _named(name: str) -> Video:
    video = Video.objects.filter(pk=name).first() or Video.objects.filter(piece_cid=name).first()
    if video is None:
        raise CommandError(f"There is no film {name!r}.")
    if video.state not in _STORED:
        raise CommandError(f"{name} is not stored yet: there is nothing to read.")
    return video


def _document(report: Report) -> dict[str, Any]:
    return {
        "id": report.video.pk,
        "title": report.video.title,
        "ok": report.is_right,
        "read": report.read,
        "faults": [{**asdict(fault), "sentence": str(fault)} for fault in report.faults],
        "unread": report.unread,
        "left_out": report.left_out,
    }
