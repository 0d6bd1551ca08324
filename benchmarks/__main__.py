"""`make bench`: every figure in one run. Exits with 1 when one is missed."""

from __future__ import annotations

import subprocess
import sys

PARTS = (
    "piececid",
    "starting",
    "uploading",
    "streaming",
    "encrypting",
    "finding",
    "watching",
    "providing",
    "networking",
)


def main() -> int:
    # A process for each, so that what one leaves in memory does not weigh on the next.
    wanted = sys.argv[1:] or PARTS
    failed = [
        part
        for part in wanted
        if subprocess.run([sys.executable, "-m", f"benchmarks.{part}"], check=False).returncode
    ]
    print("missed: " + ", ".join(failed) if failed else "all figures were met")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
