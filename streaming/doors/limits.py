"""
How many answers are open at once: for each viewer, in all, and as far as files go round.

Above a limit one waits WAIT_SECONDS at most: viewers take turns, and of one viewer whoever
came first goes first. Nothing that moves is ever cut. An answer to which nothing could be sent
for STALLED_SECONDS gives its place to the same viewer's next request for the same film; and one
for GIVES_WAY_SECONDS to whoever waits, where all places are taken. Players keep such
connections, and ask again where one ends.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import nsmallest
from weakref import WeakKeyDictionary

from django.conf import settings

from streaming.doors.crowd import Crowd, crowd
from streaming.doors.pacing import Pace, Requests
from streaming.doors.viewers import Watcher
from streaming.errors import TooManyRequests, TooManyStreams

WAIT_SECONDS, STALLED_SECONDS, GIVES_WAY_SECONDS = 5.0, 10.0, 60.0
# How often it is looked whether others have left without a word.
LOOK_SECONDS = 0.25
# Of one viewer so many wait; more are told at once.
MOST_WAITING = 256
# So many viewers are remembered, beyond it only those who do or did something just now.
REMEMBERED = 4096

_NEVER = float("inf")


@dataclass(eq=False, slots=True)
class Place:
    """That of one open answer."""

    viewer: Viewer
    video: str
    is_open: bool = True
    # When the server was given something, if it has not asked for more since.
    gave_at: float = _NEVER
    end: Callable[[], object] | None = None


@dataclass(eq=False, slots=True)
class Viewer:
    """Whoever is limited as one: an account, or an address."""

    key: str
    requests: Requests = field(default_factory=Requests)
    pace: Pace = field(default_factory=Pace)
    places: set[Place] = field(default_factory=set)
    waiting: deque[Waiting] = field(default_factory=deque)

    @property
    def most(self) -> int:
        """Answers that may be open at once. Behind one address there may be a whole audience."""
        is_account = self.key.startswith("user:")
        return settings.STREAMS_PER_USER if is_account else settings.STREAMS_PER_ADDRESS

    @property
    def is_idle(self) -> bool:
        return not (self.places or self.waiting) and self.requests.are_all_there


@dataclass(eq=False, slots=True)
class Waiting:
    video: str
    place: asyncio.Future[Place]


class Slot:
    """A place, until it is released."""

    __slots__ = ("_limits", "_loop", "_place", "_sent")

    def __init__(self, limits: Limits, place: Place) -> None:
        self._limits, self._place, self._sent = limits, place, 0
        self._loop = asyncio.get_running_loop()

    def ends_by(self, end: Callable[[], object]) -> None:
        """How the answer is ended when its place is taken."""
        self._place.end = end

    async def before(self) -> None:
        """The server wants a part: the viewer has taken those before it."""
        self._place.gave_at = _NEVER
        await self._place.viewer.pace.wait()

    def gave(self, size: int) -> None:
        """A part goes to the server now; an empty one asks whether the others were taken."""
        self._place.gave_at = time.monotonic()
        self._sent += size
        self._place.viewer.pace.spend(size)

    def handed(self, size: int) -> None:
        """Somebody else sends so much; of the viewer's bytes a second nothing is taken for it."""
        self._sent += size

    def release(self) -> None:
        """The answer has ended, or is never begun. Doing it again does nothing."""
        if self._place.is_open:
            self._limits.free(self._place, self._sent)

    def __del__(self) -> None:
        # A server may forget an answer that it never began, in whatever thread.
        if self._place.is_open:
            try:
                self._loop.call_soon_threadsafe(self._limits.free, self._place, self._sent)
            except RuntimeError:
                # The loop is closed, so nobody waits there.
                self._limits.drop(self._place)


