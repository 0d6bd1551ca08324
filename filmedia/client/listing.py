"""`filmedia ls`: the films that one may see, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from filmedia.client import words
from filmedia.client.api import Api
from filmedia.client.films import Film
from filmedia.client.screen import Screen

PAGE = 200
STATES = ("received", "stored", "committed", "proven", "at_risk")


@dataclass(frozen=True)
class Wish:
    """Which films. `limit` is None for all of them."""

    query: str = ""
    tags: list[str] = field(default_factory=list)
    collection: str = ""
    state: str = ""
    mine: bool = False
    limit: int | None = 50


def show(api: Api, screen: Screen, wish: Wish) -> None:
    found = _Films(api, wish)
    if screen.as_json or not screen.is_terminal:
        for film in found:
            screen.document(film)
            screen.result(*_cells(film))
        return
    films = list(found)
    if films:
        screen.show(table(films))
    else:
        screen.say("No film that you may see is like that." if _asks(wish) else "No films yet.")
    if found.more:
        screen.say(f"There are more than these {len(films)}: --all shows them.")


class _Films:
    """Those that were wished for, and whether there are more."""

    def __init__(self, api: Api, wish: Wish) -> None:
        self._api, self._wish, self.more = api, wish, False

    def __iter__(self) -> Iterator[Film]:
        left = self._wish.limit
        query = _query(self._api, self._wish)
        cursor: str | None = ""
        while cursor is not None and (left is None or left > 0):
            limit = ("limit", str(PAGE if left is None else min(left, PAGE)))
            after = [("cursor", cursor)] if cursor else []
            page = self._api.json("GET", "/api/v1/videos/", params=[*query, limit, *after])
            yield from page["items"]
            left = None if left is None else left - len(page["items"])
            cursor = page["next_cursor"]
        self.more = cursor is not None


def _query(api: Api, wish: Wish) -> list[tuple[str, str]]:
    """As the API takes it. What was not asked for is not sent."""
    asked = [("q", wish.query), ("collection", wish.collection), ("state", wish.state)]
    asked += [("tag", tag) for tag in wish.tags]
    if wish.mine:
        asked.append(("owner", api.json("GET", "/api/v1/me/")["username"]))
    return [(name, value) for name, value in asked if value]


def _asks(wish: Wish) -> bool:
    return wish != Wish(limit=wish.limit)


def table(films: list[Film]) -> Table:
    """For a terminal of any width: titles give way, and ids stay whole."""
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=False)
    drawn.add_column("Id", no_wrap=True)
    drawn.add_column("Title", overflow="ellipsis", no_wrap=True, ratio=1, min_width=8)
    drawn.add_column("Length", justify="right", no_wrap=True)
    drawn.add_column("Size", justify="right", no_wrap=True)
    drawn.add_column("State", no_wrap=True)
    drawn.add_column("Age", justify="right", no_wrap=True)
    for film in films:
        drawn.add_row(*(Text(words.printable(cell)) for cell in _cells(film)))
    return drawn


def _cells(film: dict[str, Any]) -> tuple[str, ...]:
    return (
        film["id"],
        film["title"],
        words.length(film["duration"]),
        words.size(film["size"]),
        film["state_label"],
        words.age(film["created_at"]),
    )
