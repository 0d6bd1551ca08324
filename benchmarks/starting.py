"""How long `make run` takes to answer `/readyz`, the second time. Exits with 1 when too long."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import figures
from tests.running import ROOT, Running

ROUNDS = 5


def main() -> int:
    folder = ROOT / "build" / "bench-starting"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    server = Running(folder / "data")
    seconds = []
    try:
        for _ in range(1 + ROUNDS):
            began = time.perf_counter()
            server.start()
            seconds.append(time.perf_counter() - began)
            server.stop()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    first, *again = seconds
    rows = [figures.Most("a second start, until it is ready", median(again), 5, "s")]
    return 0 if figures.limits(rows, f"starting (the first took {first:.1f} s)") else 1


if __name__ == "__main__":
    sys.exit(main())
