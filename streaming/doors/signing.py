"""Signed addresses as they come in: opened once, then remembered with what became of them."""

from __future__ import annotations

from collections import OrderedDict

from library import media_addresses
from library.media_addresses import Grant, Unsigned
from streaming.doors.bodies import Body
from streaming.doors.spending import Spending
from streaming.errors import AddressEnded, AddressExpired, BudgetUsed

# Of so many addresses it is remembered what they say; others are opened again.
REMEMBERED = 4096


class Right:
    """
    What an address is good for at the moment. `body` is what it gives; None where its right
    has ended. That was found when the grants of this process were at `epoch`.
    """

    __slots__ = ("body", "epoch", "grant", "spending")

    def __init__(self, grant: Grant) -> None:
        self.grant = grant
        self.body: Body | None = None
        self.epoch = -1
        self.spending = Spending(grant) if grant.budget else None

    @property
    def has_expired(self) -> bool:
        return media_addresses.has_expired(self.grant)

    @property
    def is_used_up(self) -> bool:
        """As far as is known without asking."""
        return self.spending is not None and self.spending.is_used_up


class Addresses:
    def __init__(self) -> None:
        self._rights: OrderedDict[str, Right] = OrderedDict()

    def right(self, signed: str) -> Right:
        """Raises AddressEnded, AddressExpired or BudgetUsed."""
        right = self._rights.get(signed)
        if right is None:
            right = self._open(signed)
        if right.has_expired:
            raise AddressExpired
        if right.is_used_up:
            raise BudgetUsed(right.grant.budget)
        return right

    def _open(self, signed: str) -> Right:
        try:
            right = Right(media_addresses.opened(signed))
        except Unsigned:
            raise AddressEnded from None
        self._rights[signed] = right
        if len(self._rights) > REMEMBERED:
            self._rights.popitem(last=False)
        return right
