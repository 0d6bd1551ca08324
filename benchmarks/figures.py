"""
Figures that a machine can check: medians of interleaved rounds, and a table that says
which ratio was to be reached and which was.
"""

import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """
    What we measured beside a peer, and the least ratio that will do (None: only to know).

    `ours` and `peer` are rates, more is better, in whatever `unit` both are.
    """

    what: str
    ours: float
    peer: float
    target: float | None = None
    unit: str = "MB/s"
    peer_name: str = ""

    @property
    def ratio(self) -> float:
        return self.ours / self.peer

    @property
    def met(self) -> bool:
        return self.target is None or self.ratio >= self.target


@dataclass(frozen=True)
class Most:
    """
    Something of which there should be little: `ours` and the `limit` in `unit` (None: only
    to know).
    """

    what: str
    ours: float
    limit: float | None
    unit: str

    @property
    def met(self) -> bool:
        return self.limit is None or self.ours <= self.limit


# The rows of one table, of either kind, and what it is called.
Rows = tuple[str, Sequence[Figure] | Sequence[Most]]


def show(told: Rows) -> bool:
    """Print one table; whether all of it was met."""
    title, rows = told
    beside = [row for row in rows if isinstance(row, Figure)]
    little = [row for row in rows if isinstance(row, Most)]
    met = table(beside, title) if beside else True
    return (limits(little, title) if little else True) and met


def interleaved(
    runs: Mapping[str, Callable[[], object]],
    rounds: int = 5,
    after: Callable[[], object] = lambda: None,
) -> dict[str, float]:
    """
    The median seconds of each run; `after` tidies up behind each, outside the time.

    Every round runs all of them once, so that a slow moment of the machine falls on all
    alike. One round before those that count warms caches up.
    """
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for counted in [False] + [True] * rounds:
        for name, run in runs.items():
            began = perf_counter()
            run()
            took = perf_counter() - began
            after()
            if counted:
                seconds[name].append(took)
    return {name: median(times) for name, times in seconds.items()}


def table(figures: Iterable[Figure], title: str = "") -> bool:
    """Print the figures; whether all were met."""
    shown = Table("what", title=title or None)
    for column in ("ours", "peer", "ratio", "target"):
        shown.add_column(column, justify="right", no_wrap=True)
    shown.add_column("met")
    all_met = True
    for figure in figures:
        all_met &= figure.met
        peer = f"{figure.peer:,.0f} {figure.unit} {figure.peer_name}".rstrip()
        ours = f"{figure.ours:,.0f} {figure.unit}"
        target, met = "", ""
        if figure.target is not None:
            target, met = f"{figure.target:g}", "yes" if figure.met else "NO"
        shown.add_row(figure.what, ours, peer, f"{figure.ratio:.3g}", target, met)
    Console().print(shown)
    return all_met


def limits(figures: Iterable[Most], title: str = "") -> bool:
    """Print what should be little; whether all of it was."""
    shown = Table("what", title=title or None)
    for column in ("ours", "at most"):
        shown.add_column(column, justify="right", no_wrap=True)
    shown.add_column("met")
    all_met = True
    for figure in figures:
        all_met &= figure.met
        limit, met = "", ""
        if figure.limit is not None:
            limit, met = f"{figure.limit:,g} {figure.unit}", "yes" if figure.met else "NO"
        shown.add_row(figure.what, f"{figure.ours:,.1f} {figure.unit}", limit, met)
    Console().print(shown)
    return all_met


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
