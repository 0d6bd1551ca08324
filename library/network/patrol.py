"""
The patrol: looks after films that are on a network, and has mended what it finds.

It reads where the proofs of every data set stand, takes random blocks of the copies that
were looked at longest ago, and compares what the chain has with what the rows say: nothing
lost, nothing that is paid for and belongs to nobody.
"""

from __future__ import annotations

import logging
import random
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from filmedia.filecoin.chain import history
from filmedia.filecoin.chain.readings import ProofReading
from filmedia.filecoin.cid import PieceCid
from filmedia.filecoin.errors import FilecoinError, NotThere, WrongAnswer
from library.models import Copy, DataSet, Removal, Video
from library.network import (
    copies,
    data_sets,
    leaving,
    providers,
    reading_back,
    readings,
    states,
)
from library.network.connection import Connection

log = logging.getLogger(__name__)

State = DataSet.State

SAMPLES = 20
COMPARE_AGE = timedelta(hours=6)
# A provider that fails to answer for so long holds nothing that can be counted on.
GONE_AFTER = timedelta(minutes=30)
# For so many proving periods a missed proof is told of.
MISSED_PERIODS = 2


def round(at: Connection) -> None:
    """One patrol; each part goes on where another cannot."""
    for part in (look_at_proofs, sample, compare, find_the_gone):
        try:
            part(at)
        except FilecoinError as error:
            log.warning("Patrol, %s: %s", part.__name__, error)


# --- proofs ---------------------------------------------------------------------------


def look_at_proofs(at: Connection) -> None:
    sets = list(
        DataSet.objects.filter(
            provider__network=at.network.name, state__in=[State.LIVE, State.ENDING]
        ).select_related("provider")
    )
    readings.refresh(at, readings.CHAIN)
    if not sets:
        return
    before = {data_set.pk: _standing(data_set) for data_set in sets}
    epoch, found = at.run(at.service.proofs([data_set.number or 0 for data_set in sets]))
    for data_set, reading in zip(sets, found, strict=True):
        _keep(at, data_set, reading, epoch)
        if before[data_set.pk] != _standing(data_set):
            _settle_films(data_set)


def _standing(data_set: DataSet) -> tuple[str, bool]:
    # What can change the word of a film: the set's own word, and its first proof.
    return states.proofs_of(data_set).word, bool(data_set.last_proven_at)


def _keep(at: Connection, data_set: DataSet, reading: ProofReading, epoch: int) -> None:
    facts = {
        "activation": reading.activation,
        "deadline": reading.deadline,
        "proven_this_period": reading.proven_this_period,
        "last_proven": reading.last_proven,
        "leaf_count": reading.leaf_count,
        "next_challenge": str(reading.next_challenge),
        "end_epoch": reading.pdp_end_epoch,
        "missed": _missed(at, data_set, reading, epoch),
        "read_epoch": epoch,
        "read_at": timezone.now(),
        "state": _state(reading),
    }
    # It begins as the epoch of creation, which is no proof.
    if reading.activation and reading.last_proven > max(data_set.created_epoch, reading.activation):
        facts["last_proven_at"] = at.clock().time(reading.last_proven)
    DataSet.objects.filter(pk=data_set.pk).update(**facts)
    for name, value in facts.items():
        setattr(data_set, name, value)


def _state(reading: ProofReading) -> str:
    if not reading.live:
        return State.ENDED
    return State.ENDING if reading.pdp_end_epoch else State.LIVE


def _missed(at: Connection, data_set: DataSet, reading: ProofReading, epoch: int) -> int:
    """Periods lately without a proof, as far as the provider let it be recorded."""
    if reading.last_proven == data_set.last_proven and reading.deadline == data_set.deadline:
        return data_set.missed
    if not reading.activation:
        return 0
    try:
        since = epoch - MISSED_PERIODS * _period(at)
        faults = at.run(history.faults(at.service, reading.data_set_id, since))
    except FilecoinError:
        # Events are a hint; nodes do not keep them for ever.
        return data_set.missed
    return sum(int(fault["periodsFaulted"]) for fault in faults)


