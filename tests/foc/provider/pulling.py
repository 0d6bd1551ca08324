"""Pulls: pieces that a provider fetches from another one."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ipaddress
import json
import logging
import socket
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

import httpx

from filmedia.filecoin.piece import MAX_PIECE_SIZE, MIN_PIECE_SIZE, PieceCid
from tests.foc.provider import asked
from tests.foc.provider.asgi import Answer, Request, told, words
from tests.foc.provider.faults import Faults
from tests.foc.provider.parking import Parking
from tests.foc.provider.receiving import Receiving
from tests.foc.provider.state import State
from tests.foc.provider.submitting import BOND, Refused, Submitter

log = logging.getLogger(__name__)
MOST_PENDING, MOST_ATTEMPTS = 120, 3
_ATTEMPT_SECONDS, _IDLE_SECONDS, _KEPT_SECONDS = 600, 120, 5 * 86400
_OVER = {"complete", "failed"}


class Pulling:
    def __init__(
        self,
        parking: Parking,
        faults: Faults,
        submitter: Submitter,
        config: dict[str, Any],
    ) -> None:
        self.state: State = parking.state
        self.parking, self.faults, self.submitter = parking, faults, submitter
        # As CURIO_PULL_ALLOW_INSECURE does: the providers of a devnet are on loopback.
        self.insecure = bool(config.get("allow_insecure", True))
        self.pause = float(config.get("pull_pause", 0.5))
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def pull(self, request: Request) -> Answer:
        """POST /pdp/piece/pull. The same body again asks how it goes."""
        body = await request.json()
        extra = asked.extra_data(body, asked.MOST_ADD_EXTRA)
        data_set = asked.numbers([body.get("dataSetId") or 0], "dataSetId")[0]
        keeper = str(body.get("recordKeeper") or "").lower()
        if keeper or not data_set:
            asked.record_keeper(body, self.submitter.service)
        entries = await self._entries(body)
        named = hashlib.sha256(extra).hexdigest()
        key = f"{named}:{data_set}:{keeper}"
        if not self.state.has("select 1 from pulls where key = ?", key):
            await self._admit(data_set, entries, extra)
            self.state.run(
                "insert into pulls values (?, ?, ?)", key, time.time(), json.dumps(entries)
            )
            self._begin(key)
        return told(self._told(key))

    def resume(self) -> None:
        """Go on with what was not over when the provider ended."""
        for row in self.state.rows("select * from pulls"):
            if any(entry["status"] not in _OVER for entry in json.loads(row["entries"])):
                self._begin(row["key"])

    async def _entries(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        pairs = []
        for entry in asked.entries(body):
            cid = asked.piece(entry.get("pieceCid"))
            if not MIN_PIECE_SIZE <= cid.size <= MAX_PIECE_SIZE:
                raise words(400, f"Piece size {cid.size} is not allowed")
            url = str(entry.get("sourceUrl") or "")
            await self._check_source(url)
            pairs.append((str(cid), url))
        if len(set(pairs)) != len(pairs):
            raise words(400, "duplicate pieceCid and sourceUrl")
        return [{"cid": cid, "url": url, "status": "pending"} for cid, url in pairs]

    async def _check_source(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ({"https", "http"} if self.insecure else {"https"}):
            raise words(400, "sourceUrl must use https")
        if not parts.hostname:
            raise words(400, "sourceUrl has no host")
        if self.insecure:
            return
        try:
            found = await asyncio.to_thread(socket.getaddrinfo, parts.hostname, 443)
        except OSError:
            raise words(400, "sourceUrl host cannot be resolved") from None
        if not all(ipaddress.ip_address(one[4][0]).is_global for one in found):
            raise words(400, "sourceUrl must not lead to a private address")

    async def _admit(self, data_set: int, entries: list[dict[str, Any]], extra: bytes) -> None:
        """Whether the addition that this is for would go well, before any byte moves."""
        if data_set:
            if not self.state.owns(data_set):
                raise words(404, "Data set not found")
            if await asyncio.to_thread(self.submitter.end_epoch, data_set):
                raise words(409, "Data set has been terminated")
        if (seconds := self.faults.use("pull_busy")) is not None:
            raise words(429, "pull queue backpressure", Retry_After=str(int(seconds)))
        if self._pending() + len(entries) > MOST_PENDING:
            raise words(429, "pull queue backpressure", Retry_After="60")
        cids = [PieceCid.parse(text) for text in dict.fromkeys(one["cid"] for one in entries)]
        call = self.submitter.adding(data_set, cids, extra)
        try:
            await asyncio.to_thread(self.submitter.check, call, 0 if data_set else BOND)
        except Refused as refusal:
            raise words(400, f"extraData validation failed: {refusal}") from None

    def _pending(self) -> int:
        rows = self.state.rows("select entries from pulls")
        every = [entry for row in rows for entry in json.loads(row["entries"])]
        return sum(entry["status"] not in _OVER for entry in every)

    def _told(self, key: str) -> dict[str, Any]:
        entries = self._kept(key)
        pieces: dict[str, str] = {}
        for entry in entries:
            # Of several sources the one that went well counts, then the one that goes on.
            before = pieces.get(entry["cid"])
            if before is None or before == "failed" or entry["status"] == "complete":
                pieces[entry["cid"]] = entry["status"]
        told_pieces = [{"pieceCid": cid, "status": status} for cid, status in pieces.items()]
        return {"status": _overall(set(pieces.values())), "pieces": told_pieces}

    def _kept(self, key: str) -> list[dict[str, Any]]:
        row = self.state.row("select entries from pulls where key = ?", key)
        assert row is not None
        return json.loads(row["entries"])

    def _mark(self, key: str, cid: str, status: str) -> None:
        """Every source of that piece."""
        with self.state.lock:
            entries = self._kept(key)
            for entry in entries:
                if entry["cid"] == cid:
                    entry["status"] = status
            self.state.run("update pulls set entries = ? where key = ?", json.dumps(entries), key)

    # --- fetching ---------------------------------------------------------------------

    def _begin(self, key: str) -> None:
        self.state.run("delete from pulls where made < ?", time.time() - _KEPT_SECONDS)
        self._tasks[key] = asyncio.ensure_future(self._fetch_all(key))
        self._tasks[key].add_done_callback(lambda _: self._tasks.pop(key, None))

    async def _fetch_all(self, key: str) -> None:
        if slow := self.faults.use("pull_slow"):
            await asyncio.sleep(float(slow))
        partly = self.faults.use("pull_partly_fails")
        sources: dict[str, list[str]] = {}
        for entry in self._kept(key):
            if entry["status"] not in _OVER:
                sources.setdefault(entry["cid"], []).append(entry["url"])
        for place, (cid, urls) in enumerate(sources.items()):
            self._mark(key, cid, "inProgress")
            fails = bool(partly and place % 2) or bool(self.faults.use_for("pull_fails", cid))
            came = not fails and await self._fetch_one(key, PieceCid.parse(cid), urls)
            self._mark(key, cid, "complete" if came else "failed")

    async def _fetch_one(self, key: str, cid: PieceCid, urls: list[str]) -> bool:
        for attempt in range(MOST_ATTEMPTS):
            if attempt:
                self._mark(key, str(cid), "retrying")
                await asyncio.sleep(self.pause)
            for url in urls:
                if self.state.is_parked(str(cid)) or await self._fetch(cid, url):
                    # Complete is what can be added: parked.
                    await asyncio.sleep(self.parking.delay)
                    return True
        return False

    async def _fetch(self, cid: PieceCid, url: str) -> bool:
        draft = self.state.folder / f"draft-pull-{uuid.uuid4().hex}"
        try:
            async with asyncio.timeout(_ATTEMPT_SECONDS):
                found = await self._read(cid, url, draft)
            if found == cid:
                self.parking.park(cid, draft)
                return True
            log.warning("%s is not %s", url, cid)
        except (OSError, httpx.HTTPError, TimeoutError) as error:
            log.warning("%s cannot be pulled: %s", url, error or type(error).__name__)
        finally:
            with contextlib.suppress(OSError):
                draft.unlink()
        return False

    async def _read(self, cid: PieceCid, url: str, draft: Any) -> PieceCid | None:
        receiving = Receiving(draft)
        try:
            async with (
                httpx.AsyncClient(timeout=_IDLE_SECONDS, trust_env=False) as http,
                http.stream("GET", url, headers={"Accept-Encoding": "identity"}) as response,
            ):
                if response.status_code != 200:
                    log.warning("%s answers %s", url, response.status_code)
                    return None
                async for portion in response.aiter_bytes():
                    if receiving.size + len(portion) > cid.size:
                        return None
                    await receiving.take(portion)
            return await receiving.finish()
        finally:
            await receiving.close()


def _overall(statuses: set[str]) -> str:
    """Over only once every piece is; and complete then if any of them is."""
    going_on = statuses - _OVER
    if not going_on:
        return "complete" if "complete" in statuses else "failed"
    if statuses == {"pending"}:
        return "pending"
    return "retrying" if going_on == {"retrying"} else "inProgress"
