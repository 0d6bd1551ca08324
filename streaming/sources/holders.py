"""
Who has a piece: the rows of its copies, read in a thread and kept for ten seconds, and the
clients that read from them.

Nobody waits here for the chain, and for the database only who has nothing else: what it said
before does for a minute while it is asked again, and for some more where it does not answer.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import httpx
from channels.db import database_sync_to_async
from django.db import DatabaseError
from django.db.models import prefetch_related_objects

from filmedia.filecoin.beam import Beam
from filmedia.filecoin.errors import FilecoinError
from filmedia.filecoin.provider.addresses import checked_service_url, new_client
from filmedia.filecoin.provider.exchanges import transport
from filmedia.filecoin.provider.reading import Reading
from library.models import Copy, DataSet, Piece
from library.network import connection, copies
from streaming.sources.remote import RemotePiece

log = logging.getLogger(__name__)

# So old rows are as good as new; will do while new ones are read; will do if they cannot be.
KEPT_SECONDS, MEANWHILE_SECONDS, STALE_SECONDS = 10.0, 60.0, 300.0
MOST_KEPT = 512
# Seconds of their place that sources are short of. What is read of Beam is paid for.
DOUBTS = {"doubted": 2.0, "lost": 5.0}
FAILING, PAID_FOR = 0.5, 0.5
# Between sources that are alike otherwise.
_NEXT = 0.001
_Key = tuple[str, int]


@dataclass(frozen=True)
class Holder:
    """As the rows have it. `beam` is the suffix of the network's addresses of Beam."""

    key: str
    name: str
    url: str
    doubt: float
    insecure: bool
    copy: int | None = None
    beam: str = ""


@dataclass(frozen=True)
class Source:
    """Somebody who can be asked for blocks of a piece. `copy` is the row that says so."""

    key: str
    name: str
    client: Reading
    doubt: float = 0.0
    copy: int | None = None


class Holders:
    """One for each event loop."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, tuple[float, Sequence[Source]]] = OrderedDict()
        self._asking: dict[_Key, asyncio.Task[Sequence[Source]]] = {}
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._context: ssl.SSLContext | None = None

    async def of(self, piece: RemotePiece) -> Sequence[Source]:
        """The sources of a piece, the surest first, as they were a minute ago at most."""
        kept = self.at_hand(piece)
        return await self.anew(piece) if kept is None else kept

    def at_hand(self, piece: RemotePiece) -> Sequence[Source] | None:
        """As `of` without waiting: what is older than ten seconds is read anew meanwhile."""
        key, (age, sources) = _key(piece), self._aged(piece)
        if KEPT_SECONDS < age <= MEANWHILE_SECONDS:
            self._read_once(key)
        return sources if age <= MEANWHILE_SECONDS else None

    async def anew(self, piece: RemotePiece) -> Sequence[Source]:
        """As the rows are now, or were ten seconds ago."""
        age, sources = self._aged(piece)
        if age <= KEPT_SECONDS:
            return sources
        try:
            # However many wait, the rows are read once; and whoever leaves takes nobody along.
            return await asyncio.shield(self._read_once(_key(piece)))
        except DatabaseError:
            return sources if age <= STALE_SECONDS else ()

    async def aclose(self) -> None:
        for task in list(self._asking.values()):
            task.cancel()
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()
        self._kept.clear()

    def _aged(self, piece: RemotePiece) -> tuple[float, Sequence[Source]]:
        read_at, sources = self._kept.get(_key(piece), (float("-inf"), ()))
        return asyncio.get_running_loop().time() - read_at, sources

    def _read_once(self, key: _Key) -> asyncio.Task[Sequence[Source]]:
        if key not in self._asking:
            task = self._asking[key] = asyncio.create_task(self._read(key))
            task.add_done_callback(lambda done: self._was_read(key, done))
        return self._asking[key]

    def _was_read(self, key: _Key, done: asyncio.Task[Sequence[Source]]) -> None:
        del self._asking[key]
        if not done.cancelled() and (error := done.exception()):
            log.error("The copies of piece %s of %s could not be read: %s", key[1], key[0], error)

    async def _read(self, key: _Key) -> Sequence[Source]:
        if self._context is None:
            self._context = await asyncio.to_thread(_context)
        holders = await database_sync_to_async(_rows, thread_sensitive=False)(*key)
        sources = list(self._usable(holders))
        self._kept[key] = (asyncio.get_running_loop().time(), sources)
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return sources

    def _usable(self, holders: Sequence[Holder]) -> Iterator[Source]:
        for holder in holders:
            try:
                client = self._reading(holder)
            except FilecoinError as error:
                log.warning("%s is not read from: %s", holder.name, error)
            else:
                yield Source(holder.key, holder.name, client, holder.doubt, holder.copy)

    def _reading(self, holder: Holder) -> Reading:
        if holder.beam:
            return Beam(holder.beam, holder.url, self._client(holder))
        # It was checked before it became a row; but rows last, and what may be asked changes.
        url = checked_service_url(holder.url, holder.insecure)
        return Reading(url, self._client(holder), holder.name)

    def _client(self, holder: Holder) -> httpx.AsyncClient:
        """Of one provider: whoever hangs uses up nobody else's connections."""
        name = f"{holder.insecure} {holder.url}"
        if name not in self._clients:
            assert self._context is not None
            self._clients[name] = new_client(transport(self._context, holder.insecure))
        return self._clients[name]


def _key(piece: RemotePiece) -> _Key:
    return piece.video, piece.index


def _context() -> ssl.SSLContext:
    """The same as every client's. To load it takes long enough to do it in a thread, and once."""
    context = httpx.create_ssl_context(trust_env=False)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _rows(video: str, index: int) -> list[Holder]:
    if connection.is_local():
        return []
    piece = Piece.objects.filter(video=video, index=index).first()
    return list(_holders(copies.good(piece))) if piece else []


def _holders(found: list[Copy]) -> Iterator[Holder]:
    network = connection.network()
    insecure = network.insecure_providers
    for place, copy in enumerate(found):
        assert copy.holder is not None
        doubt = DOUBTS.get(copy.state, 0.0) + FAILING * min(copy.holder.failures, 3)
        yield Holder(
            copy.holder.key,
            f"provider {copy.holder.number}",
            copy.holder.service_url,
            doubt + _NEXT * place,
            insecure,
            copy.pk,
        )
    if network.beam_suffix:
        prefetch_related_objects(found, "data_set")
        sets = [copy.data_set for copy in found if copy.data_set is not None]
        for owner in sorted({one.owner for one in sets if _is_on_beam(one)}):
            key = f"beam/{owner}"
            yield Holder(key, "beam", owner, PAID_FOR, insecure, beam=network.beam_suffix)


def _is_on_beam(data_set: DataSet) -> bool:
    return data_set.beam and data_set.state in {DataSet.State.LIVE, DataSet.State.ENDING}
