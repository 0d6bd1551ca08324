"""
The ways to hash a piece, quickest first: "native" (the SHA instructions of the CPU),
"lanes" (sixteen hashes in vectors), "pure" (hashlib; no numba needed).

All give the same results, and a state that one has reached is carried on by any other.
The first two let go of the GIL; "pure" keeps it, so run that in a process of its own.
"""

import sys
from functools import cache
from threading import Lock
from typing import Any, Protocol

from ..errors import KernelUnavailable

NAMES = ("native", "lanes", "pure")


class Kernel(Protocol):
    name: str

    def absorb(self, stack: bytearray, quads: int, data: memoryview) -> bytes:
        """
        Take whole quads, after `quads` earlier ones; the roots of the blocks they complete.

        `stack` holds a node for each set bit of the number of quads, at 32 * its level.
        """

    def parents(self, nodes: bytes) -> bytes:
        """The next level of the tree over an even number of nodes."""

    def compress(self, state: bytearray, data: memoryview) -> None:
        """SHA-256 of whole blocks of 64 bytes; `state` is as a digest is spelled."""


# Two threads that begin together should not both compile.
_loading = Lock()
_loaded: dict[str, Kernel] = {}


def choose(name: str | None = None) -> Kernel:
    """
    The kernel of that name, or the quickest that this machine can run.

    The first call loads numba and compiles, or takes the code from numba's cache.
    """
    if name is None:
        name = available()[0]
    elif name not in NAMES:
        raise ValueError(f"There is no kernel {name!r}; there are {', '.join(NAMES)}.")
    elif name not in available():
        raise KernelUnavailable(name)
    with _loading:
        if name not in _loaded:
            _loaded[name] = _load(name)
    return _loaded[name]


def warm_up(name: str | None = None) -> str:
    """Compile or load ahead of the first bytes; which kernel it is."""
    return choose(name).name


@cache
def available() -> tuple[str, ...]:
    """The kernels that this machine can run, quickest first."""
    features = _features()
    if features is None:
        return ("pure",)
    # LLVM does not refuse an instruction that the target lacks, it ends the process.
    if {"sha", "ssse3", "sse4.1"} <= features:
        return NAMES
    return ("lanes", "pure")


def _features() -> set[str] | None:
    """What numba compiles for, at times less than the CPU has; None without numba."""
    try:
        from llvmlite import binding
        from numba.core import config as settings
    except ImportError:
        return None
    config: Any = settings  # made of environment variables at run time
    if config.DISABLE_JIT or sys.byteorder != "little":
        return None
    if config.CPU_FEATURES is not None:
        named = config.CPU_FEATURES.split(",")
        return {feature[1:] for feature in named if feature.startswith("+")}
    if config.CPU_NAME not in (None, binding.get_host_cpu_name()):
        return set()
    return {feature for feature, present in binding.get_host_cpu_features().items() if present}


def _load(name: str) -> Kernel:
    if name == "pure":
        from .pure import Pure

        return Pure()
    from . import compiled

    return compiled.native() if name == "native" else compiled.lanes()
