"""
Handing pieces to a provider: sent from here, or pulled by it from one that has them.

Pieces are sent one after the other while those before them are still being parked. An
upload that broke is begun anew; one whose answer was lost is settled by asking for the
piece.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.utils import timezone

from filmedia.filecoin.cid import PieceCid
from filmedia.filecoin.errors import FilecoinError, NotThere, ProviderFailed, ProviderUnreachable
from filmedia.filecoin.provider.client import Provider as Client
from filmedia.filecoin.signing import keys
from library import media_addresses, places
from library.models import Copy, Piece, Provider, Video
from library.network import additions, copies, data_sets
from library.network.connection import Connection
from library.storing import shelf
from library.storing.lease import Lease

log = logging.getLogger(__name__)

READ_SIZE = 1024 * 1024
# A provider that takes no byte for so long is given up.
STALL_SECONDS = 20.0
# Until a piece is parked: small ones take some 15 s, larger ones as long as moving them.
PARK_SECONDS, PARK_SECONDS_HERE, PARK_SPEED = 45.0, 10.0, 5_000_000
# For a piece whose last answer was lost.
UNCERTAIN_SECONDS = 20.0
# Between one piece of a pull and the next: a whole piece at a megabyte a second.
PULL_SECONDS = 300.0
POLL_SECONDS = 1.0
# How long a provider may begin to pull a piece from here.
PULL_GRANT = timedelta(hours=6)

_T = TypeVar("_T")


class Handing:
    """For one batch of a film's pieces; `done` bytes of the step were done before."""

    def __init__(self, lease: Lease, at: Connection, video: Video, done: int) -> None:
        self.lease, self.at, self.video = lease, at, video
        self._done = done

    def send(self, provider: Provider, pieces: list[Piece]) -> None:
        """Have these pieces parked there, from the bytes that lie here or at another."""
        client = self.at.provider(provider)
        waiting: list[tuple[Copy, float]] = []
        for copy in self._copies(provider, pieces):
            certain = self._has(client, copy) or self._send_one(client, copy)
            waiting.append((copy, self._patience(copy.piece) if certain else UNCERTAIN_SECONDS))
            self._done += copy.piece.size
        for copy, patience in waiting:
            cid = PieceCid.parse(copy.piece.piece_cid)
            self._run(client.wait_until_parked(cid, timeout=patience, interval=POLL_SECONDS))
            self._stored(copy)

    def _patience(self, piece: Piece) -> float:
        here = self.at.network.insecure_providers
        return (PARK_SECONDS_HERE if here else PARK_SECONDS) + piece.size / PARK_SPEED

    def hand_over(self, provider: Provider, pieces: list[Piece]) -> None:
        """The same by a pull from a provider that has them; what fails of it is sent."""
        left = [copy.piece for copy in self._copies(provider, pieces)]
        client = self.at.provider(provider)
        sources = {piece.pk: self._source(piece, provider) for piece in left}
        pulled = [piece for piece in left if sources[piece.pk] is not None]
        if pulled:
            try:
                self._pull(client, provider, pulled, sources)
            except FilecoinError as error:
                log.warning("%s did not pull: %s", provider, error)
        self.send(provider, pieces)

    def _copies(self, provider: Provider, pieces: list[Piece]) -> list[Copy]:
        wanted = Copy.objects.filter(piece__in=pieces, holder=provider, state=Copy.State.WANTED)
        return list(wanted.select_related("piece").order_by("piece__index"))

    # --- sending ----------------------------------------------------------------------

    def _has(self, client: Client, copy: Copy) -> bool:
        """Look before the leap: it may have come there before an answer or a worker was lost."""
        cid = PieceCid.parse(copy.piece.piece_cid)
        return self._ask(client, client.find(cid))

    def _send_one(self, client: Client, copy: Copy) -> bool:
        """Whether the provider has said that it took the piece. If not, it still may have."""
        piece = copy.piece
        cid, size = PieceCid.parse(piece.piece_cid), shelf.stored_size(piece)
        session = self._ask(client, client.begin_upload())
        with self.lease.commit():
            Copy.objects.filter(pk=copy.pk).update(session=session)
        sent = 0

        def progress(count: int) -> None:
            nonlocal sent
            sent = count

        self._run(
            client.send(session, self._bytes(piece), size, progress, STALL_SECONDS),
            lambda: self.lease.report(self._done + min(sent, piece.size)),
        )
        try:
            self._ask(client, client.finalise(session, cid))
        except (NotThere, ProviderUnreachable, ProviderFailed) as error:
            # Finalised already, if the answer was lost: then it is there before long.
            log.info("%s: finalising %s is not certain: %s", client.name, cid, error)
            return False
        return True

    def _bytes(self, piece: Piece) -> AsyncIterator[bytes]:
        path = local_file(self.video, piece)
        if path is not None:
            return _from_file(path, shelf.stored_size(piece))
        return copies.stored_bytes(self.at, self.video, piece)

    def _stored(self, copy: Copy) -> None:
        """It is there. One that was forgotten goes on in the addition that it was drawn into."""
        now = timezone.now()
        there = {"stored_at": now, "parked_at": now, "session": "", "fault": ""}
        with self.lease.commit():
            wanted = Copy.objects.filter(pk=copy.pk, state=Copy.State.WANTED)
            if not wanted.filter(addition=None).update(state=Copy.State.STORED, **there):
                wanted.update(state=Copy.State.COMMITTING, **there)

    # --- pulling ----------------------------------------------------------------------

    def _source(self, piece: Piece, provider: Provider) -> str | None:
        """Where the provider can pull the piece from: somebody else who has it, or us."""
        having = [copy for copy in copies.good(piece) if copy.holder != provider]
        source = next((copy for copy in having if not copy.fault), None)
        if source is None or source.holder is None:
            return self._from_here(piece)
        return self.at.provider(source.holder).piece_url(PieceCid.parse(piece.piece_cid))

    def _from_here(self, piece: Piece) -> str | None:
        """Our own address of it, where the setting says that providers reach us there."""
        reached = settings.SITE_URL.startswith("https://") or self.at.network.insecure_providers
        if not settings.PULL_FROM_HERE or not reached or local_file(self.video, piece) is None:
            return None
        address = media_addresses.pull_address(piece.piece_cid, lifetime=PULL_GRANT)
        return f"{settings.SITE_URL}{address}"

    def _pull(
        self,
        client: Client,
        provider: Provider,
        pieces: list[Piece],
        sources: dict[int, str | None],
    ) -> None:
        asked = [(PieceCid.parse(piece.piece_cid), sources[piece.pk] or "") for piece in pieces]
        with self.lease.commit():
            data_set = data_sets.for_provider(provider)
        nonce = self._pull_nonce(provider, pieces)
        cids = [cid for cid, _ in asked]
        # What the provider wants to see before it moves a byte: an addition that the chain
        # would take.
        proof = additions.extra_data_for(self.at, data_set, nonce, cids)
        keeper = self.at.service.addresses.fwss
        before, until = 0, time.monotonic() + PULL_SECONDS
        while True:
            told = self._ask(client, client.pull(proof, asked, data_set.number, keeper))
            if told.is_over:
                return
            came = sum(told.came(cid) for cid in cids)
            if came != before:
                before, until = came, time.monotonic() + PULL_SECONDS
            if time.monotonic() > until:
                raise ProviderUnreachable(client.name, "its pull does not come to an end")
            self._run(asyncio.sleep(POLL_SECONDS))

    def _pull_nonce(self, provider: Provider, pieces: list[Piece]) -> int:
        """
        Written down before it is shown: a provider could send that addition to the chain,
        so `committing` asks what became of the nonce before it draws another.
        """
        own = Copy.objects.filter(piece__in=pieces, holder=provider, state=Copy.State.WANTED)
        known = set(own.values_list("pull_nonce", flat=True))
        if len(known) == 1 and "" not in known:
            # The same pull as before: asking again with the same nonce only asks how it goes.
            return int(known.pop())
        nonce = keys.new_nonce()
        with self.lease.commit():
            own.update(pull_nonce=str(nonce))
        return nonce

    def _ask(self, client: Client, work: Coroutine[Any, Any, _T]) -> _T:
        return self.at.ask(client, work, self.lease.go_on)

    def _run(self, work: Coroutine[Any, Any, _T], watch: Callable[[], None] | None = None) -> _T:
        return self.at.run(work, watch or self.lease.go_on)


def local_file(video: Video, piece: Piece) -> Path | None:
    """The piece's stored bytes on this machine, where they still are."""
    if video.staging:
        staged = places.staged_piece(video.staging, piece.index)
        if staged.is_file():
            return staged
    shelved = places.shelved_piece(piece.piece_cid)
    return shelved if shelved.is_file() else None


async def _from_file(path: Path, size: int) -> AsyncIterator[bytes]:
    """The file, followed by the zeros that a short piece is stored with."""
    with path.open("rb", buffering=0) as file:
        left = size
        while portion := await asyncio.to_thread(file.read, READ_SIZE):
            left -= len(portion)
            yield portion
        if left > 0:
            yield bytes(left)