def _period(at: Connection) -> int:
    return int(readings.fresh(at, readings.CHAIN, readings.SELDOM)["proving"]["max_period"])


def _settle_films(data_set: DataSet) -> None:
    films = Video.objects.filter(pieces__copies__data_set=data_set).distinct()
    for video in films.iterator(chunk_size=200):
        with transaction.atomic():
            video.refresh_from_db()
            _lose_what_ended(data_set, video)
            states.settle(video)


def _lose_what_ended(data_set: DataSet, video: Video) -> None:
    """What an ended data set held is not paid for any more: another copy is made in time."""
    if data_set.state == State.LIVE:
        return
    held = Copy.objects.filter(piece__video=video, data_set=data_set, state=Copy.State.COMMITTED)
    for copy in held.select_related("piece"):
        reading_back.lose(copy, video, "The data set it was in is ending.")


# --- samples --------------------------------------------------------------------------


def sample(at: Connection) -> None:
    """A random block of each of the copies that were looked at longest ago, one a provider."""
    due = (
        Copy.objects.filter(holder__network=at.network.name, state=Copy.State.COMMITTED)
        .filter(verified_at__isnull=False)
        .select_related("piece__video", "holder")
        .order_by(F("verified_at").asc())[:SAMPLES]
    )
    for copy in due:
        look_at_copy(at, copy)


def look_at_copy(at: Connection, copy: Copy) -> bool | None:
    """Whether a random block of it is right; None where nobody could tell."""
    assert copy.holder is not None
    client = at.provider(copy.holder)
    try:
        stored = copies.stored_piece(copy.piece.video, copy.piece)
        block = random.randrange(stored.blocks)  # noqa: S311
        at.run(copies.read_blocks(client, stored, block, 1))
    except (NotThere, WrongAnswer) as error:
        with transaction.atomic():
            reading_back.lose(copy, copy.piece.video, str(error))
        return False
    except FilecoinError as error:
        providers.failed(copy.holder, error)
        return None
    providers.answered(copy.holder)
    Copy.objects.filter(pk=copy.pk, state=Copy.State.COMMITTED).update(
        verified_at=timezone.now(), fault=""
    )
    return True


def find_the_gone(at: Connection) -> None:
    """What providers hold that have not answered for long is made elsewhere."""
    before = timezone.now() - gone_after(at)
    silent = Q(holder__answered_at=None) | Q(holder__answered_at__lt=before)
    gone = Copy.objects.filter(
        silent,
        holder__network=at.network.name,
        holder__failures__gte=3,
        state=Copy.State.COMMITTED,
    ).select_related("piece__video", "holder")
    for copy in gone[:500]:
        with transaction.atomic():
            reading_back.lose(copy, copy.piece.video, f"{copy.holder} does not answer any more.")


def gone_after(at: Connection) -> timedelta:
    return timedelta(seconds=10) if at.network.insecure_providers else GONE_AFTER


# --- the chain and the rows -----------------------------------------------------------


def compare(at: Connection, age: timedelta = COMPARE_AGE) -> list[str]:
    """What did not agree, as sentences; each of it is being mended."""
    found: list[str] = []
    data_sets.adopt(at)
    due = Q(compared_at=None) | Q(compared_at__lt=timezone.now() - age)
    sets = DataSet.objects.filter(
        due, provider__network=at.network.name, state__in=[State.LIVE, State.ENDING]
    )
    for data_set in sets.select_related("provider"):
        found += _compare(at, data_set)
        DataSet.objects.filter(pk=data_set.pk).update(compared_at=timezone.now())
    return found


def _compare(at: Connection, data_set: DataSet) -> list[str]:
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
        found.append(_orphan(data_set, number, there[number]))
    return found


def _orphan(data_set: DataSet, number: int, cid: PieceCid) -> str:
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
                fault="",
                verified_at=None,
            )
            states.settle(wanting.piece.video)
            return f"{wanting}: the chain had it already."
        leaving.ask(data_set, number, str(cid), "", "No film has this piece.")
    return f"{data_set} has piece {number}, which no film has: its removal is asked for."
