"""Run the library on this machine: `make run` is this command."""

from __future__ import annotations

import ctypes
import resource
import signal
import socket
import subprocess
import sys
import threading
from argparse import ArgumentParser
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from filmedia.filecoin import kernels
from library import setup, static_files
from library.errors import Invalid
from library.management.checking import check_keys
from library.uploads.protocol import ReadAheadProtocol

_PR_SET_PDEATHSIG = 1
# Some programs go through all numbers that a file could have; more than this is never needed.
MOST_FILES = 2**20


class Command(BaseCommand):
    help = "Prepare the data folder, then serve the library with one worker beside it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--no-worker", action="store_true", help="a worker runs elsewhere")

    def handle(self, *args: Any, host: str, port: int, no_worker: bool, **options: Any) -> None:
        _allow_many_files()
        listener = _listen(host, port)
        self.prepare()
        server = uvicorn.Server(
            uvicorn.Config(
                "filmedia.asgi:application",
                host=host,
                port=port,
                log_level="warning",
                http=ReadAheadProtocol,
                proxy_headers=bool(settings.TRUSTED_PROXIES),
                forwarded_allow_ips=settings.TRUSTED_PROXIES,
                server_header=False,
                timeout_graceful_shutdown=5,
                # What clients say on a socket is short.
                ws_max_size=64 * 1024,
            )
        )
        worker = None if no_worker else Worker()
        self.stdout.write(f"\n  filmedia is at http://{host}:{port}\n")
        if not setup.administrator_exists():
            self.stdout.write(f"  Make the first account: {setup.link()}\n")
        self.stdout.write("  Stop it with Ctrl-C.\n\n")
        self.stdout.flush()
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            # Ctrl-C is how it is stopped; uvicorn has shut down and tells of it again.
            self.stdout.write("Stopped.")
        finally:
            if worker:
                worker.stop()

    def prepare(self) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        if static_files.collect_if_changed():
            self.stdout.write("Collected the static files.")
        try:
            made = setup.create_from_environment()
        except Invalid as refusal:
            raise CommandError(f"The first administrator was not made: {refusal}") from None
        if made:
            self.stdout.write(f"Made the administrator {settings.FIRST_ADMIN_USERNAME}.")
        check_keys(self)
        if not any(settings.KERNEL_CACHE.rglob("*.nbi")):
            self.stdout.write("Compiling the hashing kernel, once for this machine …")
            self.stdout.flush()
        kernels.warm_up()


def _listen(host: str, port: int) -> socket.socket:
    """
    The socket to serve on, before anything else: the set-up link that is printed must not
    lead to whatever other program has the port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise CommandError(
            f"{host}:{port} cannot be listened on ({error.strerror}). "
            f"Choose another port: PORT={port + 1} make run"
        ) from None
    return listener


def _allow_many_files() -> None:
    """As many as the system lets us have open: each viewer takes a connection and a piece."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class Worker:
    """A `manage.py worker` that is started again when it dies and ends with this process."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process = self._start()
        self._watch = threading.Thread(target=self._keep_alive, daemon=True)
        self._watch.start()

    def stop(self) -> None:
        self._stopping.set()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker"],
            stdin=subprocess.DEVNULL,
            # Ctrl-C goes to the whole group; the worker is told to stop by us, once.
            process_group=0,
            preexec_fn=_end_with_parent,
        )

    def _keep_alive(self) -> None:
        while not self._stopping.is_set():
            self._process.wait()
            if not self._stopping.wait(1.0):
                self._process = self._start()


def _end_with_parent() -> None:
    # A server that is killed cannot tell its worker; Linux can.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
