"""
Is everything here that the tests need? `make test` asks before it begins.

In CI a missing part fails the run. On a developer's own machine the tests that need it
are skipped, with a word about it.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tests import postgres
from tests.node import NODE

CI = os.environ.get("CI", "").lower() in {"1", "true"}


def chromium() -> str | None:
    return shutil.which("chromium")


def nginx() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def anvil() -> str | None:
    """The EVM node; its npm package brings the binary for this machine in another one."""
    found = sorted(Path("node_modules/@foundry-rs").glob("anvil-*/bin/anvil"))
    return str(found[0].resolve()) if found else None


def missing() -> dict[str, str]:
    """What is not here, and how to get it."""
    parts = {
        "chromium": (chromium(), "apt-get install chromium"),
        "nginx": (nginx(), "apt-get install nginx"),
        "postgresql": (postgres.is_there(), "apt-get install postgresql"),
        "node": (Path(NODE).exists(), "pip install -r requirements-dev.txt"),
        "tus-js-client": (Path("node_modules/tus-js-client").exists(), "make test"),
        "anvil": (anvil(), "make test"),
        "solc": (Path("node_modules/solc").exists(), "make test"),
    }
    return {name: how for name, (found, how) in parts.items() if not found}


def main() -> int:
    absent = missing()
    for name, how in absent.items():
        print(f"{name} is missing; get it with: {how}", file=sys.stderr)
    if absent and CI:
        return 1
    if absent:
        print("The tests that need what is missing are skipped.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
