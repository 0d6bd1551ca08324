"""
The Merkle tree of a piece with all its levels, so that a provider can prove single leaves.

The levels of a piece lie in one file beside it, leaves first: 64 bytes for every 32 of the
tree, so a little over twice the piece. It is made when a proof is asked for the first time.
"""

from __future__ import annotations

import os
from pathlib import Path

from filmedia.filecoin import tree
from filmedia.filecoin.kernels import choose
from filmedia.filecoin.tree import NODE, QUAD, QUAD_LEVEL

_QUADS_AT_ONCE = 1 << 13


def proof(piece: Path, leaf: int) -> tuple[bytes, list[bytes]]:
    """
    The leaf of that index and its siblings from the bottom up, as `provePossession` takes
    them. `piece` is a file of the piece's raw bytes; index 0 is its first 32 bytes expanded.
    """
    size = piece.stat().st_size
    height = tree.height_of(size)
    levels = _levels(piece)
    path = []
    with levels.open("rb") as file:
        start, length = 0, _leaves_in(size)
        found = _node(file, start, length, leaf, 0)
        for level in range(height):
            path.append(_node(file, start, length, leaf ^ 1, level))
            start, length, leaf = start + length, (length + 1) // 2, leaf // 2
    return found, path


def root(piece: Path) -> bytes:
    """What every proof of this piece leads to."""
    with _levels(piece).open("rb") as file:
        file.seek(-NODE, os.SEEK_END)
        return file.read(NODE)


def _leaves_in(size: int) -> int:
    """Those of whole quads: what follows in the tree is zeros."""
    return max(-(-size // QUAD), 1) << QUAD_LEVEL


def _node(file, start: int, length: int, index: int, level: int) -> bytes:
    if index >= length:
        return tree.zero_root(level)
    file.seek((start + index) * NODE)
    return file.read(NODE)


def _levels(piece: Path) -> Path:
    kept = piece.with_name(f"{piece.name}.tree")
    if kept.exists():
        return kept
    whole = kept.with_name(f"{kept.name}.{os.getpid()}")
    with piece.open("rb") as data, whole.open("w+b") as levels:
        length = 0
        while quads := data.read(QUAD * _QUADS_AT_ONCE):
            length += levels.write(_leaves(quads))
        if not length:
            length = levels.write(bytes(NODE << QUAD_LEVEL))
        start = 0
        for level in range(tree.height_of(piece.stat().st_size)):
            start, length = start + length, _write_parents(levels, start, length, level)
    whole.replace(kept)
    return kept


def _write_parents(levels, start: int, length: int, level: int) -> int:
    kernel = choose()
    written = 0
    for at in range(0, length, NODE << 14):
        levels.seek(start + at)
        nodes = levels.read(min(NODE << 14, length - at))
        if len(nodes) % (2 * NODE):
            nodes += tree.zero_root(level)
        levels.seek(0, os.SEEK_END)
        written += levels.write(kernel.parents(nodes))
    return written


def _leaves(quads: bytes) -> bytes:
    return b"".join(tree.leaves(quads[at : at + QUAD]) for at in range(0, len(quads), QUAD))
