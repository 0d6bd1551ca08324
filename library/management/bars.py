"""Progress on standard error: bars where a person looks, nothing where a program does."""

from __future__ import annotations

from typing import Self, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

_NAME = 40


class Bar:
    """One film's. Threads may move it."""

    def __init__(self, drawn: Progress, name: str, total: int) -> None:
        shown = "".join(c if c.isprintable() else "?" for c in name)
        self._name = shown if len(shown) <= _NAME else f"{shown[: _NAME - 1]}…"
        self._drawn, self._stage = drawn, ""
        self._task: TaskID = drawn.add_task(self._name, total=total)

    def at(self, done: int, stage: str = "") -> None:
        if stage != self._stage:
            self._stage = stage
            self._drawn.reset(self._task, description=f"{self._name}  {stage}")
        self._drawn.update(self._task, completed=done)

    def end(self) -> None:
        self._drawn.remove_task(self._task)


class Bars:
    def __init__(self, err: TextIO) -> None:
        self._drawn = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(binary_units=True),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=Console(file=err, markup=False, highlight=False),
            disable=not err.isatty(),
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        self._drawn.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._drawn.stop()

    def add(self, name: str, total: int) -> Bar:
        return Bar(self._drawn, name, total)
