"""What a provider remembers: one SQLite file and the pieces beside it. Survives kill -9."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

_TABLES = """
create table if not exists sessions (id text primary key, size integer, cid text, at real);
create table if not exists pieces (
    cid text primary key, size integer, parked_at real, used integer default 0);
create table if not exists transactions (
    hash text primary key, kind text, data_set integer, cids text, state text default 'pending',
    ok integer, result text, confirmed text default '', at real);
create table if not exists pulls (key text primary key, pieces text, at real);
create table if not exists data_sets (id integer primary key, ended integer default 0);
create table if not exists removals (
    data_set integer, piece integer, primary key (data_set, piece));
create table if not exists terminations (data_set integer primary key, hash text);
create table if not exists faults (name text primary key, value text, times integer);
create table if not exists offences (at real);
"""


class State:
    """`folder` holds everything. Safe from several threads."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._lock = threading.RLock()
        self._database = sqlite3.connect(
            folder / "state.sqlite3", check_same_thread=False, isolation_level=None
        )
        self._database.row_factory = sqlite3.Row
        self._database.execute("pragma journal_mode=wal")
        self._database.executescript(_TABLES)

    def run(self, sql: str, *values: Any) -> int:
        """How many rows it changed."""
        with self._lock:
            return self._database.execute(sql, values).rowcount

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._database.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> sqlite3.Row | None:
        found = self.rows(sql, *values)
        return found[0] if found else None

    # --- files ------------------------------------------------------------------------

    def session_file(self, id: str) -> Path:
        return self.folder / f"session-{id}"

    def piece_file(self, cid: str) -> Path:
        return self.folder / f"piece-{cid}"

    def is_parked(self, cid: str) -> bool:
        return (
            self.row("select 1 from pieces where cid = ? and parked_at <= ?", cid, time.time())
            is not None
        )

    def forget(self, cid: str) -> None:
        self.run("delete from pieces where cid = ?", cid)
        self.piece_file(cid).unlink(missing_ok=True)

    # --- faults -----------------------------------------------------------------------

    def set_faults(self, faults: dict[str, Any]) -> None:
        """Each by its name: a value, or `{"value": …, "times": n}`; None or False ends it."""
        for name, given in faults.items():
            value, times = given, None
            if isinstance(given, dict):
                value, times = given.get("value", True), given.get("times")
            if value is None or value is False:
                self.run("delete from faults where name = ?", name)
            else:
                self.run(
                    "insert or replace into faults values (?, ?, ?)", name, json.dumps(value), times
                )

    def faults(self) -> dict[str, Any]:
        return {row["name"]: json.loads(row["value"]) for row in self.rows("select * from faults")}

    def fault(self, name: str) -> Any:
        """The fault's value if it is on, else None. Counts a use of one that ends by itself."""
        with self._lock:
            row = self.row("select * from faults where name = ?", name)
            if row is None:
                return None
            if row["times"] is not None:
                if row["times"] <= 1:
                    self.run("delete from faults where name = ?", name)
                else:
                    self.run("update faults set times = times - 1 where name = ?", name)
            return json.loads(row["value"])
