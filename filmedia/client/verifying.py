"""`filmedia verify`: are the bytes of a film those that the library says they are?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from filmedia.client import films, words
from filmedia.client.api import Api
from filmedia.client.backoff import Patience
from filmedia.client.errors import (
    FAILED,
    NO_ACCESS,
    OK,
    BadArguments,
    ClientError,
    NotAllowed,
    Refused,
)
from filmedia.client.films import Film
from filmedia.client.reading import Reading
from filmedia.client.screen import Bar, Screen
from filmedia.filecoin.errors import FilecoinError
from filmedia.filecoin.piece import PieceCid, PieceHasher, film_cid

_READ = 1024 * 1024
# Who checks wants to hear today that bytes are not to be had.
_PATIENCE = 30.0
_HIDDEN = {403, 404}


@dataclass
class Check:
    """One thing that was compared."""

    what: str
    ok: bool
    expected: str
    found: str


@dataclass
class Report:
    """A film's line with `--json`."""

    id: str
    title: str = ""
    ok: bool = False
    checks: list[Check] = field(default_factory=list)
    # What could not be checked, and why; it does not count against the film.
    left_out: list[str] = field(default_factory=list)
    problem: str | None = None
    code: str | None = None

    def compare(self, what: str, expected: str, found: str) -> None:
        self.checks.append(Check(what, expected == found, expected, found))


def verify(api: Api, screen: Screen, names: list[str], file: Path | None) -> int:
    """Check these films, each for itself; the exit code."""
    exit_code = OK
    with screen.progress() as bars:
        for name in names:
            report = Report(name)
            try:
                film = films.find(api, name)
                report.id, report.title = film["id"], film["title"]
                bar = bars.add(film["title"], film["size"])
                try:
                    _check(api, film, report, bar, file)
                finally:
                    bar.end()
            except ClientError as error:
                report.problem, report.code = str(error), error.code
                exit_code = max(exit_code, error.exit_code)
            except FilecoinError as error:
                report.problem, report.code = str(error), "no-piece"
            report.ok = not report.problem and all(check.ok for check in report.checks)
            exit_code = max(exit_code, OK if report.ok else FAILED)
            _tell(screen, report)
    return min(exit_code, NO_ACCESS)


def _check(api: Api, film: Film, report: Report, bar: Bar, file: Path | None) -> None:
    if not film["sha256"]:
        report.left_out.append("SHA-256: the library knows none of this film yet")
    if file is not None:
        _check_bytes(film, report, _of_file(file, bar))
        return
    _check_bytes(film, report, _of_address(api, film["stream_url"], bar, film["size"]))
    _check_pieces(api, film, report, bar)


def _check_bytes(film: Film, report: Report, portions: Iterator[bytes]) -> None:
    """The film's own bytes. They have its PieceCID where it is stored open."""
    digest, hasher = hashlib.sha256(), None if film["encrypted"] else PieceHasher()
    for data in portions:
        digest.update(data)
        if hasher:
            hasher.update(data)
    if film["sha256"]:
        report.compare("SHA-256 of the film", film["sha256"], digest.hexdigest())
    if hasher and film["piece_cid"]:
        report.compare("PieceCID of the film", film["piece_cid"], str(hasher.finish()))


def _check_pieces(api: Api, film: Film, report: Report, bar: Bar) -> None:
    """The stored bytes, piece by piece, and that the pieces are the film's."""
    pieces = film["pieces"]
    for piece in pieces:
        what = f"Piece {piece['index']}"
        bar.begin(f"piece {piece['index'] + 1} of {len(pieces)}", piece["size"])
        try:
            hasher = PieceHasher()
            for data in _of_address(api, f"/piece/{piece['piece_cid']}", bar):
                hasher.update(data)
        except (Refused, NotAllowed) as error:
            if isinstance(error, Refused) and error.status not in _HIDDEN:
                raise
            report.left_out.append(f"{what}: its stored bytes are not for you")
        else:
            report.compare(what, piece["piece_cid"], str(hasher.finish()))
    if pieces:
        cids = [PieceCid.parse(piece["piece_cid"]) for piece in pieces]
        made = str(film_cid(cids, film["size"]))
        report.compare("PieceCID of all pieces", film["piece_cid"], made)


def _of_address(api: Api, path: str, bar: Bar, size: int | None = None) -> Iterator[bytes]:
    reading = Reading(api, path, Patience(limit=_PATIENCE), size=size)
    for data in reading:
        bar.at(reading.position)
        yield data


def _of_file(path: Path, bar: Bar) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while data := file.read(_READ):
                bar.at(file.tell())
                yield data
    except OSError as error:
        raise BadArguments(f"{path} cannot be read: {error.strerror}.") from error


def _tell(screen: Screen, report: Report) -> None:
    screen.document(asdict(report))
    screen.result("ok" if report.ok else "FAILED", report.id, report.title)
    for check in report.checks:
        _tell_check(screen.say if check.ok else screen.warn, check)
    for what in report.left_out:
        screen.say(f"  - {what}")
    if report.problem:
        screen.warn(f"  {words.printable(report.problem)}")


def _tell_check(say: Callable[[str], Any], check: Check) -> None:
    if check.ok:
        say(f"  ✓ {check.what}: {check.found}")
    else:
        say(f"  ✗ {check.what}: it is {check.found}, and should be {check.expected}")
