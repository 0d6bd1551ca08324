"""`filmedia get`: a film onto this disk, verified before it gets its name."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from filmedia.client import films, names, parts, words
from filmedia.client.api import Api
from filmedia.client.backoff import Patience
from filmedia.client.errors import (
    BadArguments,
    ClientError,
    FilmChanged,
    InTheWay,
    NotFilmedia,
    WrongBytes,
)
from filmedia.client.films import Film
from filmedia.client.parts import Origin, Part
from filmedia.client.reading import Reading
from filmedia.client.screen import Screen
from filmedia.client.sums import Sums

# A film that is stored anew changes once; one that keeps changing is none to wait for.
_MOST_CHANGES = 3
At = Callable[[int], object]


def get(api: Api, screen: Screen, name: str, output: str | None, *, force: bool) -> None:
    film = films.find(api, name)
    if not film["sha256"]:
        raise ClientError("The library knows no SHA-256 of this film yet. Try again later.")
    if output == "-":
        _to_stdout(api, screen, film)
        return
    target = where(film, output)
    _check_free(target, force=force)
    sums = Sums.of(film)
    with screen.progress() as bars:
        bar = bars.add(target.name, film["size"])
        resumed_at = _fetch(api, screen, film, target, sums, bar.at, force=force)
    _say_verified(screen, film, sums)
    screen.result(str(target))
    screen.document(_told(film, target, resumed_at))


def where(film: Film, output: str | None) -> Path:
    """The file it shall be. What the library calls it names a file in a folder, never a path."""
    if output is None:
        return Path(names.of(film))
    path = Path(output)
    if path.is_dir():
        return path / names.of(film)
    if output.endswith(os.sep) or not path.parent.is_dir():
        folder = path if output.endswith(os.sep) else path.parent
        raise BadArguments(f"The folder {folder} is not there.")
    return path


def _check_free(target: Path, *, force: bool) -> None:
    if target.is_dir():
        raise InTheWay(f"{target} is a folder.")
    if os.path.lexists(target) and not force:
        raise parts.exists(target)


def _fetch(
    api: Api, screen: Screen, film: Film, target: Path, sums: Sums, at: At, *, force: bool
) -> int:
    """Have it on disk under its name; where an earlier try had got to."""
    patience = _patience(screen)
    origin = Origin(api.url, film["id"], film["sha256"])
    with parts.opened(target, origin, film["size"], sums, force=force) as part:
        part.go_on(film["size"], at)
        resumed_at = part.position
        if resumed_at:
            screen.say(f"Going on at {words.size(resumed_at)} of {words.size(film['size'])}.")
        for left in reversed(range(_MOST_CHANGES)):
            try:
                _receive(api, film, part, patience, at)
                break
            except FilmChanged:
                if not left:
                    raise
                screen.say("The film changed in the library: it is begun anew.")
                part.begin_anew()
        try:
            check(film, part.sums)
        except ClientError:
            part.remove()
            raise
        part.finish(force=force)
    return resumed_at


def _receive(api: Api, film: Film, part: Part, patience: Patience, at: At) -> None:
    at(part.position)
    reading = Reading(
        api,
        film["stream_url"],
        patience,
        size=film["size"],
        position=part.position,
        etag=part.origin.etag if part.position else "",
    )
    for data in reading:
        part.is_of(reading.etag)
        part.write(data)
        at(part.position)


def _to_stdout(api: Api, screen: Screen, film: Film, out: BinaryIO | None = None) -> None:
    """To another program, which has to mind the exit code: what it got cannot be taken back."""
    out = out or sys.stdout.buffer
    if out.isatty():
        raise BadArguments("A film is nothing for a terminal: send it to a file or a program.")
    sums = Sums.of(film)
    with screen.progress() as bars:
        bar = bars.add(film["title"], film["size"])
        reading = Reading(api, film["stream_url"], _patience(screen), size=film["size"])
        for data in reading:
            out.write(data)
            sums.update(data)
            bar.at(reading.position)
        out.flush()
    check(film, sums)
    _say_verified(screen, film, sums)


def _patience(screen: Screen) -> Patience:
    return Patience(
        tell=lambda error, seconds: screen.say(f"{error} Trying again in {seconds:.0f} s.")
    )


def check(film: Film, sums: Sums) -> None:
    """Raises WrongBytes for any but the film's own, to the last bit."""
    if len(str(film["sha256"])) != len(sums.sha256):
        raise NotFilmedia("What the library tells of the film is no SHA-256.")
    if sums.sha256 != film["sha256"]:
        raise _wrong(film, "SHA-256", sums.sha256, film["sha256"])
    if sums.piece_cid not in {None, film["piece_cid"]}:
        raise _wrong(film, "PieceCID", str(sums.piece_cid), film["piece_cid"])


def _wrong(film: Film, what: str, found: str, expected: str) -> WrongBytes:
    return WrongBytes(
        f"These are not the bytes of {film['id']}: their {what} is {found}, and should be "
        f"{expected}. They are not kept."
    )


def _say_verified(screen: Screen, film: Film, sums: Sums) -> None:
    piece = f", PieceCID {film['piece_cid']}" if sums.with_piece else ""
    screen.say(f"Verified: SHA-256 {film['sha256']}{piece}")


def _told(film: Film, target: Path, resumed_at: int) -> dict[str, Any]:
    kept = {name: film[name] for name in ("id", "title", "size", "sha256", "piece_cid")}
    return {**kept, "path": str(target), "resumed_at": resumed_at}
