"""A running library, and the client as a person or a script starts it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import ROOT, Running, running

MIB = 1024 * 1024


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    """It takes any file, in small chunks, so that there is a half-way."""
    small = {"ACCEPT_ANY_FILE": "1", "UPLOAD_CHUNK_SIZE": str(MIB), "STEP_LEASE_SECONDS": "2"}
    with running(tmp_path_factory.mktemp("client") / "data", **small) as server:
        yield server


class Client:
    """`filmedia`, signed in by the environment unless `token` is ""."""

    def __init__(self, library: Running, home: Path, token: str, url: str = "") -> None:
        self.library, self.home, self.url = library, home, url or library.url
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("FILMEDIA_")
        } | {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "NUMBA_CACHE_DIR": str(ROOT / "build" / "kernels"),
            "PYTHONPATH": str(ROOT),
        }
        if token:
            self.environment |= {"FILMEDIA_URL": self.url, "FILMEDIA_TOKEN": token}

    def start(self, *arguments: object, **options) -> subprocess.Popen:
        command = [sys.executable, "-m", "filmedia.client", *map(str, arguments)]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(
            command, cwd=self.home, env=self.environment, **{**streams, **options}
        )

    def run(self, *arguments: object, code: int = 0, given: str | None = None):
        running = self.start(*arguments, stdin=subprocess.PIPE)
        out, err = running.communicate(given, timeout=120)
        assert running.returncode == code, f"{running.returncode}: {out}{err}"
        return subprocess.CompletedProcess(arguments, code, out, err)

    def json(self, *arguments: object, code: int = 0) -> list[dict]:
        done = self.run(*arguments, "--json", code=code)
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def token(library):
    return library.token()


@pytest.fixture
def client(library, home, token):
    return Client(library, home, token)


@pytest.fixture
def make_file(home, request):
    """A file of bytes that no other test has."""

    def make(name: str, size: int = 100_000) -> Path:
        path = home / name
        path.write_bytes(hashlib.shake_256(f"{request.node.nodeid} {name}".encode()).digest(size))
        return path

    return make
