"""Make a file to try the library with."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from av.error import FFmpegError
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from library import samples

# As many bits a second as a good film disc has, where only a size is given.
_COMMON_BITS = 40_000_000


class Command(BaseCommand):
    help = (
        "Make a film that plays (PATH ends in .mp4, .m4v, .mov, .mkv or .webm) or patterned "
        "bytes (any other PATH), and print its size and SHA-256."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--size", type=_size, help="as 300MiB, 1GiB or a number of bytes")
        parser.add_argument("--seconds", type=_more_than_nothing, help="how long the film is")
        parser.add_argument("--width", type=_even, default=1280)
        parser.add_argument("--height", type=_even, default=720)
        parser.add_argument("--scene", choices=samples.SCENES, default="shapes")
        parser.add_argument("--force", action="store_true", help="replace a file of that name")
        parser.add_argument("--fps", type=int, choices=range(1, 121), metavar="FPS", default=25)

    def handle(
        self,
        *args: Any,
        path: Path,
        size: int | None,
        seconds: float | None,
        width: int,
        height: int,
        fps: int,
        scene: str,
        force: bool,
        **options: Any,
    ) -> None:
        if path.exists() and not force:
            raise CommandError(f"{path} is there already. Give another name, or --force.")
        if not path.parent.is_dir():
            raise CommandError(f"There is no folder {path.parent}.")
        # Under another name until it is complete: a sample is whole or not there.
        draft = path.with_name(f".part-{path.name}")
        try:
            if path.suffix.lower() in samples.CODECS:
                seconds = seconds or (max(30.0, size * 8 / _COMMON_BITS) if size else 30.0)
                form = {"width": width, "height": height, "fps": fps, "size": size, "scene": scene}
                digest = self._film(draft, seconds=seconds, **form)
            elif size is not None:
                digest = self._pattern(draft, size)
            else:
                raise CommandError("Say how large it should be: --size 1GiB")
            draft.replace(path)
        except (OSError, FFmpegError, ValueError) as error:
            raise CommandError(str(error)) from error
        finally:
            draft.unlink(missing_ok=True)
        self.stdout.write(f"{path}\n{path.stat().st_size:,} bytes\nSHA-256 {digest}")

    def _film(self, path: Path, **form: Any) -> str:
        with _bar(MofNCompleteColumn(), _PicturesASecond()) as bar:
            task = bar.add_task("Filming", total=None)
            samples.write_film(
                path,
                **form,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        return samples.sha256(path)

    def _pattern(self, path: Path, size: int) -> str:
        with _bar(DownloadColumn(binary_units=True), TransferSpeedColumn()) as bar:
            task = bar.add_task("Writing", total=size)
            return samples.write_pattern(
                path, size, lambda done, total: bar.update(task, completed=done, total=total)
            )


class _PicturesASecond(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed or 0:.0f} pictures/s", style="progress.data.speed")


def _bar(*columns: ProgressColumn) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        *columns,
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def _size(text: str) -> int:
    try:
        return samples.parse_size(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


def _more_than_nothing(text: str) -> float:
    if not (seconds := float(text)) > 0:
        raise ArgumentTypeError("A film takes some time.")
    return seconds


def _even(text: str) -> int:
    number = int(text)
    if number < 16 or number % 2:
        raise ArgumentTypeError("Pictures are an even number of pixels wide and high, 16 or more.")
    return number
