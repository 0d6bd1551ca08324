"""
Following an addition from the moment it was sent until it is in the chain for good.

Only the chain is believed: `clientNonces` says whether it happened, in which data set and
under which ids, and the pieces are compared one by one with what the chain has there. A
provider's word only tells that an attempt has failed.
"""

# --- following ------------------------------------------------------------------------

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from filmedia.filecoin.chain import history
from filmedia.filecoin.chain.service import landed_addition
from filmedia.filecoin.cid import PieceCid
from filmedia.filecoin.errors import FilecoinError, NotThere
from library.models import Addition, Copy, DataSet, Payment, Removal, Step, Video
from library.network import additions, connection, providers, states
from library.network.connection import Connection
from library.storing import steps

log = logging.getLogger(__name__)

State = Addition.State

# A transaction that is in nobody's block by then may never have been sent.
SEND_AGAIN_EPOCHS = 4
# A provider that does not come back in this time loses what was on its way to it.
ABANDON_AFTER = timedelta(hours=24)


def settle(at: Connection) -> None:
    """Ask the chain what became of everything that was sent, in one question."""
    open_ones = list(
        Addition.objects.filter(
            data_set__provider__network=at.network.name,
            state__in=[State.SENT, State.LANDED, State.SETTLED],
        ).select_related("data_set__provider")
    )
    if not open_ones:
        return
    answers = at.run(at.service.nonces(connection.owner(), [int(one.nonce) for one in open_ones]))
    head = at.run(at.service.block())
    for addition, answer in zip(open_ones, answers, strict=True):
        try:
            _follow(at, addition, landed_addition(answer, len(addition.cids)), head)
        except FilecoinError as error:
            # The others are not held up by it.
            log.warning("%s: %s", addition, error)


def _follow(
    at: Connection, addition: Addition, landed: tuple[int, list[int]] | None, head: int
) -> None:
    if addition.state == State.SENT:
        if landed is None:
            _still_open(at, addition)
        else:
            _landed(at, addition, *landed, head)
    elif landed is None:
        _taken_back(addition)
    else:
        _deeper(at, addition, head)


def _still_open(at: Connection, addition: Addition) -> None:
    """Not in a block. Perhaps it failed, perhaps it was never sent, perhaps it only takes long."""
    sent_at = addition.sent_at or addition.drawn_at
    age = timezone.now() - sent_at
    if addition.transaction and addition.next_try_at <= timezone.now():
        client = at.provider(addition.data_set.provider)
        Addition.objects.filter(pk=addition.pk).update(
            next_try_at=timezone.now() + _epochs(at, 1) / 2
        )
        try:
            if addition.creates and addition.data_set.number is None:
                ok = at.ask(client, client.creation(addition.transaction)).ok
            else:
                number = addition.data_set.number or 0
                ok = at.ask(client, client.addition(number, addition.transaction)).ok
        except NotThere:
            log.info("%s: its provider does not know the transaction", addition)
        except FilecoinError as error:
            providers.failed(addition.data_set.provider, error)
        else:
            if ok is False:
                _failed(at, addition)
                return
    if timezone.now() - addition.drawn_at > ABANDON_AFTER:
        # The nonce stays ours: `patrol` finds what it may still bring, and takes it in.
        with transaction.atomic():
            additions.let_go(addition, "Its provider has not brought it on chain within a day.")
            Copy.objects.filter(
                holder=addition.data_set.provider,
                piece__piece_cid__in=addition.cids,
                state=Copy.State.STORED,
            ).update(state=Copy.State.LOST, fault="Its provider did not commit it.")
            for video in additions.videos(addition, addition.cids):
                additions.store_again(video)
    elif not addition.transaction and age > _epochs(at, SEND_AGAIN_EPOCHS):
        # The same once more. If the first was sent after all, the contract refuses this one.
        additions.move(addition, State.SENT, state=State.DRAWN, next_try_at=timezone.now())


def _failed(at: Connection, addition: Addition) -> None:
    """The transaction was refused by the contract; it did nothing, so it may be sent again."""
    reason = at.run(history.why_refused(at.service, addition.transaction))
    help = getattr(reason, "help", "")
    if help == "new data set":
        additions.data_set_has_ended(at, addition, reason)
    else:
        additions.put_off(addition, reason, help)


def _landed(
    at: Connection, addition: Addition, number: int, piece_ids: Sequence[int], head: int
) -> None:
    """It is in a block. What is there is compared before it is believed."""
    found = at.run(at.service.piece_cids(number, piece_ids))
    expected = [PieceCid.parse(cid) for cid in addition.cids]
    if found != expected:
        log.error("%s: the chain has other pieces under its nonce: %s", addition, found)
        Addition.objects.filter(pk=addition.pk).update(
            error="The chain has other pieces under this nonce than were signed for."
        )
        return
    # From the event of just these pieces: a hash that a provider tells may be of any block.
    receipt = at.run(history.addition_receipt(at.service, number, piece_ids[0], head))
    block = receipt.block if receipt else head
    with transaction.atomic():
        now = timezone.now()
        if not additions.move(
            addition,
            State.SENT,
            state=State.LANDED,
            landed_at=now,
            block=block,
            block_hash=receipt.block_hash if receipt else "",
            confirmed_transaction=receipt.transaction if receipt else "",
            error="",
            help="",
        ):
            return
        DataSet.objects.filter(pk=addition.data_set.pk, number=None).update(
            number=number,
            state=DataSet.State.LIVE,
            created_epoch=block,
            transaction=addition.shown_transaction,
        )
        order = dict(zip(addition.cids, piece_ids, strict=True))
        for copy in addition.copies.select_related("piece"):
            Copy.objects.filter(pk=copy.pk).update(
                number=order[copy.piece.piece_cid], data_set=addition.data_set
            )
        _book(at, addition)
    log.info("%s: in block %s", addition, block)


