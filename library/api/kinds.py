"""Every kind of problem that the API knows, each with its help page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from library.api.explained import EXPLAINED
from library.api.problems import KNOWN, OTHERS, problem
from library.errors import Refusal


@dataclass(frozen=True)
class Kind:
    code: str
    status: int
    title: str

    @property
    def means(self) -> str:
        return str(self._explained[0])

    @property
    def remedy(self) -> str:
        return str(self._explained[1])

    @property
    def _explained(self) -> tuple[object, object]:
        # A test sees to it that each is explained; a page should open all the same.
        return EXPLAINED.get(self.code, (f"{self.title}.", EXPLAINED["refused"][1]))

    def example(self, instance: str = "/api/v1/videos/vid_q4zt7aeb6x2l3w5c/") -> dict[str, Any]:
        told = problem(self.status, self.code, self.title, self.means, instance)
        return {**told, "trace_id": "5f1d09c4a6b27e38"}


def kinds() -> dict[str, Kind]:
    """By their codes."""
    found = {code: Kind(code, kind.status_code, title) for kind, (code, title) in KNOWN.items()} | {
        code: Kind(code, status, title) for code, (status, title) in OTHERS.items()
    }
    for kind in _refusals(Refusal):
        found[kind.code] = Kind(kind.code, int(kind.status), kind.title)
    return dict(sorted(found.items()))


def _refusals(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for inner in kind.__subclasses__():
        yield inner
        yield from _refusals(inner)