class Limits:
    """Those of one event loop, of which a server has one."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._viewers: dict[str, Viewer] = {}
        # Those with requests that wait, in the order in which they have their turn.
        self._turns: OrderedDict[str, Viewer] = OrderedDict()
        self._looking: asyncio.TimerHandle | None = None

    async def admit(self, watcher: Watcher, video: str) -> Slot:
        """A place for one answer. Raises TooManyStreams or TooManyRequests."""
        viewer = self._viewer(watcher.limited_as)
        await self._take(viewer)
        # Where nobody waits, nobody is passed by.
        place = None if self._turns else self._find(viewer, video)
        return Slot(self, place or await self._wait(viewer, video))

    async def miss(self, watcher: Watcher) -> None:
        """A request for what is not there: one for next to nothing. Raises TooManyRequests."""
        await self._take(self._viewer(watcher.limited_as))

    async def _take(self, viewer: Viewer) -> None:
        try:
            wait = viewer.requests.take()
        except TooManyRequests:
            self._crowd.refused += 1
            raise
        if wait:
            await asyncio.sleep(wait)

    def free(self, place: Place, sent: int = 0) -> None:
        if place.is_open:
            self._close(place)
            place.viewer.requests.came_to(sent)
            if self._turns:
                self._give_turns()

    def drop(self, place: Place) -> None:
        """As `free`, where nobody can wait any more."""
        if place.is_open:
            self._close(place)

    # --- places

    def _viewer(self, key: str) -> Viewer:
        viewer = self._viewers.get(key)
        if viewer is None:
            if len(self._viewers) >= REMEMBERED:
                self._viewers = {k: one for k, one in self._viewers.items() if not one.is_idle}
            viewer = self._viewers[key] = Viewer(key)
        return viewer

    def _find(self, viewer: Viewer, video: str) -> Place | None:
        """A place that is free, or that of the viewer's own answer that does not move."""
        return self._free_place(viewer, video) or self._stalled_place(viewer, video)

    def _free_place(self, viewer: Viewer, video: str) -> Place | None:
        if self._is_full or self._is_at_limit(viewer):
            return None
        return self._open(viewer, video)

    def _stalled_place(self, viewer: Viewer, video: str) -> Place | None:
        since = time.monotonic() - STALLED_SECONDS
        stalled = [p for p in viewer.places if p.video == video and p.gave_at <= since and p.end]
        if not stalled:
            return None
        self._end(min(stalled, key=_since))
        return self._open(viewer, video)

    def _end_stalled(self) -> None:
        """Those to which nothing could be sent for longest, for as many as wait for a place."""
        since = time.monotonic() - GIVES_WAY_SECONDS
        waiting = sum(not self._is_at_limit(viewer) for viewer in self._turns.values())
        if not waiting or not self._is_full:
            return
        places = (place for viewer in self._viewers.values() for place in viewer.places)
        stalled = [place for place in places if place.gave_at <= since and place.end]
        for place in nsmallest(waiting, stalled, key=_since):
            self._end(place)

    def _end(self, place: Place) -> None:
        end = place.end
        self._close(place)
        assert end is not None
        end()

    def _open(self, viewer: Viewer, video: str) -> Place:
        place = Place(viewer, video)
        viewer.places.add(place)
        self._crowd.enter()
        return place

    def _close(self, place: Place) -> None:
        # It leads to what holds this place: let go, all of it is freed at once.
        place.is_open, place.end = False, None
        place.viewer.places.discard(place)
        self._crowd.leave()

    def _is_at_limit(self, viewer: Viewer) -> bool:
        most = viewer.most
        return bool(most) and len(viewer.places) + self._crowd.others_of(viewer.key) >= most

    @property
    def _is_full(self) -> bool:
        most, now = settings.STREAMS_TOTAL, self._crowd.open
        if most and now + self._crowd.others >= most:
            return True
        # Where nothing is sent, something else has the files, and waiting would not help.
        return now > 0 and not self._crowd.has_files

    # --- waiting

    async def _wait(self, viewer: Viewer, video: str) -> Place:
        if len(viewer.waiting) >= MOST_WAITING:
            raise self._refusal(viewer)
        loop = asyncio.get_running_loop()
        waiting = Waiting(video, loop.create_future())
        viewer.waiting.append(waiting)
        self._turns.setdefault(viewer.key, viewer)
        self._crowd.waiting += 1
        timer = loop.call_later(WAIT_SECONDS, self._refuse, viewer, waiting)
        try:
            self._look()
            return await waiting.place
        except asyncio.CancelledError:
            # Whoever asked has gone, perhaps in the moment in which there was a place.
            if not waiting.place.cancelled() and waiting.place.exception() is None:
                self.free(waiting.place.result())
            raise
        finally:
            timer.cancel()
            self._crowd.waiting -= 1
            self._leave(viewer, waiting)

    def _leave(self, viewer: Viewer, waiting: Waiting) -> None:
        if waiting in viewer.waiting:
            viewer.waiting.remove(waiting)
        if not viewer.waiting:
            self._turns.pop(viewer.key, None)

    def _give_turns(self, find: Callable[[Viewer, str], Place | None] | None = None) -> None:
        """
        A place to each viewer in turn, until none gets one; whoever was looked at comes last
        in the next turn, so that no place is given twice to one while another waits.
        """
        find, without = find or self._free_place, 0
        while without < len(self._turns):
            key, viewer = next(iter(self._turns.items()))
            self._turns.move_to_end(key)
            without = 0 if self._give(viewer, find) else without + 1
            if not viewer.waiting:
                del self._turns[key]

    def _give(self, viewer: Viewer, find: Callable[[Viewer, str], Place | None]) -> bool:
        while viewer.waiting:
            waiting = viewer.waiting[0]
            if not waiting.place.done():
                place = find(viewer, waiting.video)
                if place is None:
                    return False
                waiting.place.set_result(place)
            viewer.waiting.popleft()
            if not waiting.place.cancelled() and waiting.place.exception() is None:
                return True
        return False

    def _refuse(self, viewer: Viewer, waiting: Waiting) -> None:
        if not waiting.place.done():
            waiting.place.set_exception(self._refusal(viewer))

    def _refusal(self, viewer: Viewer) -> TooManyStreams:
        self._crowd.refused += 1
        return TooManyStreams(viewer.most if self._is_at_limit(viewer) else None)

    def _look(self) -> None:
        """
        Also for what nobody tells of: other processes send less, files are closed, a viewer's
        own answer does not move any more.
        """
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        self._give_turns(self._find)
        if self._turns:
            self._end_stalled()
            self._give_turns()
        if self._turns:
            loop = asyncio.get_running_loop()
            self._looking = loop.call_later(LOOK_SECONDS, self._look)


def _since(place: Place) -> float:
    return place.gave_at


_limits: WeakKeyDictionary[asyncio.AbstractEventLoop, Limits] = WeakKeyDictionary()


def limits() -> Limits:
    loop = asyncio.get_running_loop()
    found = _limits.get(loop)
    if found is None:
        found = _limits[loop] = Limits(crowd)
    return found


async def admit(watcher: Watcher, video: str) -> Slot:
    """A place for an answer to `watcher`. Raises TooManyStreams or TooManyRequests."""
    return await limits().admit(watcher, video)
