"""A provider's process, for tests and for a devnet."""

from __future__ import annotations

import ctypes
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from tests.foc.compile import ROOT

_PR_SET_PDEATHSIG = 1


class RunningProvider:
    """Its state stays in `folder`, whatever happens to the process."""

    def __init__(self, folder: Path, config: dict[str, Any], name: str = "") -> None:
        self.folder, self.config = folder, config | {"folder": str(folder)}
        self.name = name or folder.name
        self.url = f"http://127.0.0.1:{config['port']}"
        self.log = folder.with_suffix(".log")
        self.id = 0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> RunningProvider:
        return self.begin().wait()

    def begin(self) -> RunningProvider:
        """Start it, and do not `wait` until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "config.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(self.config))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.foc.provider", str(path)],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                # Ctrl-C is for the whole network, which ends its providers itself.
                process_group=0,
                preexec_fn=_end_with_parent,
            )
        return self

    def wait(self, seconds: float = 60) -> RunningProvider:
        """Until it answers."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            try:
                self._get("/faults")
                return self
            except httpx.HTTPError:
                time.sleep(0.05)
        self.kill()
        raise AssertionError(f"{self.name} does not answer:\n{self.log.read_text()[-3000:]}")

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As a power cut would, as far as a process can tell."""
        self._end(signal.SIGKILL)

    def faults(self, **faults: Any) -> dict[str, Any]:
        """Switch faults on (a value, or {"value", "times"}) and off (None); which are on."""
        answer = httpx.put(f"{self.url}/faults", json=faults, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def well(self) -> None:
        """No fault any more."""
        self.faults(**dict.fromkeys(self._get("/faults")))

    def forget(self, cid: str) -> None:
        """Lose a piece, as the collection of unclaimed ones does."""
        httpx.delete(f"{self.url}/pieces/{cid}", trust_env=False)

    def leave_off(self) -> None:
        """Prove none of the data sets that it has now; a network that many use has many."""
        httpx.delete(f"{self.url}/proving", trust_env=False).raise_for_status()

    def adds(self) -> list[list[str]]:
        """The PieceCIDs of each addition that went well, as this provider knows it."""
        return [json.loads(cids) for cids in self._get("/adds")]

    def adds_by_piece(self) -> dict[str, dict[str, int]]:
        """By PieceCID: additions that were `sent` to the chain, and those that went `well`."""
        return self._get("/adds/by-piece")

    def _get(self, path: str) -> Any:
        return httpx.get(f"{self.url}{path}", trust_env=False, timeout=5).json()

    def _end(self, number: int) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(timeout=20)
            self.process = None


def _end_with_parent() -> None:
    # A parent that is killed cannot end its providers; Linux can.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
