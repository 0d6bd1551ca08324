"""
What the person sees, and what a program reads.

Results go to standard output, words and progress to standard error. With `--json` standard
output holds nothing but JSON, a document a line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Column

from filmedia.client import words

_NAME = 40


class Screen:
    def __init__(
        self,
        *,
        as_json: bool = False,
        quiet: bool = False,
        out: TextIO | None = None,
        err: TextIO | None = None,
    ) -> None:
        self.as_json, self.quiet = as_json, quiet
        self._out, err = out or sys.stdout, err or sys.stderr
        self._words = Console(file=err, markup=False, highlight=False, soft_wrap=True, emoji=False)
        # Both on one terminal: a bar would be drawn through the documents.
        self._bars = err.isatty() and not quiet and not (as_json and self._out.isatty())

    @property
    def is_terminal(self) -> bool:
        """Whether a person reads the results as they are."""
        return self._out.isatty()

    def say(self, text: str) -> None:
        """Words that help and that `--quiet` does without."""
        if not self.quiet:
            self._words.print(words.printable(text))

    def warn(self, text: str) -> None:
        """Words that are always said."""
        self._words.print(words.printable(text))

    def result(self, *cells: str) -> None:
        """A line for people, or for `cut`. Nothing with `--json`."""
        if not self.as_json:
            self._write((" " * 2 if self.is_terminal else "\t").join(map(words.printable, cells)))

    def show(self, drawn: RenderableType) -> None:
        Console(file=self._out, highlight=False, emoji=False).print(drawn)

    def document(self, data: dict[str, Any]) -> None:
        """With `--json`, a line of it."""
        if self.as_json:
            self._write(json.dumps(data, ensure_ascii=True, separators=(",", ":")))

    @contextmanager
    def progress(self) -> Iterator[Bars]:
        """Bars, on a terminal; elsewhere the same calls do nothing."""
        with Progress(
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
            BarColumn(),
            DownloadColumn(binary_units=True),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=self._words,
            disable=not self._bars,
            redirect_stdout=False,
            redirect_stderr=False,
        ) as drawn:
            yield Bars(drawn)

    def _write(self, line: str) -> None:
        self._out.write(f"{line}\n")
        self._out.flush()


class Bar:
    """One film's bar. Threads may move it."""

    def __init__(self, drawn: Progress, task: TaskID, name: str) -> None:
        self._drawn, self._task, self._name = drawn, task, name

    def at(self, done: int, total: int | None = None) -> None:
        if total is None:
            self._drawn.update(self._task, completed=done)
        else:
            self._drawn.update(self._task, completed=done, total=total)

    def stage(self, what: str) -> None:
        self._drawn.update(self._task, description=f"{self._name}  {what}" if what else self._name)

    def begin(self, what: str, total: int | None) -> None:
        """Another stretch of the way, which is measured anew."""
        self._drawn.reset(self._task, total=total, description=f"{self._name}  {what}")

    def end(self) -> None:
        self._drawn.remove_task(self._task)


class Bars:
    def __init__(self, drawn: Progress) -> None:
        self._drawn = drawn

    def add(self, name: str, total: int | None) -> Bar:
        shown = words.printable(name)
        shown = shown if len(shown) <= _NAME else f"{shown[: _NAME - 1]}…"
        return Bar(self._drawn, self._drawn.add_task(shown, total=total), shown)
