"""
Whether a right still holds, without asking the database for each request.

A process keeps what it must know of the films that it sends and of the accounts that watch
them, and which sessions and devices are over. While anything is sent, one query a second
tells it what has changed since. Where that cannot be asked for longer than SURE_SECONDS,
nobody is let in; and a stream whose right has ended is ended.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, InterfaceError, connection

from library.errors import KeyUnavailable
from library.media_addresses import Kind, stamp
from library.models import Revocation, User, Video
from library.models.films import is_seen_by
from library.models.revocations import KEPT
from streaming.doors import bodies, spending
from streaming.doors.asking import in_thread
from streaming.doors.bodies import Body
from streaming.doors.signing import Addresses, Right
from streaming.errors import AddressEnded, BytesUnavailable, NotSure
from streaming.reading.layouts import Layout

log = logging.getLogger(__name__)

LOOK_SECONDS, SURE_SECONDS, IDLE_SECONDS = 1.0, 5.0, 15.0
# What is written in a transaction that takes long becomes visible late: so far back is read
# again each time, by the database's clock. That of this machine is not asked.
OVERLAP = timedelta(seconds=60)
# Nothing that is kept of a film is older, whatever became of it.
AGE_SECONDS = 60.0
FILMS, USERS = 512, 4096

_NEVER = -1e9


@dataclass
class Film:
    """What is kept of a film that is sent; nothing where there is none any more."""

    video: Video | None
    body: Body | None
    loaded_at: float
    used_at: float


class Grants:
    """Rights and what they rest on, as this process knows them."""

    def __init__(self) -> None:
        self.addresses = Addresses()
        # Another one whenever anything may be otherwise than it was.
        self.epoch = 0
        self._films: dict[str, Film] = {}
        self._users: dict[int, User | None] = {}
        # When this process heard of it.
        self._over: dict[tuple[str, str], float] = {}
        self._seen: set[int] = set()
        self._last = 0
        self._looked_at = _NEVER
        self._used_at = _NEVER
        self._running: dict[Callable[[], object], Right] = {}
        self._wanted = threading.Event()
        # Whoever changes what is kept holds it, from asking the database on.
        self._lock = threading.RLock()

    # --- asked by whoever sends

    async def right(self, signed: str) -> Right:
        """
        What is granted by an address, with a body to send. Raises AddressEnded,
        AddressExpired, BudgetUsed or NotSure.
        """
        right = self.addresses.right(signed)
        self._used_at = now = time.monotonic()
        if not self._wanted.is_set():
            self._wanted.set()
        if now - self._looked_at > SURE_SECONDS:
            await in_thread(self._make_sure)
        if right.epoch != self.epoch and not self._weigh(right):
            await in_thread(lambda: self._load_and_weigh(right))
        if right.body is None:
            raise AddressEnded
        return right

    @property
    def is_sure(self) -> bool:
        return time.monotonic() - self._looked_at <= SURE_SECONDS

    def run(self, right: Right, end: Callable[[], object]) -> None:
        """A stream begins. `end` is called, from another thread, when its right has ended."""
        self._running[end] = right
        if not self._wanted.is_set():
            self._wanted.set()

    def leave(self, end: Callable[[], object]) -> None:
        self._running.pop(end, None)

    def forget(self, video: str) -> None:
        """What is kept of a film turned out to be wrong."""
        with self._lock:
            self._films.pop(video, None)
            self.epoch += 1

    # --- looking for what has changed

    def keep_looking(self) -> None:
        """In a thread of its own, for as long as this process lives."""
        threading.Thread(target=self._look_on, name="grants", daemon=True).start()

    def _look_on(self) -> None:
        while self._wanted.wait():
            try:
                self.look()
                self.end_streams()
                spending.settle()
            except (DatabaseError, InterfaceError) as error:
                log.warning("What rights have ended could not be read: %s", error)
                connection.close()
            except Exception:
                # Were this thread to end, so would no stream whose right has.
                log.exception("What rights have ended could not be followed.")
            time.sleep(LOOK_SECONDS)
            if self._is_idle:
                self._wanted.clear()
                connection.close()
                # Somebody may have come at just this moment, and found it wanted.
                if not self._is_idle:
                    self._wanted.set()

    @property
    def _is_idle(self) -> bool:
        return not self._running and time.monotonic() - self._used_at > IDLE_SECONDS

    def look(self) -> None:
        """Learn what has changed. One query, and one more for what has to be looked at anew."""
        began = time.monotonic()
        gone = timedelta(seconds=began - self._looked_at)
        age = KEPT if self._looked_at == _NEVER else min(gone + OVERLAP, KEPT)
        asked = Revocation.objects.since(self._last, age)
        rows = list(asked.values_list("pk", "kind", "key"))
        with self._lock:
            news = {(kind, key) for pk, kind, key in rows if pk not in self._seen}
            self._over |= dict.fromkeys(news, began)
            self._look_again(news, began)
            if news:
                kept = began - KEPT.total_seconds()
                self._over = {one: at for one, at in self._over.items() if at > kept}
                self.epoch += 1
            # Last: what could not be followed up to its end is news again the next time.
            self._seen = {pk for pk, _, _ in rows}
            self._last = max([self._last, *self._seen])
            self._looked_at = began

    def end_streams(self) -> None:
        """Those whose right is over by now."""
        for end, right in list(self._running.items()):
            if right.epoch != self.epoch:
                try:
                    self._load_and_weigh(right)
                except KeyUnavailable:
                    right.body = None
            if right.body is None or right.has_expired:
                self._running.pop(end, None)
                end()

    def _look_again(self, news: set[tuple[str, str]], now: float) -> None:
        """At films and accounts that have changed, and at films that were not for a while."""
        used = {right.grant.video for right in list(self._running.values())}
        changed = {key for kind, key in news if kind == Revocation.Kind.FILM}
        for video, film in list(self._films.items()):
            if video in used:
                film.used_at = now
            is_old = now - film.loaded_at > AGE_SECONDS
            if is_old and now - film.used_at > AGE_SECONDS:
                del self._films[video]
            elif is_old or video in changed:
                changed.add(video)
        if changed := changed & set(self._films):
            self._load_films(changed)
            self.epoch += 1
        users = {int(key) for kind, key in news if kind == Revocation.Kind.USER}
        if users := users & set(self._users):
            self._load_users(users)

    def _make_sure(self) -> None:
        if self.is_sure:
            return
        try:
            self.look()
        except (DatabaseError, InterfaceError) as error:
            log.warning("What rights have ended could not be read: %s", error)
            raise NotSure from error

    # --- weighing rights

    def _weigh(self, right: Right) -> bool:
        """Decide whether a right holds; False where not all is known that it rests on."""
        epoch, grant = self.epoch, right.grant
        film = self._films.get(grant.video)
        if film is None or (grant.user and grant.user not in self._users):
            return False
        film.used_at = time.monotonic()
        right.body = film.body if self._holds(right, film) else None
        right.epoch = epoch
        return True

    def _holds(self, right: Right, film: Film) -> bool:
        grant = right.grant
        if film.video is None:
            return False
        if grant.kind == Kind.VISITOR:
            return is_seen_by(film.video, AnonymousUser())
        if grant.kind not in {Kind.SESSION, Kind.DEVICE}:
            return False
        user = self._users.get(grant.user)
        kind = Revocation.Kind.SESSION if grant.kind == Kind.SESSION else Revocation.Kind.DEVICE
        if user is None or not user.is_active or (kind, grant.holder.hex()) in self._over:
            return False
        if stamp(user) != grant.stamp:
            return False
        return is_seen_by(film.video, user if grant.as_staff else user.as_member())

    def _load_and_weigh(self, right: Right) -> None:
        grant = right.grant
        with self._lock:
            if grant.video not in self._films:
                self._load_films({grant.video})
            if grant.user and grant.user not in self._users:
                self._load_users({grant.user})
            known = self._weigh(right)
        assert known

    def _load_films(self, ids: Iterable[str]) -> None:
        now = time.monotonic()
        rows = Video.objects.select_related("key", "rendition_of").in_bulk(list(ids))
        for video in ids:
            before = self._films.pop(video, None)
            row = rows.get(video)
            body = _body(row) if row is not None else None
            used_at = before.used_at if before else now
            self._films[video] = Film(row, body, now, used_at)
        while len(self._films) > FILMS:
            self._films.pop(next(iter(self._films)))

    def _load_users(self, ids: Iterable[int]) -> None:
        rows = User.objects.in_bulk(list(ids))
        for user in ids:
            self._users.pop(user, None)
            self._users[user] = rows.get(user)
        while len(self._users) > USERS:
            self._users.pop(next(iter(self._users)))


def _body(video: Video) -> Body | None:
    """The film with its layout at hand; None where it has just been stored anew."""
    try:
        layout = bodies.layout(video)
    except BytesUnavailable:
        return None

    async def kept() -> Layout:
        return layout

    return replace(bodies.of(video, layout), layout=kept)


grants = Grants()