def _taken_back(addition: Addition) -> None:
    """A reorganisation of the chain has dropped it: it is on its way again."""
    log.warning("%s: the chain has taken it back", addition)
    with transaction.atomic():
        # To be sent again, with the nonce it had.
        Addition.objects.filter(pk=addition.pk).update(
            state=State.DRAWN,
            transaction="",
            confirmed_transaction="",
            block=None,
            block_hash="",
            settled_at=None,
            next_try_at=timezone.now(),
        )
        Copy.objects.filter(
            addition=addition, state__in=[Copy.State.COMMITTED, Copy.State.COMMITTING]
        ).update(state=Copy.State.COMMITTING, number=None, verified_at=None)
        if addition.creates:
            # It came with its data set, so that is gone too.
            DataSet.objects.filter(pk=addition.data_set.pk).update(
                number=None, state=DataSet.State.MAKING, transaction=""
            )
        for video in additions.videos(addition):
            states.settle(video)


def _deeper(at: Connection, addition: Addition, head: int) -> None:
    assert addition.block is not None
    depth = head - addition.block
    if addition.state == State.LANDED and depth >= at.network.settled:
        if _is_there(at, addition):
            _settled(addition)
    elif addition.state == State.SETTLED and depth >= at.network.safe and _is_there(at, addition):
        _safe(addition)


def _is_there(at: Connection, addition: Addition) -> bool:
    """Whether its block is still the one it was found in; where it moved, it starts over."""
    if not addition.shown_transaction or not addition.block_hash:
        return True
    receipt = at.run(at.service.receipt(addition.shown_transaction))
    if receipt is not None and receipt.block_hash == addition.block_hash:
        return True
    if receipt is None:
        # The contract knows the nonce, so it is there; the node shows receipts late.
        return False
    Addition.objects.filter(pk=addition.pk).update(
        state=State.LANDED, block=receipt.block, block_hash=receipt.block_hash
    )
    return False


def _settled(addition: Addition) -> None:
    with transaction.atomic():
        if not additions.move(
            addition, State.LANDED, state=State.SETTLED, settled_at=timezone.now()
        ):
            return
        # Whatever the rows thought of the bytes: the chain has these pieces now.
        Copy.objects.filter(
            addition=addition,
            state__in=[Copy.State.WANTED, Copy.State.STORED, Copy.State.COMMITTING],
            number__isnull=False,
        ).update(state=Copy.State.COMMITTED)
        for video in additions.videos(addition):
            states.settle(video)


def _safe(addition: Addition) -> None:
    with transaction.atomic():
        if not additions.move(addition, State.SETTLED, state=State.SAFE):
            return
        for video in additions.videos(addition):
            read_back(video)


def read_back(video: Video) -> None:
    """Once all wanted copies are final, they are read back; only then staging goes."""
    under_way = Copy.objects.filter(piece__video=video, addition__state__in=Addition.UNDER_WAY)
    if under_way.exists() or states.standing(video).committed < video.wanted_copies:
        return
    step = steps.enqueue(video, Step.Kind.VERIFY)
    now = timezone.now()
    Step.objects.filter(pk=step.pk).exclude(
        state__in=[Step.State.RUNNING, Step.State.WAITING]
    ).update(
        state=Step.State.WAITING,
        attempts=0,
        next_try_at=now,
        updated_at=now,
        total_bytes=video.size * video.wanted_copies,
    )
    Step.objects.filter(pk=step.pk, state=Step.State.WAITING).update(
        total_bytes=video.size * video.wanted_copies
    )


def adopt_twins(at: Connection) -> None:
    """A piece that another film has in the same data set is there for this one, too."""
    committed = Copy.objects.filter(
        holder=OuterRef("holder"),
        state=Copy.State.COMMITTED,
        piece__piece_cid=OuterRef("piece__piece_cid"),
    )
    parked = Copy.objects.filter(
        Exists(committed), holder__network=at.network.name, state=Copy.State.STORED
    ).select_related("piece__video")
    for copy in parked:
        with transaction.atomic():
            _adopt_twin(copy)


def _adopt_twin(copy: Copy) -> None:
    twin = Copy.objects.filter(
        holder=copy.holder, state=Copy.State.COMMITTED, piece__piece_cid=copy.piece.piece_cid
    ).first()
    if twin is None:
        return
    if Removal.objects.filter(data_set=twin.data_set, piece_id=twin.number or 0).exists():
        # It is on its way out; this one goes its own way.
        return
    Copy.objects.filter(pk=copy.pk, state=Copy.State.STORED).update(
        state=Copy.State.COMMITTED,
        addition=twin.addition,
        data_set=twin.data_set,
        number=twin.number,
        found_epoch=twin.found_epoch,
    )
    states.settle(copy.piece.video)
    read_back(copy.piece.video)


def _book(at: Connection, addition: Addition) -> None:
    """A line of the ledger for the fee."""
    kind = Payment.Kind.CREATE if addition.creates else Payment.Kind.ADD
    Payment.objects.get_or_create(
        reference=f"{at.network.name}:addition:{addition.pk}",
        defaults={
            "network": at.network.name,
            "kind": kind,
            "amount": -addition.fee,
            "transaction": addition.shown_transaction,
            "data_set": addition.data_set,
            "note": f"{len(addition.cids)} pieces",
        },
    )


def _epochs(at: Connection, count: int) -> timedelta:
    return timedelta(seconds=max(at.clock().seconds * count, 1.0))
