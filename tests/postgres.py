"""A PostgreSQL server of a test's own, on a socket that nobody else reaches."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

_INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def program(name: str) -> str | None:
    """Where a program of PostgreSQL is, if anywhere."""
    here = os.pathsep.join(map(str, _INSTALLED))
    return shutil.which(name) or shutil.which(name, path=here)


def is_there() -> bool:
    return all(map(program, ("initdb", "pg_ctl", "postgres")))


@contextmanager
def server() -> Iterator[str]:
    """Starts one with nothing in it, and ends it. Yields a DATABASE_URL."""
    # Short, because a socket's path may have a hundred characters only.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    who = _somebody()
    if who is not None:
        shutil.chown(folder, who.pw_uid, who.pw_gid)
    data, log = folder / "data", folder / "log"
    try:
        _run(who, "initdb", "-D", data, "-U", "films", "-A", "trust", "-E", "UTF8", "--locale=C")
        options = f"-c listen_addresses='' -k {folder} -c fsync=off"
        _run(who, "pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")
        try:
            yield f"postgres://films@{quote(str(folder), safe='')}/postgres"
        finally:
            _run(who, "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


def _run(who: pwd.struct_passwd | None, name: str, *arguments: object) -> None:
    command = [str(program(name)), *map(str, arguments)]
    as_them = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []} if who else {}
    # Not through pipes: the server keeps them, and nobody would see their end.
    done = subprocess.run(
        command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        timeout=120,
        **as_them,  # type: ignore[arg-type]
    )
    assert done.returncode == 0, f"{name} ended with {done.returncode}"


def _somebody() -> pwd.struct_passwd | None:
    """Whose the server is: PostgreSQL does not run as root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None
