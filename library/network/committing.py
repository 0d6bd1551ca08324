"""
Commit: parked pieces go on chain, in one transaction for up to 40.

A round looks at every data set that has something to do. An addition is marked as sent
before it is sent; whoever finds such a row asks the chain (`following`) before anything
is sent once more.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from http import HTTPStatus

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from filmedia.filecoin.chain import reverts
from filmedia.filecoin.cid import PieceCid
from filmedia.filecoin.errors import (
    Conflict,
    FilecoinError,
    NotThere,
    PieceRefused,
    ProviderBusy,
    ProviderError,
    ProviderFailed,
    ProviderUnreachable,
    Reverted,
    SigningRefused,
)
from library.models import Addition, Copy, DataSet, Provider, Step, Video
from library.network import (
    additions,
    comparing,
    connection,
    data_sets,
    following,
    leases,
    providers,
    states,
)
from library.network.connection import Connection

log = logging.getLogger(__name__)

State = Addition.State

# A parked piece that no data set uses is forgotten two hours after it was stored.
FORGOTTEN_AFTER = timedelta(minutes=90)


def round(at: Connection) -> bool:
    """Whether something is under way, so that the next round should come soon."""
    following.adopt_twins(at)
    following.settle(at)
    _make_up_for_the_silent(at)
    for data_set in _with_something_to_do(at):
        if providers.rests(data_set.provider):
            continue
        with leases.of(data_set) as mine:
            if mine:
                _try_to_advance(at, data_set)
    return Addition.objects.filter(
        data_set__provider__network=at.network.name, state__in=Addition.UNDER_WAY
    ).exists()


def _try_to_advance(at: Connection, data_set: DataSet) -> None:
    """What goes wrong with one data set is not the others' trouble."""
    try:
        _advance(at, data_set)
    except FilecoinError as error:
        log.warning("%s: %s", data_set, error)
        providers.failed(data_set.provider, error)


def _make_up_for_the_silent(at: Connection) -> None:
    """
    A provider that falls silent between storing and committing must not hold a film up:
    further copies are made elsewhere. If it comes back, there is one more.
    """
    before = timezone.now() - states.SILENT
    waiting = Copy.objects.filter(
        holder__network=at.network.name,
        holder__silent_since__lt=before,
        state__in=[Copy.State.STORED, Copy.State.COMMITTING],
    )
    films = Video.objects.filter(pieces__copies__in=waiting, trashed_at=None).distinct()
    for video in films.filter(~additions.under_way(Step.Kind.STORE)):
        if states.standing(video).held < video.wanted_copies:
            with transaction.atomic():
                additions.store_again(video)
                states.settle(video)


def _with_something_to_do(at: Connection) -> Iterable[DataSet]:
    _make_missing_data_sets(at)
    waiting = Q(additions__state=State.DRAWN) | Q(provider__copies__state=Copy.State.STORED)
    live = DataSet.objects.filter(
        waiting,
        provider__network=at.network.name,
        state__in=[DataSet.State.MAKING, DataSet.State.LIVE],
    )
    return live.select_related("provider").distinct()


def _make_missing_data_sets(at: Connection) -> None:
    parked = Provider.objects.filter(
        network=at.network.name, copies__state=Copy.State.STORED
    ).distinct()
    for provider in parked:
        data_sets.for_provider(provider)


def _advance(at: Connection, data_set: DataSet) -> None:
    addition = data_set.additions.filter(state=State.DRAWN).first()
    if addition is None:
        if _was_sent_by_the_provider(at, data_set):
            return
        addition = additions.draw(at, data_set)
    if addition is None or addition.next_try_at > timezone.now():
        return
    addition.data_set = data_set
    if additions.is_pointless(at, addition) or _forgotten(at, addition):
        return
    _send(at, addition)


def _was_sent_by_the_provider(at: Connection, data_set: DataSet) -> bool:
    """
    Whether the provider has put pieces on chain with what it was shown for a pull. Then
    they are there, and taken in as they are.
    """
    if data_set.additions.filter(state__in=Addition.OPEN).exists():
        # One at a time; what is on its way is settled first.
        return False
    shown = Copy.objects.filter(holder=data_set.provider, state=Copy.State.STORED).exclude(
        pull_nonce=""
    )
    nonces = sorted(set(shown.values_list("pull_nonce", flat=True)))
    if not nonces:
        return False
    answers = at.run(at.service.nonces(connection.owner(), [int(nonce) for nonce in nonces]))
    used = [nonce for nonce, answer in zip(nonces, answers, strict=True) if answer]
    if not used:
        return False
    log.warning("%s sent to the chain what it was shown for a pull", data_set.provider)
    comparing.take_in(at, data_set)
    shown.filter(pull_nonce__in=used).update(pull_nonce="")
    return True


