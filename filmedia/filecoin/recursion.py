"""
Keeping Python's bound on recursion where it was.

A package below web3 raises it a hundredfold when it is imported. With that, a deeply nested
answer of a stranger would not be a RecursionError but the end of the process.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def bounded_recursion() -> Iterator[None]:
    limit = sys.getrecursionlimit()
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
