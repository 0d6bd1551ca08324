"""
Store a film on a network: every piece parked at as many providers as copies are wanted.

The first copy is sent from here to an endorsed provider; further ones are pulled by other
providers from the first. Pieces go in batches of what one transaction takes, because a
parked piece is forgotten after two hours unless the chain has it by then: `committing`
takes them from here while the rest is still being sent.

The rows of what was chosen are written before a byte leaves. Doing this twice is harmless:
whoever has a piece already is not sent it again.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from filmedia.filecoin.errors import FilecoinError
from filmedia.filecoin.signing.typed_data import MAX_PIECES
from library.models import Copy, Piece, Provider, Removal, Video
from library.network import additions, connection, following, funds, handing, providers, states
from library.network.connection import Connection
from library.network.errors import FewerCopies, NoProvider, NotReady
from library.storing import store
from library.storing.lease import Lease

log = logging.getLogger(__name__)

# How many providers are tried for one copy before the film waits for better times.
MOST_TRIED = 5
GOOD = states.HELD


def run(lease: Lease) -> None:
    video = lease.step.video
    at = connection.current()
    _settle_in(lease, at, video)
    store.keep_roots(lease, video)
    funds.check(at, video)
    pieces = list(Piece.objects.filter(video=video))
    lacking: set[str] = set()
    done = 0
    for start in range(0, len(pieces), MAX_PIECES):
        batch = pieces[start : start + MAX_PIECES]
        work = handing.Handing(lease, at, video, done)
        _first_copies(work, batch)
        lacking |= _further_copies(work, batch)
        done += sum(piece.size for piece in batch) * video.wanted_copies
        lease.report(done)
    with lease.commit():
        states.settle(video)
    if lacking:
        raise FewerCopies(video.wanted_copies, sorted(lacking))
    with lease.finish():
        # What was chosen for a copy that came back meanwhile is not needed.
        Copy.objects.filter(
            piece__video=video, holder__isnull=False, state=Copy.State.WANTED, addition=None
        ).delete()
        states.settle(video)
        following.read_back(video)
    if _lacking(pieces, video.wanted_copies):
        # Lost while others were being placed.
        with transaction.atomic():
            additions.store_again(video)


def _settle_in(lease: Lease, at: Connection, video: Video) -> None:
    """
    From now on the film is of this network, with as many copies as are wanted today,
    or, of a rendition, as many as of its original.
    """
    if video.network == at.network.name:
        return
    if not video.is_local:
        raise NotReady(
            f"This film is on {video.network}, and the library is set to {at.network.name}.",
            "set up",
        )
    original, network = video.rendition_of, at.network.name
    copies = funds.copies_of_rendition(original, network) if original else settings.COPIES
    video.network, video.wanted_copies = network, copies
    with lease.commit(total_bytes=video.size * copies):
        Video.objects.filter(pk=video.pk).update(
            network=video.network, wanted_copies=video.wanted_copies
        )


def _first_copies(work: handing.Handing, batch: list[Piece]) -> None:
    """Have each piece at one provider at least. Raises NoProvider where nobody takes it."""
    tried: set[int] = set()
    while missing := _without_a_copy(batch):
        if len(tried) >= MOST_TRIED:
            raise NoProvider("No provider takes this film now.")
        try:
            chosen = _assigned(work, missing, first=True, taken=tried)
        except FilecoinError as error:
            raise NoProvider(str(error)) from error
        if chosen is None:
            raise NoProvider("No provider takes this film now.")
        provider, pieces = chosen
        tried.add(provider.number)
        try:
            (work.hand_over if settings.PULL_FROM_HERE else work.send)(provider, pieces)
        except FilecoinError as error:
            _give_up_on(work.lease, provider, missing, error)
        else:
            providers.answered(provider)


def _further_copies(work: handing.Handing, batch: list[Piece]) -> set[str]:
    """As many copies of each piece as are wanted; why there are fewer, where there are."""
    reasons: set[str] = set()
    tried: set[int] = set()
    while missing := _lacking(batch, work.video.wanted_copies):
        if len(tried) >= MOST_TRIED:
            break
        try:
            chosen = _assigned(work, missing, first=False, taken=tried)
        except FilecoinError as error:
            reasons.add(str(error))
            break
        if chosen is None:
            reasons.add("There is no other provider to choose.")
            break
        provider, pieces = chosen
        tried.add(provider.number)
        try:
            work.hand_over(provider, pieces)
        except FilecoinError as error:
            reasons.add(str(error))
            _give_up_on(work.lease, provider, pieces, error)
        else:
            providers.answered(provider)
    if not _lacking(batch, work.video.wanted_copies):
        return set()
    return reasons or {"There is no other provider to choose."}


def _assigned(
    work: handing.Handing, pieces: list[Piece], *, first: bool, taken: set[int]
) -> tuple[Provider, list[Piece]] | None:
    """
    A provider and the pieces of these that are for it: as the rows say already, or else
    chosen now, and then written down.
    """
    wanted = Copy.objects.filter(piece__in=pieces, state=Copy.State.WANTED, holder__isnull=False)
    for copy in wanted.exclude(holder__number__in=taken).select_related("holder"):
        assert copy.holder is not None
        own = set(wanted.filter(holder=copy.holder).values_list("piece_id", flat=True))
        return copy.holder, [piece for piece in pieces if piece.pk in own]
    # Those that lack a copy at the same places go to one provider together.
    held, together = _together(pieces)
    chosen = providers.choose(
        work.at,
        1,
        sizes=[max(piece.size, 127) for piece in together],
        taken=held | taken,
        first=first,
    )
    if not chosen:
        return None
    with work.lease.commit():
        for piece in together:
            _want(piece, chosen[0])
    return chosen[0], together


def _together(pieces: list[Piece]) -> tuple[set[int], list[Piece]]:
    by_holders: dict[frozenset[int], list[Piece]] = defaultdict(list)
    for piece in pieces:
        by_holders[frozenset(_holders(piece))].append(piece)
    held, together = max(by_holders.items(), key=lambda group: len(group[1]))
    return set(held), together


def _holders(piece: Piece) -> Iterable[int]:
    """Providers that a further copy is not to be at, by number: whoever has or had one."""
    copies = Copy.objects.filter(piece=piece, holder__isnull=False)
    return copies.values_list("holder__number", flat=True)


def _want(piece: Piece, provider: Provider) -> None:
    copy, _ = Copy.objects.get_or_create(
        piece=piece,
        provider=provider.key,
        defaults={"holder": provider, "state": Copy.State.WANTED},
    )
    # Another film may have the same piece there, paid for already.
    twin = (
        Copy.objects.filter(
            holder=provider, state=Copy.State.COMMITTED, piece__piece_cid=piece.piece_cid
        )
        .exclude(pk=copy.pk)
        .first()
    )
    if twin is None or copy.state != Copy.State.WANTED:
        return
    leaves = Removal.objects.filter(data_set=twin.data_set, piece_id=twin.number or 0).exists()
    if not leaves:
        now = timezone.now()
        Copy.objects.filter(pk=copy.pk).update(
            state=Copy.State.COMMITTED,
            data_set=twin.data_set,
            number=twin.number,
            addition=twin.addition,
            found_epoch=twin.found_epoch,
            stored_at=now,
        )


def _give_up_on(
    lease: Lease, provider: Provider, pieces: Iterable[Piece], error: FilecoinError
) -> None:
    """What it does not have yet is for somebody else."""
    providers.failed(provider, error)
    with lease.commit():
        Copy.objects.filter(
            piece__in=list(pieces), holder=provider, state=Copy.State.WANTED, addition=None
        ).delete()


def _without_a_copy(pieces: list[Piece]) -> list[Piece]:
    return _lacking(pieces, 1)


def _lacking(pieces: list[Piece], wanted: int) -> list[Piece]:
    good = Copy.objects.filter(piece__in=pieces, holder__isnull=False, state__in=GOOD)
    held: dict[int, int] = defaultdict(int)
    for copy in good.select_related("holder"):
        held[copy.piece_id] += states.is_held(copy)
    return [piece for piece in pieces if held[piece.pk] < wanted]
