"""
The patrol: looks after films that are on a network, and has mended what it finds.

It reads where the proofs of every data set stand, takes random blocks of the copies that
were looked at longest ago, and compares what the chain has with what the rows say: nothing
lost, nothing that is paid for and belongs to nobody.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence
from datetime import timedelta

from django.db import connections, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from filmedia.filecoin.chain import history
from filmedia.filecoin.chain.readings import ProofReading
from filmedia.filecoin.errors import FilecoinError, NotThere, WrongAnswer
from library import events, places
from library.models import Copy, DataSet, Provider, Step, Video
from library.network import (
    additions,
    comparing,
    copies,
    following,
    leaving,
    providers,
    reading_back,
    readings,
    states,
)
from library.network.connection import Connection
from library.network.copies import RootsMissing
from library.storing import steps

log = logging.getLogger(__name__)

State = DataSet.State

SAMPLES = 20
LOOKED_AT = (Copy.State.COMMITTED, Copy.State.DOUBTED, Copy.State.LOST)
# A provider that fails to answer for so long holds nothing that can be counted on.
GONE_AFTER = timedelta(minutes=30)
# For so many proving periods a missed proof is told of.
MISSED_PERIODS = 2


def round(at: Connection) -> None:
    """One patrol; each part goes on where another cannot."""
    for part in (look_at_proofs, knock, sample, comparing.compare, find_the_gone, mend, tidy):
        try:
            part(at)
        except FilecoinError as error:
            log.warning("Patrol, %s: %s", part.__name__, error)
        except Exception:
            # A fault of ours in one part must not end the watch over all others.
            log.exception("Patrol, %s met something unexpected", part.__name__)
            connections.close_all()


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
    missed = _missed(at, sets, found, epoch)
    for data_set, reading in zip(sets, found, strict=True):
        _keep(at, data_set, reading, epoch, missed.get(reading.data_set_id, data_set.missed))
        word, proven = _standing(data_set)
        if before[data_set.pk][0] != word:
            _settle_films(data_set, Video.objects.all())
        elif before[data_set.pk][1] != proven:
            # A new proof: news for the films that wait for one.
            _settle_films(data_set, Video.objects.exclude(state=Video.State.PROVEN))


def _standing(data_set: DataSet) -> tuple[str, int]:
    # What can change the word of a film: the set's own word, and a proof.
    return states.proofs_of(data_set).word, data_set.last_proven


def _keep(
    at: Connection, data_set: DataSet, reading: ProofReading, epoch: int, missed: int
) -> None:
    facts = {
        "activation": reading.activation,
        "deadline": reading.deadline,
        "proven_this_period": reading.proven_this_period,
        "last_proven": reading.last_proven,
        "leaf_count": reading.leaf_count,
        "next_challenge": str(reading.next_challenge),
        "end_epoch": reading.pdp_end_epoch,
        "missed": missed,
        "read_epoch": epoch,
        "read_at": timezone.now(),
        "state": _state(at, data_set, reading, epoch),
    }
    # It begins as the epoch of creation, which is no proof.
    if reading.activation and reading.last_proven > max(data_set.created_epoch, reading.activation):
        facts["last_proven_at"] = at.clock().time(reading.last_proven)
    DataSet.objects.filter(pk=data_set.pk).update(**facts)
    for name, value in facts.items():
        setattr(data_set, name, value)


def _state(at: Connection, data_set: DataSet, reading: ProofReading, epoch: int) -> str:
    """What one answer says of it is believed for good only after it was said for a while."""
    if not reading.live:
        since = data_set.ended_since or epoch
        DataSet.objects.filter(pk=data_set.pk).update(ended_since=since)
        return State.ENDED if epoch - since >= at.network.safe else State.ENDING
    DataSet.objects.filter(pk=data_set.pk).exclude(ended_since=0).update(ended_since=0)
    if reading.pdp_end_epoch:
        return State.ENDING
    if data_set.state == State.ENDING and _another_lives(data_set):
        return State.ENDING
    return State.LIVE


def _another_lives(data_set: DataSet) -> bool:
    others = DataSet.objects.filter(
        provider=data_set.provider,
        owner=data_set.owner,
        beam=data_set.beam,
        state__in=[State.MAKING, State.LIVE],
    )
    return others.exclude(pk=data_set.pk).exists()


def _missed(
    at: Connection, sets: Sequence[DataSet], found: Sequence[ProofReading], epoch: int
) -> dict[int, int]:
    """
    Periods lately without a proof, as far as providers let them be recorded, by data set;
    of those about which there is news.
    """
    news = [
        reading.data_set_id
        for data_set, reading in zip(sets, found, strict=True)
        if reading.activation
        and (reading.last_proven, reading.deadline) != (data_set.last_proven, data_set.deadline)
    ]
    if not news:
        return {}
    try:
        faults = at.run(history.faults(at.service, news, epoch - MISSED_PERIODS * _period(at)))
    except FilecoinError:
        # Events are a hint; nodes do not keep them for ever.
        return {}
    missed = dict.fromkeys(news, 0)
    for fault in faults:
        missed[int(fault["dataSetId"])] += int(fault["periodsFaulted"])
    return missed


def _period(at: Connection) -> int:
    return int(readings.fresh(at, readings.CHAIN, readings.SELDOM)["proving"]["max_period"])


def _settle_films(data_set: DataSet, among: QuerySet[Video]) -> None:
    films = among.filter(pieces__copies__data_set=data_set).distinct()
    for video in films.iterator(chunk_size=200):
        with transaction.atomic():
            video.refresh_from_db()
            _doubt_what_ends(data_set, video)
            states.settle(video)


def _doubt_what_ends(data_set: DataSet, video: Video) -> None:
    """
    What a data set that ends holds is made elsewhere in time, from itself if need be: its
    provider gives it for as long as it has it.
    """
    if data_set.state == State.LIVE:
        return
    held = Copy.objects.filter(piece__video=video, data_set=data_set, state=Copy.State.COMMITTED)
    for copy in held.select_related("piece"):
        reading_back.lose(copy, video, "The data set it is in is ending.", doubt=True)


# --- samples --------------------------------------------------------------------------


def knock(at: Connection) -> None:
    """Ask whoever has failed lately how they are, all at once."""
    silent = list(
        Provider.objects.filter(network=at.network.name, failures__gt=0, copies__isnull=False)
        .exclude(service_url="")
        .distinct()
    )

    async def ask_all() -> list[BaseException | None]:
        pings = [at.provider(row).ping() for row in silent]
        return await asyncio.gather(*pings, return_exceptions=True)

    # Made here: the connection's own parts cannot be made on its loop.
    for row in silent:
        at.provider(row)
    for row, trouble in zip(silent, at.run(ask_all()) if silent else [], strict=True):
        if trouble is None:
            providers.answered(row)
        elif isinstance(trouble, FilecoinError):
            providers.failed(row, trouble)


def sample(at: Connection) -> None:
    """Random blocks of the copies that were looked at longest ago, of each provider some."""
    holding = Provider.objects.filter(
        network=at.network.name, copies__state__in=LOOKED_AT
    ).distinct()
    count = holding.count()
    for row in holding:
        if providers.rests(row):
            continue
        for copy in _longest_ago(row)[: max(SAMPLES // count, 1)]:
            if look_at_copy(at, copy) is None:
                break


def _longest_ago(row: Provider) -> QuerySet[Copy]:
    held = Copy.objects.filter(holder=row, state__in=LOOKED_AT, number__isnull=False)
    return held.select_related("piece__video", "holder", "data_set").order_by(
        F("verified_at").asc(nulls_first=True), "?"
    )


def look_at_copy(at: Connection, copy: Copy) -> bool | None:
    """
    Whether a random block of it is right; None where nobody could tell. A copy that was
    doubted or lost and is right again counts again.
    """
    assert copy.holder is not None
    client = at.provider(copy.holder)
    try:
        stored = copies.stored_piece(copy.piece.video, copy.piece)
        block = random.randrange(stored.blocks)  # noqa: S311
        at.ask(client, copies.read_blocks(client, stored, block, 1))
    except (NotThere, WrongAnswer) as error:
        with transaction.atomic():
            if copy.state != Copy.State.LOST:
                reading_back.lose(copy, copy.piece.video, str(error))
        return False
    except RootsMissing:
        # Of nobody's making but ours: the film's own step makes them anew.
        steps.renew(copy.piece.video, Step.Kind.VERIFY)
        return False
    except FilecoinError as error:
        providers.failed(copy.holder, error)
        return None
    providers.answered(copy.holder)
    with transaction.atomic():
        _is_right(copy)
    return True


def _is_right(copy: Copy) -> None:
    now = timezone.now()
    if copy.state == Copy.State.COMMITTED:
        # One that was taken in from the chain is read back as a whole first.
        Copy.objects.filter(
            pk=copy.pk, state=Copy.State.COMMITTED, verified_at__isnull=False
        ).update(verified_at=now, fault="")
        return
    if copy.data_set is None or copy.data_set.state != State.LIVE:
        return
    came_back = Copy.objects.filter(pk=copy.pk, state=copy.state).update(
        state=Copy.State.COMMITTED, fault="", verified_at=None
    )
    if came_back:
        log.info("%s is right again", copy)
        events.record(
            "copy.returned",
            video=copy.piece.video,
            piece=copy.piece.index,
            provider=copy.provider,
        )
        states.settle(copy.piece.video)
        following.read_back(copy.piece.video)


def find_the_gone(at: Connection) -> None:
    """
    What providers hold that have not answered for long is made elsewhere, too. Not while
    most of them are silent: then it is this machine that cannot be reached from.
    """
    before = timezone.now() - gone_after(at)
    holding = Provider.objects.filter(
        network=at.network.name, copies__state=Copy.State.COMMITTED
    ).distinct()
    gone = holding.filter(silent_since__lt=before, failures__gte=3)
    if gone.count() * 2 > max(holding.count(), 2):
        log.warning("Most providers are silent; nothing is concluded from that.")
        return
    held = Copy.objects.filter(holder__in=gone, state=Copy.State.COMMITTED)
    for copy in held.select_related("piece__video", "holder")[:500]:
        with transaction.atomic():
            reading_back.lose(copy, copy.piece.video, f"{copy.holder} does not answer.", doubt=True)


def gone_after(at: Connection) -> timedelta:
    return timedelta(seconds=10) if at.network.insecure_providers else GONE_AFTER


# --- films ----------------------------------------------------------------------------


def mend(at: Connection) -> None:
    """
    Whatever was missed: films with too few copies, films that were never read back, and those
    whose block roots have gone.
    """
    on_network = Video.objects.filter(network=at.network.name, trashed_at=None)
    short = on_network.filter(held_copies__lt=F("wanted_copies")).exclude(
        state=Video.State.RECEIVED
    )
    for video in short.filter(~additions.under_way(Step.Kind.STORE))[:500]:
        with transaction.atomic():
            states.settle(video)
            if video.held_copies < video.wanted_copies:
                additions.store_again(video)
    unread = on_network.filter(committed_copies__gte=F("wanted_copies")).exclude(staging="")
    for video in unread.filter(~additions.under_way(Step.Kind.VERIFY))[:500]:
        with transaction.atomic():
            following.read_back(video)
    far = on_network.filter(staging="", size__gt=0).filter(~additions.under_way(Step.Kind.VERIFY))
    gone = [pk for pk in far.values_list("pk", flat=True) if not places.roots(pk).is_file()]
    for video in Video.objects.filter(pk__in=gone[:500]):
        steps.renew(video, Step.Kind.VERIFY)


def tidy(at: Connection) -> None:
    """
    What was lost and has been made up for is not paid for any longer: its removal is asked
    for once as many others as are wanted are final and were read back.
    """
    surplus = Copy.objects.filter(
        holder__network=at.network.name,
        holder__failures=0,
        state=Copy.State.LOST,
        number__isnull=False,
        data_set__state=State.LIVE,
    ).select_related("piece__video", "data_set")
    for copy in surplus[:500]:
        video = copy.piece.video
        others = Copy.objects.filter(
            piece=copy.piece, state=Copy.State.COMMITTED, verified_at__isnull=False
        )
        if others.count() < video.wanted_copies:
            continue
        shared = Copy.objects.filter(data_set=copy.data_set, number=copy.number).exclude(pk=copy.pk)
        assert copy.data_set is not None and copy.number is not None
        with transaction.atomic():
            if not shared.exists():
                leaving.ask(
                    copy.data_set,
                    copy.number,
                    copy.piece.piece_cid,
                    video.title,
                    "It was lost there, and is stored elsewhere now.",
                )
            Copy.objects.filter(pk=copy.pk).update(state=Copy.State.LEAVING)
