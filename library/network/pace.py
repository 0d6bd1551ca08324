"""One pace of requests for all processes of an installation that share a data folder."""

from __future__ import annotations

import asyncio
import fcntl
import json
import time

from filmedia.filecoin.chain.pace import TokenBucket
from library import places

BURST = 20


class SharedPace:
    """The bucket's two numbers lie in a file, which whoever counts holds for that moment."""

    def __init__(self, per_minute: int) -> None:
        self._bucket = TokenBucket(per_minute, min(BURST, max(per_minute // 2, 1)))

    async def wait(self) -> None:
        pause = self._take()
        if pause:
            await asyncio.sleep(pause)

    def _take(self) -> float:
        path = places.make_folder(places.data() / "cache") / "rpc_pace"
        with path.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            level, at = _read(file.read(), self._bucket.burst)
            now = time.time()
            # A clock that was set back must not stop everything until then.
            level, pause = self._bucket.take(level, min(at, now), now)
            file.truncate(0)
            file.write(json.dumps([level, now]))
        return pause


def _read(text: str, burst: int) -> tuple[float, float]:
    try:
        level, at = json.loads(text)
        return float(level), float(at)
    except (ValueError, TypeError):
        return float(burst), 0.0
