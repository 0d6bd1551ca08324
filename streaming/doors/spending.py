"""
Addresses that are good for so many bytes, counted by all processes together.

Bytes are taken from the budget before they are sent, some ahead, so that no request and hardly
any part asks the database; what was taken and is not wanted any more is given back. So no more
is ever sent than there is; less, by up to AHEAD, where a process is killed.
"""

from __future__ import annotations

import hashlib
import threading
import time
from datetime import UTC, datetime

from django.db import DatabaseError, InterfaceError

from library import budgets, media_addresses
from library.media_addresses import Grant
from streaming.doors.answers import Opened, Parts
from streaming.doors.asking import in_thread
from streaming.errors import BudgetUsed, NotSure

AHEAD = 1024 * 1024
# What nobody was sent a byte of for so long is given back; where nothing was left, it is asked
# for again after that.
IDLE_SECONDS = 5.0


class Spending:
    """What this process has taken of one budget, and what became of it."""

    def __init__(self, grant: Grant) -> None:
        self.budget = grant.budget
        self._key = hashlib.blake2s(media_addresses.sign(grant).encode()).hexdigest()
        self._ends_at = datetime.fromtimestamp(min(grant.expires, 2**33), UTC)
        self._left = self._streams = 0
        self._used_at = self._empty_at = float("-inf")
        # The doors' thread spends, others take and give back.
        self._lock = threading.Lock()

    @property
    def is_used_up(self) -> bool:
        """As far as is known without asking."""
        return time.monotonic() - self._empty_at < IDLE_SECONDS and not self._left

    async def opened(self, opened: Opened) -> Opened:
        """What was opened, as far as there are bytes for it. Raises BudgetUsed or NotSure."""
        parts = Budgeted(opened, self)
        try:
            return Opened(await anext(parts), parts)
        except BaseException:
            await parts.aclose()
            raise

    async def spend(self, wanted: int) -> int:
        """How many bytes may be sent now, `wanted` at most. Raises NotSure."""
        with self._lock:
            self._used_at = time.monotonic()
            missing = wanted - self._left
        if missing > 0:
            try:
                await in_thread(lambda: self._take(missing))
            except (DatabaseError, InterfaceError) as error:
                raise NotSure from error
        with self._lock:
            size = min(wanted, self._left)
            self._left -= size
            return size

    def begin(self) -> None:
        with self._lock:
            self._streams += 1
            _going.add(self)

    def end(self) -> None:
        with self._lock:
            self._streams -= 1
            self._used_at = time.monotonic()

    def settle(self) -> None:
        """Give back what nobody wants for now. Asks the database."""
        with self._lock:
            if self._streams or time.monotonic() - self._used_at < IDLE_SECONDS:
                return
            left, self._left = self._left, 0
            _going.discard(self)
        if left:
            budgets.give_back(self._key, left)

    def _take(self, missing: int) -> None:
        size = budgets.take(self._key, self.budget, missing, AHEAD, self._ends_at)
        with self._lock:
            self._left += size
            if size < missing:
                self._empty_at = time.monotonic()


# Those that may have something to give back.
_going: set[Spending] = set()


def settle() -> None:
    for spending in list(_going):
        spending.settle()


class Budgeted:
    """Parts of a body, until its budget is used: then BudgetUsed. Close it."""

    def __init__(self, opened: Opened, spending: Spending) -> None:
        self._first: bytes | None = opened.first
        self._parts: Parts = opened.parts
        self._spending = spending
        self._is_used = False
        self._is_open = True
        spending.begin()

    def __aiter__(self) -> Budgeted:
        return self

    async def __anext__(self) -> bytes:
        if self._is_used:
            await self.aclose()
            raise BudgetUsed(self._spending.budget)
        part, self._first = self._first, None
        if part is None:
            part = await self._parts.__anext__()
        size = await self._spending.spend(len(part))
        self._is_used = size < len(part)
        if part and not size:
            await self.aclose()
            raise BudgetUsed(self._spending.budget)
        return part[:size]

    async def aclose(self) -> None:
        if self._is_open:
            self._is_open = False
            self._spending.end()
        await self._parts.aclose()
