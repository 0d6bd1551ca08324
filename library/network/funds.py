"""
Money before action: what storing would cost, whether there is enough, how long it lasts.

Reckoned from what the chain last said (`readings`), with the data sets that are there and
those that would have to be made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from filmedia.filecoin.errors import FilecoinError, SigningRefused
from filmedia.filecoin.money import amounts
from filmedia.filecoin.money.deposit import Item, Plan, plan
from filmedia.filecoin.money.prices import DAY, size_on_chain
from library.models import Copy, DataSet, Piece, Reading, Video
from library.network import readings
from library.network.connection import Connection
from library.network.errors import NotReady

# What a film waits for is asked anew this often, so that it goes on soon after it is there.
CHECK_AGE = timedelta(seconds=15)


@dataclass(frozen=True)
class Wanted:
    """A film to be stored: its bytes and how many pieces they are."""

    size: int
    pieces: int


def check(at: Connection, video: Video) -> None:
    """Raises NotReady before a byte is sent that could not be paid for, or not be signed for."""
    access_problem(at)
    try:
        whole = quote(at, [_of(video)], copies=_missing_copies(video), age=CHECK_AGE)
    except FilecoinError as error:
        raise NotReady(str(error), "reach chain") from error
    if whole.problem == "approve":
        raise NotReady("The storage service may not use the deposit yet: approve it.", "approve")
    if whole.deposit:
        raise NotReady(f"Add {amounts.shown(whole.deposit)}.", "deposit")
    if whole.problem:
        raise NotReady("The spending limit of the storage service is too low.", whole.problem)


def access_problem(at: Connection) -> None:
    """Raises NotReady where nothing can be signed."""
    try:
        access, now = readings.access(at, CHECK_AGE), int(timezone.now().timestamp())
        access.check("CreateDataSet", now)
        access.check("AddPieces", now)
    except SigningRefused as error:
        raise NotReady(str(error), "renew key") from error
    except FilecoinError as error:
        raise NotReady(str(error), "reach chain") from error


def quote(
    at: Connection,
    films: Sequence[Wanted],
    *,
    copies: int | None = None,
    age: timedelta = readings.OFTEN,
    months: int = 1,
) -> Plan:
    """
    What storing these films together costs, `copies` times, with the runway before and
    after. Raises FilecoinError where the chain was never heard.
    """
    prices = readings.prices(at)
    account, approval, epoch = readings.account(at, age)
    return plan(
        prices,
        account,
        approval,
        epoch,
        items(at.network.name, films, settings.COPIES if copies is None else copies),
        extra_runway=max(months - 1, 0) * 30 * DAY,
    )


def items(network: str, films: Sequence[Wanted], copies: int) -> list[Item]:
    """These films as what goes into each of so many data sets."""
    size = sum(size_on_chain(film.size) for film in films)
    pieces = sum(film.pieces for film in films)
    if not size:
        return []
    # As they will be chosen: where we have data sets already, the fullest first.
    held = sorted(held_sizes(network).values(), reverse=True)[:copies]
    there = [Item(size, pieces, old=old) for old in held]
    new = Item(size, pieces, new_data_set=True, beam=settings.BEAM)
    return there + [new] * (copies - len(there))


def held_sizes(network: str) -> dict[int, int]:
    """Bytes in each live data set that new films can go into, by its row."""
    sets = DataSet.objects.filter(
        provider__network=network,
        provider__excluded=False,
        state=DataSet.State.LIVE,
        beam=settings.BEAM,
    )
    sizes = dict.fromkeys(sets.values_list("pk", flat=True), 0)
    for row in (
        Copy.objects.filter(data_set__in=sizes, state=Copy.State.COMMITTED)
        .values("data_set")
        .annotate(size=Sum("piece__size"))
    ):
        sizes[row["data_set"]] = row["size"]
    return sizes


def _of(video: Video) -> Wanted:
    return Wanted(video.size, Piece.objects.filter(video=video).count())


def pieces_of(size: int) -> int:
    return max(-(-size // settings.PIECE_SIZE), 1) if size else 0


def copies_of_rendition(original: Video, network: str) -> int:
    """As many as of its original, where that is on the network; else as are wanted today."""
    return original.wanted_copies if original.network == network else settings.COPIES


def _missing_copies(video: Video) -> int:
    return max(video.wanted_copies - video.committed_copies, 0)


def days_until(expiry: int | None) -> int | None:
    """Whole days until a moment in unix seconds; None where nothing ends."""
    if expiry is None:
        return None
    left = expiry - timezone.now().timestamp()
    return max(int(left // 86400), 0)


def moment_of(at_epoch: int | None, network: str) -> datetime | None:
    """When an epoch is, as the clock was last read."""
    from library.network.states import clock_of

    chain = Reading.latest(f"{network}:{readings.CHAIN}") or {}
    clock = clock_of(chain.get("clock"))
    if at_epoch is None or clock is None:
        return None
    try:
        found: datetime = clock.time(at_epoch)
    except OverflowError:
        return None
    return found
