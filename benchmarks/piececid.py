"""
How quickly pieces and films are hashed on one core, beside hashlib's SHA-256 of the same
bytes and beside the way without numba. "Piece" is the PieceCID alone, "film" is PieceCID
and SHA-256 in one pass. Exits with 1 when a figure is missed.
"""

import hashlib
import os
import random
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import figures
from filmedia.filecoin import kernels
from filmedia.filecoin.piece import FilmHasher, PieceHasher

SIZE = 128 * 1024 * 1024
PORTION = 4 * 1024 * 1024
# The way without numba takes a hundredth of the bytes in about as long.
FEW = 2 * 1024 * 1024
FEWER = 64 * 1024


def hash_piece(data: memoryview, kernel: str) -> None:
    hasher = PieceHasher(kernels.choose(kernel))
    for start in range(0, len(data), PORTION):
        hasher.update(data[start : start + PORTION])
    hasher.finish()


def hash_film(data: memoryview, kernel: str) -> None:
    hasher = FilmHasher(kernels.choose(kernel))
    for start in range(0, len(data), PORTION):
        hasher.update(data[start : start + PORTION])
    hasher.piece_cid()
    hasher.sha256()


def measure(data: memoryview) -> dict[str, float]:
    """The rate of each way in MB/s."""
    compiled = [name for name in kernels.available() if name != "pure"]
    runs: dict[str, tuple[int, Callable[[], object]]] = {
        "hashlib": (SIZE, lambda: hashlib.sha256(data).digest())
    }
    for name in compiled:
        runs[f"{name} piece"] = (SIZE, partial(hash_piece, data, name))
        runs[f"{name} film"] = (SIZE, partial(hash_film, data, name))
    runs["pure piece"] = (FEW, partial(hash_piece, data[:FEW], "pure"))
    runs["pure film"] = (FEWER, partial(hash_film, data[:FEWER], "pure"))
    seconds = figures.interleaved({name: run for name, (_, run) in runs.items()})
    return {name: runs[name][0] / took / 1e6 for name, took in seconds.items()}


def rows(rates: dict[str, float]) -> list[figures.Figure]:
    """What is wanted of a CPU with SHA instructions; elsewhere, what there is."""
    best = kernels.choose().name
    wanted: dict[tuple[str, str], float] = {}
    if best == "native":
        wanted = {
            ("native piece", "hashlib"): 0.35,
            ("native film", "hashlib"): 0.23,
            ("native piece", "pure piece"): 12,
        }
    pairs = [(name, "hashlib") for name in rates if name != "hashlib"]
    pairs.append((f"{best} piece", "pure piece"))
    return [
        figures.Figure(ours, rates[ours], rates[peer], wanted.get((ours, peer)), peer_name=peer)
        for ours, peer in pairs
    ]


def main() -> int:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for name in kernels.available():
        kernels.warm_up(name)
    data = memoryview(random.Random(1).randbytes(SIZE))
    title = f"{SIZE // 2**20} MiB in portions of {PORTION // 2**20} MiB, one core"
    return 0 if figures.table(rows(measure(data)), title) else 1


if __name__ == "__main__":
    sys.exit(main())
