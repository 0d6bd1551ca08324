"""
Films that are with providers and no longer here, and providers that can be made far away.

The films are stored on the stand-in network as any film is, with nothing skipped. Then its
providers make room for nginx, which gives their own files at their own addresses: so they
weigh as little as a provider in Go does. Before each stands a `far.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.doors import CROWD, MIB
from benchmarks.peers import nginx
from benchmarks.uploading import Ours
from filmedia.filecoin.piece import BLOCK_SIZE
from library import samples
from tests.foc.provider.network import running_network
from tests.foc.provider.running import RunningProvider
from tests.running import ROOT, Running, polling

STORED_SECONDS = 600
Near = Callable[[], AbstractContextManager[object]]


@dataclass(frozen=True)
class Film:
    """`source` is what was sent, to hold against what comes back."""

    id: str
    source: Path


class Provider:
    """One of the network, at some distance: none, at first. nginx gives what it has."""

    def __init__(self, port: int, direct: int, near: Mapping[str, Near]) -> None:
        self.port, self.direct, self._near = port, direct, near
        self._begin()

    def __enter__(self) -> Provider:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    @contextmanager
    def near(self, by: str) -> Iterator[None]:
        """
        Nothing stands before it meanwhile, which would be slower than it is; it is `nginx`
        that gives its pieces, or the provider `itself`.
        """
        self._end()
        try:
            with self._near[by]():
                yield
        finally:
            self._begin()

    def _begin(self) -> None:
        script = str(ROOT / "benchmarks" / "far.py")
        self.process = subprocess.Popen(
            [sys.executable, script, str(self.port), str(self.direct)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        if self.process.stdout.readline().strip() != "ready":
            raise RuntimeError("A provider could not be put at its distance.")

    def _end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(10)

    def told(self, **order: Any) -> dict[str, Any]:
        """Sets delay, rate and lies; `cut`s connections that are idle; `forget`s the count."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return dict(json.loads(self.process.stdout.readline()))

    def quiet(self) -> None:
        """Wait until nothing is on its way, and end what connections there are."""
        for _ in polling(30):
            if not self.told()["busy"]:
                self.told(cut=True)
                return
        raise RuntimeError("A provider is asked without an end.")

    def fetches(self) -> dict[tuple[str, int], int]:
        """How often each block of each piece was asked for here."""
        found: dict[tuple[str, int], int] = {}
        for piece, start, stop, times in self.told()["asked"]:
            for block in range(start // BLOCK_SIZE, -(-stop // BLOCK_SIZE)):
                found[piece, block] = found.get((piece, block), 0) + times
        return found


class Library:
    """A library whose films are elsewhere. `server` runs without a worker."""

    def __init__(self, server: Running, films: list[Film], providers: list[Provider]) -> None:
        self.server, self.films, self.providers = server, films, providers

    def restart(self, *, emptied: bool = False, **environment: str) -> None:
        """Begin anew, with nothing in its cache of blocks if it is `emptied`."""
        self.server.stop()
        if emptied:
            for path in (self.server.data / "cache" / "blocks").rglob("*"):
                if path.is_file():
                    path.unlink()
        self.server.environment |= environment
        self.server.start()

    def far(self, **order: Any) -> None:
        for provider in self.providers:
            provider.told(**{"delay": 0, "rate": 0, "lies": 0, "forget": True} | order)

    def fetches(self) -> dict[tuple[str, int], int]:
        """How often each block was asked for at any of the providers."""
        found: dict[tuple[str, int], int] = {}
        for provider in self.providers:
            for block, times in provider.fetches().items():
                found[block] = found.get(block, 0) + times
        return found


@contextmanager
def library(
    folder: Path, sizes: list[int], *, piece_size: int = 127 * 2**21, **environment: str
) -> Iterator[Library]:
    """A film of each of these sizes, on two providers."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        running_network(
            folder / "network",
            endorsed=2,
            proving_period=100_000,
            challenge_window=1000,
            park_delay=0.0,
        ) as network,
        ExitStack() as stack,
    ):
        given = {
            "PIECE_SIZE": str(piece_size),
            **CROWD,
            "COMMIT_GATHER_SECONDS": "2",
            "PATROL_SECONDS": "2",
            **network.ready().environment,
            **environment,
        }
        server = Running(folder / "data", **given)
        sources = [_film(folder / f"film-{at}.mp4", size) for at, size in enumerate(sizes)]
        server.start()
        stack.callback(server.stop)
        films = _stored(server, sources)
        server.stop()
        for provider in network.providers:
            provider.stop()
        providers = [_replaced(stack, folder, provider) for provider in network.providers]
        server.worker = False
        server.start()
        yield Library(server, films, providers)


def _film(path: Path, size: int) -> Path:
    """A film of a second and, behind it, as much as is needed of what players skip."""
    samples.write_film(path, seconds=1, width=160, height=90)
    free = size - path.stat().st_size
    with path.open("ab") as file:
        file.write(free.to_bytes(4, "big") + b"free")
        for at in range(8, free, MIB):
            file.write(os.urandom(min(MIB, free - at)))
    return path


def _stored(server: Running, sources: list[Path]) -> list[Film]:
    """Once they are on the network, and nothing of them is here."""
    with server.client() as client:
        ours = Ours(server)
        films = [
            Film(str(client.get(ours.upload(source)).json()["video"]), source) for source in sources
        ]
        for film in films:
            for _ in polling(STORED_SECONDS, 0.2):
                told = client.get(f"/api/v1/videos/{film.id}/").json()
                if told["copies"]["wanted"] == told["copies"]["stored"] and not _kept(server):
                    break
            else:
                raise RuntimeError(f"not stored after {STORED_SECONDS} s: {told['stages']}")
    return films


def _kept(server: Running) -> list[Path]:
    """Bytes of films that are still here."""
    folders = [server.data / "staging", server.data / "pieces"]
    paths = [path for folder in folders for path in folder.rglob("*")]
    return [path for path in paths if path.is_file() and path.stat().st_size > 0]


def _replaced(stack: ExitStack, folder: Path, provider: RunningProvider) -> Provider:
    location = f"location /piece/ {{ alias {provider.folder}/piece-; }}"
    port, place = int(provider.config["port"]), folder / f"nginx-{provider.name}"
    direct = stack.enter_context(nginx(place, folder, more=location))

    @contextmanager
    def itself() -> Iterator[object]:
        provider.start()
        try:
            yield
        finally:
            provider.stop()

    def as_nginx() -> AbstractContextManager[object]:
        return nginx(folder / f"near-{provider.name}", folder, more=location, port=port)

    return stack.enter_context(Provider(port, direct, {"nginx": as_nginx, "itself": itself}))
