"""The modules of the pages that need no browser, under node's own test runner."""

import subprocess
from pathlib import Path

import pytest

from tests.node import NODE, environment

HERE = Path(__file__).parent


@pytest.mark.parametrize("file", sorted(path.name for path in HERE.glob("*.test.js")))
def test_modules(file):
    done = subprocess.run(
        [NODE, "--test", str(HERE / file)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
