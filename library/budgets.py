"""Taking from what an address is good for, whichever process sends it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from library.models import Budget


def take(key: str, budget: int, least: int, most: int, ends_at: datetime) -> int:
    """
    Take so many bytes of what is left, up to `most`, and return how many: 0 where nothing is.
    More than `least` only while that leaves plenty for other processes.
    """
    Budget.objects.get_or_create(key=key, defaults={"ends_at": ends_at})
    while True:
        taken = Budget.objects.values_list("taken", flat=True).get(key=key)
        left = budget - taken
        if left <= 0:
            return 0
        size = min(max(least, min(most, left // 8)), left)
        # Where another was quicker, there is less by now.
        if Budget.objects.filter(key=key, taken=taken).update(taken=taken + size):
            return size


def give_back(key: str, size: int) -> None:
    """What was taken, and will not be sent."""
    Budget.objects.filter(key=key, taken__gte=size).update(taken=F("taken") - size)
