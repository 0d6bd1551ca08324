"""
The chain and the rows, held against each other: nothing lost, and nothing that is paid for and
belongs to nobody.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from filmedia.filecoin.cid import PieceCid
from filmedia.filecoin.errors import FilecoinError
from library.models import Copy, DataSet, Removal
from library.network import data_sets, following, leaving, reading_back, states
from library.network.connection import Connection

log = logging.getLogger(__name__)

State = DataSet.State

COMPARE_AGE = timedelta(hours=6)


def compare(at: Connection, age: timedelta = COMPARE_AGE) -> list[str]:
    """What did not agree, as sentences; each of it is being mended."""
    found: list[str] = []
    data_sets.adopt(at)
    due = Q(compared_at=None) | Q(compared_at__lt=timezone.now() - age)
    sets = DataSet.objects.filter(
        due, provider__network=at.network.name, state__in=[State.LIVE, State.ENDING]
    )
    head = at.run(at.service.block())
    for data_set in sets.select_related("provider"):
        try:
            found += _compare(at, data_set, head)
        except FilecoinError as error:
            log.warning("%s could not be compared: %s", data_set, error)
            continue
        DataSet.objects.filter(pk=data_set.pk).update(compared_at=timezone.now())
    return found


def take_in(at: Connection, data_set: DataSet) -> None:
    """Have what the provider itself has put on chain of ours known here."""
    data_sets.adopt(at)
    data_set.refresh_from_db()
    if data_set.number is not None:
        _compare(at, data_set, at.run(at.service.block()))


def _compare(at: Connection, data_set: DataSet, head: int) -> list[str]:
    found: list[str] = []
    there = at.run(at.service.pieces(data_set.number or 0))
    ours = Copy.objects.filter(data_set=data_set, number__isnull=False).select_related(
        "piece__video"
    )
    known: dict[int, str] = {}
    for copy in ours:
        known[copy.number or 0] = copy.piece.piece_cid
        if there.get(copy.number or 0) == PieceCid.parse(copy.piece.piece_cid):
            continue
        if copy.state == Copy.State.COMMITTED:
            with transaction.atomic():
                reading_back.lose(copy, copy.piece.video, "The chain does not have it any more.")
            found.append(f"{copy}: it is not in {data_set} any more.")
    if data_set.additions.filter(state="sent").exists():
        # What has just come is not an orphan; its ids are written down in a moment.
        return found
    leaving = set(Removal.objects.filter(data_set=data_set).values_list("piece_id", flat=True))
    for number in sorted(set(there) - set(known) - leaving):
        found.append(_orphan(data_set, number, there[number], head))
    return found


def _orphan(data_set: DataSet, number: int, cid: PieceCid, epoch: int) -> str:
    """A piece that is paid for and that no row knows: taken in, or else taken out."""
    wanting = (
        Copy.objects.filter(holder=data_set.provider, piece__piece_cid=str(cid))
        .exclude(state__in=[Copy.State.COMMITTED, Copy.State.COMMITTING])
        .select_related("piece__video")
        .first()
    )
    with transaction.atomic():
        if wanting is not None:
            Copy.objects.filter(pk=wanting.pk).update(
                state=Copy.State.COMMITTED,
                data_set=data_set,
                number=number,
                addition=None,
                found_epoch=epoch,
                fault="",
                verified_at=None,
            )
            states.settle(wanting.piece.video)
            following.read_back(wanting.piece.video)
            return f"{wanting}: the chain had it already."
        leaving.ask(data_set, number, str(cid), "", "No film has this piece.")
    return f"{data_set} has piece {number}, which no film has: its removal is asked for."
