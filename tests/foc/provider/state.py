"""What a provider remembers: one SQLite file and the pieces beside it. Survives kill -9."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_TABLES = """
create table if not exists sessions (
    id text primary key, made real not null, wanted text, size integer, cid text);
create table if not exists pieces (
    cid text primary key, root blob not null, size integer not null,
    parked_at real not null, unused_since real not null);
create index if not exists pieces_root on pieces (root);
create table if not exists transactions (
    hash text primary key, kind text not null, data_set integer not null, nonce integer,
    raw blob, sent_hash text, state text not null default 'pending', ok integer,
    made_set integer, ids text not null default '[]', at real not null,
    quiet_until real not null default 0);
create table if not exists additions (
    hash text not null, place integer not null, cid text not null, primary key (hash, place));
create table if not exists data_sets (id integer primary key);
create table if not exists unproven (id integer primary key);
create table if not exists held (
    data_set integer, piece integer, cid text not null, primary key (data_set, piece));
create table if not exists removals (
    data_set integer, piece integer, primary key (data_set, piece));
create table if not exists terminations (
    data_set integer primary key, extra blob not null, hash text not null default '');
create table if not exists pulls (key text primary key, made real not null, entries text not null);
create table if not exists faults (name text primary key, value text not null, times integer);
"""


class State:
    """`folder` holds everything. Safe from several threads."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.lock = threading.RLock()
        self._database = sqlite3.connect(
            folder / "provider.sqlite3", check_same_thread=False, isolation_level=None
        )
        self._database.row_factory = sqlite3.Row
        self._database.execute("pragma journal_mode=wal")
        self._database.execute("pragma synchronous=normal")
        self._database.executescript(_TABLES)

    def run(self, sql: str, *values: Any) -> int:
        """How many rows it changed."""
        with self.lock:
            return self._database.execute(sql, values).rowcount

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        with self.lock:
            return self._database.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> sqlite3.Row | None:
        found = self.rows(sql, *values)
        return found[0] if found else None

    def has(self, sql: str, *values: Any) -> bool:
        return self.row(sql, *values) is not None

    @contextmanager
    def together(self) -> Iterator[None]:
        """All of it, or nothing, whenever the process dies."""
        with self.lock:
            self._database.execute("begin immediate")
            try:
                yield
            except BaseException:
                self._database.execute("rollback")
                raise
            self._database.execute("commit")

    def session_file(self, id: str) -> Path:
        return self.folder / f"session-{id}"

    def piece_file(self, cid: str) -> Path:
        return self.folder / f"piece-{cid}"

    def is_parked(self, cid: str) -> bool:
        return self.has("select 1 from pieces where cid = ? and parked_at <= ?", cid, time.time())

    def owns(self, data_set: int) -> bool:
        """Whether this provider has made that data set."""
        return self.has("select 1 from data_sets where id = ?", data_set)

    def forget(self, cid: str) -> None:
        with self.lock:
            self.run("delete from pieces where cid = ?", cid)
            for path in self.folder.glob(f"piece-{cid}*"):
                path.unlink(missing_ok=True)
