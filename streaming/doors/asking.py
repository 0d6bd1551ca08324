"""The database, asked from where bytes are sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.db import connections

_T = TypeVar("_T")


async def in_thread(work: Callable[[], _T]) -> _T:
    """Ask the database as a view would, and leave it."""

    def working() -> _T:
        try:
            return work()
        finally:
            for one in connections.all(initialized_only=True):
                if not one.in_atomic_block:
                    one.close()

    async with ThreadSensitiveContext():
        return await sync_to_async(working)()
