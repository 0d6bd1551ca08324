"""
Giving up, for good, what looking into a film does not need.

Limits of the operating system come first and always. Where Linux offers more (no network,
no new privileges, no files), it is taken; where it does not, the limits stand alone.
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct
import sys
from contextlib import suppress

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_SIGKILL = 9
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446
_LANDLOCK_VERSION = 1
# How many kinds of access to files each version of Landlock knows.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}


def limit(*, memory: int, cpu_seconds: int) -> None:
    """Bound what this process may take; before anything else is loaded."""
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 64,
    }
    for name, most in limits.items():
        _, hard = resource.getrlimit(name)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(name, (most, most))
        except (ValueError, OSError):
            # macOS cannot bound the address space.
            if sys.platform == "linux":
                raise


def shut_in() -> None:
    """No network, no files, no children; after everything needed has been loaded."""
    libc = ctypes.CDLL(None, use_errno=True)
    for name in ("unshare", "prctl"):
        if not hasattr(libc, name):
            return
    # Where users may make namespaces: one without any network interface.
    libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    _give_up_files(libc)
    # No thread either: everything here has to be told to do with one.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    # After the namespace, which would undo it. A worker that is killed takes us with it.
    libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)


def _give_up_files(libc: ctypes.CDLL) -> None:
    """Landlock: of all files that are not open yet, none can be opened any more."""
    version = libc.syscall(_LANDLOCK_CREATE, None, 0, _LANDLOCK_VERSION)
    if version < 1:
        return
    files = (1 << _FILE_RIGHTS.get(version, 16)) - 1
    rights = struct.pack("=Q", files)
    if version >= 4:
        rights += struct.pack("=Q", 0b11)  # binding and connecting over TCP
    if version >= 6:
        rights += struct.pack("=Q", 0b11)  # abstract sockets and signals to others
    ruleset = libc.syscall(_LANDLOCK_CREATE, rights, len(rights), 0)
    if ruleset >= 0:
        libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0)
        os.close(ruleset)