def _send(at: Connection, addition: Addition) -> None:
    data_set = addition.data_set
    cids = [PieceCid.parse(cid) for cid in addition.cids]
    try:
        extra = additions.extra_data_for(at, data_set, int(addition.nonce), cids)
    except (SigningRefused, FilecoinError) as error:
        additions.put_off(addition, error, "renew key" if isinstance(error, SigningRefused) else "")
        return
    # Before a byte leaves: whoever finds this row so knows that the chain must be asked.
    if not additions.move(
        addition, State.DRAWN, state=State.SENT, sent_at=timezone.now(), transaction=""
    ):
        return
    client, fwss = at.provider(data_set.provider), at.service.addresses.fwss
    try:
        if data_set.number is None:
            work = client.create_and_add(fwss, extra, cids)
        else:
            work = client.add_pieces(data_set.number, extra, cids)
        transaction_hash = at.ask(client, work)
    except FilecoinError as error:
        _not_sent(at, addition, error)
        return
    providers.answered(data_set.provider)
    additions.move(addition, State.SENT, transaction=transaction_hash, error="", help="")
    log.info("%s: sent as %s", addition, transaction_hash)


def _not_sent(at: Connection, addition: Addition, error: FilecoinError) -> None:
    """What an error says of whether the transaction was sent. Where that is open, it stays so."""
    if isinstance(error, ProviderBusy) and error.status == HTTPStatus.TOO_MANY_REQUESTS:
        # Refused before it was looked at; a 503 may come from a proxy that handed it on.
        additions.put_off(addition, error)
        return
    refusal = _refusal(error)
    if isinstance(error, PieceRefused | NotThere) and refusal is None:
        additions.put_off(addition, error)
        _look_for_lost_pieces(at, addition)
        return
    if isinstance(error, Conflict) or (refusal is not None and _help(refusal) == "new data set"):
        additions.data_set_has_ended(at, addition, error)
        return
    if refusal is not None and _help(refusal) != "look up":
        # The provider saw it fail before it was sent.
        additions.put_off(addition, refusal, _help(refusal))
        return
    log.warning("%s: whether it was sent is open: %s", addition, error)
    Addition.objects.filter(pk=addition.pk).update(error=str(error)[:500])
    if isinstance(error, ProviderUnreachable | ProviderFailed | ProviderBusy):
        providers.failed(addition.data_set.provider, error)


def _refusal(error: FilecoinError) -> Reverted | None:
    """The contract's own reason, where the provider passed it on."""
    if not isinstance(error, ProviderError):
        return None
    text = getattr(error, "text", "") or error.detail
    return reverts.find_in_text(text)


def _help(refusal: Reverted) -> str:
    return str(getattr(refusal, "help", ""))


def _forgotten(at: Connection, addition: Addition) -> bool:
    """Whether pieces have to be sent once more before this addition can be."""
    waiting = addition.copies.filter(state=Copy.State.WANTED)
    if waiting.exists():
        # They are being stored anew; the addition waits for them with its nonce.
        return True
    before = timezone.now() - FORGOTTEN_AFTER
    if addition.copies.filter(state=Copy.State.COMMITTING, parked_at__lt=before).exists():
        return _look_for_lost_pieces(at, addition)
    return False


def _look_for_lost_pieces(at: Connection, addition: Addition) -> bool:
    client = at.provider(addition.data_set.provider)
    lost: list[Copy] = []
    for copy in addition.copies.filter(state=Copy.State.COMMITTING).select_related("piece__video"):
        try:
            there = at.ask(client, client.find(PieceCid.parse(copy.piece.piece_cid)))
        except FilecoinError as error:
            providers.failed(addition.data_set.provider, error)
            return True
        if not there:
            lost.append(copy)
    with transaction.atomic():
        for copy in lost:
            Copy.objects.filter(pk=copy.pk).update(
                state=Copy.State.WANTED,
                parked_at=None,
                session="",
                fault="The provider forgot it before it was committed; it is sent again.",
            )
            additions.store_again(copy.piece.video)
        Copy.objects.filter(addition=addition, state=Copy.State.COMMITTING).update(
            parked_at=timezone.now()
        )
    return bool(lost)
