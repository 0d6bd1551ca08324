"""The same tests once more, on a PostgreSQL server that is started for them."""

import os
import subprocess
import sys

import pytest

from tests import postgres
from tests.running import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not postgres.is_there(), reason="PostgreSQL is not installed"),
    pytest.mark.skipif("DATABASE_URL" in os.environ, reason="runs on a database that was chosen"),
]


def test_searching_and_finding_are_the_same_on_postgresql():
    with postgres.server() as url:
        tests = ["tests/search", "tests/finding", "-m", "not slow"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
            timeout=1500,
        )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
