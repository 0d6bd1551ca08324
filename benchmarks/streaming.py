"""
The streaming engine: what it delivers beside others, what it takes in memory, how soon it has
what is far away, and that it is never wrong. Exits with 1 when a figure is missed.

    python -m benchmarks.streaming [delivering holding …]
"""

from __future__ import annotations

import importlib
import shutil
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import figures
from tests.running import ROOT

PARTS = ("delivering", "holding", "fetching", "seeking")


def main() -> int:
    wanted = sys.argv[1:] or PARTS
    missed = [part for part in wanted if not are_met(part)]
    if missed:
        print("missed in: " + ", ".join(missed))
    return 1 if missed else 0


def are_met(part: str) -> bool:
    """Whether all figures of a part were. What breaks one is told, and others go on."""
    folder = ROOT / "build" / f"bench-{part}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        module = importlib.import_module(f"benchmarks.{part}")
        # All of them are shown, whatever the first ones are.
        met = True
        for told in module.tables(folder):
            met &= figures.show(told)
        return met
    except Exception:
        traceback.print_exc()
        for log in folder.glob("*.log"):
            print(log.read_text()[-3000:], file=sys.stderr)
        return False
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
