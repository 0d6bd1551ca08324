"""Do what remains to be done on films."""

from __future__ import annotations

import os
import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from library.management.checking import check_keys
from library.storing.worker import Worker

STOP = {signal.SIGTERM, signal.SIGINT}


class Command(BaseCommand):
    help = "Check, store and verify films as they arrive, until stopped (SIGTERM or Ctrl-C)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--decode", type=int, default=1, metavar="N", help="so many films examined at once"
        )
        parser.add_argument(
            "--transfer",
            type=int,
            default=1,
            metavar="N",
            help="so many stored or verified at once",
        )
        parser.add_argument(
            "--once", action="store_true", help="do what is due now, in one thread, and end"
        )

    def handle(self, *args: Any, decode: int, transfer: int, once: bool, **options: Any) -> None:
        check_keys(self)
        worker = Worker(decode=decode, transfer=transfer)

        if once:
            worker.drain()
            return
        # No handlers: one that interrupts the thread which waits for `stopping` would wait for
        # a lock that this thread holds. Blocked here, the signals reach `sigwait` alone.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP)
        threading.Thread(target=_stop_when_told, args=[worker], daemon=True).start()
        worker.run()


def _stop_when_told(worker: Worker) -> None:
    signal.sigwait(STOP)
    worker.stopping.set()
    # Whoever asks twice does not want to wait.
    signal.sigwait(STOP)
    os._exit(1)
