"""The product as an operator runs it, for tests and benchmarks: a real server and worker."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
USERNAME, PASSWORD = "admin", "the admin's long password"
KERNELS = ROOT / "build" / "kernels"


class Running:
    """`manage.py serve` on a free port of this machine, with a data folder of its own."""

    def __init__(self, data: Path, *, worker: bool = True, **environment: str) -> None:
        self.data, self.worker = data, worker
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data.parent / f"{data.name}.log"
        self.environment = {
            **os.environ,
            "FILMEDIA_DATA": str(data),
            "PORT": str(self.port),
            "NUMBA_CACHE_DIR": str(KERNELS),
            "DJANGO_SETTINGS_MODULE": "filmedia.settings",
            "DJANGO_SUPERUSER_USERNAME": USERNAME,
            "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
            "STEP_LEASE_SECONDS": "2",
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Running:
        command = [sys.executable, "manage.py", "serve"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command if self.worker else [*command, "--no-worker"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.kill()
            raise
        return self

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As a power cut would, as far as a process can tell."""
        self._end(signal.SIGKILL)

    def manage(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a command of the same installation; its output is in the result."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def token(self, username: str = USERNAME, password: str = PASSWORD) -> str:
        answer = httpx.post(
            f"{self.url}/api/v1/auth/tokens/",
            json={"username": username, "password": password, "device": "test"},
        )
        assert answer.status_code == 201, answer.text
        return answer.json()["token"]

    def client(self, **options) -> httpx.Client:
        """An API client that is signed in as the administrator."""
        headers = {"Authorization": f"Bearer {self.token()}", "Tus-Resumable": "1.0.0"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, **options)

    def _end(self, number: int) -> None:
        if self.process is None:
            return
        self.process.send_signal(number)
        self.process.wait(timeout=30)
        self.process = None

    def _wait_until_ready(self, seconds: float = 120) -> None:
        for _ in polling(seconds):
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()
            try:
                if httpx.get(f"{self.url}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
        raise AssertionError(f"not ready after {seconds} s:\n{self.log.read_text()}")


@contextmanager
def running(data: Path, **options) -> Iterator[Running]:
    server = Running(data, **options).start()
    try:
        yield server
    finally:
        server.stop()


def polling(seconds: float, every: float = 0.05) -> Iterator[None]:
    """Look again and again, until it is true or `seconds` are over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(every)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
