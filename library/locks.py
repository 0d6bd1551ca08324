"""
Locks that a transaction holds until it ends.

SQLite has one writer at a time and begins transactions IMMEDIATE, so there they cost
nothing; on PostgreSQL they are advisory locks.
"""

from __future__ import annotations

from enum import IntEnum

from django.db import connection


class Lock(IntEnum):
    """Any numbers will do, as long as nothing else in the database locks the same ones."""

    EVENT_NUMBERS = 0x66696C6D00
    DISK_SPACE = 0x66696C6D01
    SHELF = 0x66696C6D02
    FIRST_ADMIN = 0x66696C6D03
    TAGS = 0x66696C6D04


def hold(lock: Lock) -> None:
    """Wait for `lock` and keep it until the current transaction ends."""
    if not connection.in_atomic_block:
        raise RuntimeError("A transaction lock needs a transaction.")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(lock)])
