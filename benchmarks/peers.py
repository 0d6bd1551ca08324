"""Debian's nginx, set up as it would be for what it is compared in: sendfile, no log."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import figures
from tests import machine
from tests.running import ROOT, polling

# The location of docs/operations.md.
IN_FRONT = "/films-by-nginx/"


@contextmanager
def nginx(
    folder: Path, root: Path, *, webdav: bool = False, more: str = "", port: int = 0
) -> Iterator[int]:
    """
    nginx serving `root` on the port that is yielded; with `webdav` it takes PUT too. `more`
    is what else its server is told.
    """
    port = port or figures.free_port()
    folder.mkdir(parents=True, exist_ok=True)
    server = f"listen 127.0.0.1:{port}; root {root}; {'dav_methods PUT;' if webdav else ''} {more}"
    conf = folder / "nginx.conf"
    what = "tcp_nopush on; client_max_body_size 0;"
    conf.write_text(_whole(folder, f"server {{ {server} }}", what))
    with _serving(conf, port):
        yield port


@contextmanager
def in_front(folder: Path, data: Path, site: int) -> Iterator[int]:
    """
    nginx in front of the library at the port `site`, as docs/operations.md has it for films
    that it sends itself. A socket is in `folder`, whose name must be short.
    """
    port = figures.free_port()
    docs = (ROOT / "docs" / "operations.md").read_text()
    [servers] = re.findall(r"```nginx\n(.*?)```", docs, flags=re.DOTALL)
    for said, here in {
        "443 ssl": f"127.0.0.1:{port}",
        "127.0.0.1:8000": f"127.0.0.1:{site}",
        "/var/lib/filmedia": str(data),
        "/run/filmedia/films.sock": f"{folder}/s",
    }.items():
        if said not in servers:
            raise RuntimeError(f"docs/operations.md no longer says {said}")
        servers = servers.replace(said, here)
    conf = folder / "nginx.conf"
    conf.write_text(_whole(folder, servers))
    with _serving(conf, port):
        yield port


def _whole(folder: Path, servers: str, more: str = "") -> str:
    scratch = "".join(
        f"{name}_temp_path {folder}/{name}; "
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off; user root;"
        f" worker_processes 1; events {{}} http {{ access_log off; sendfile on; {more}"
        f" {scratch} {servers} }}"
    )


@contextmanager
def _serving(conf: Path, port: int) -> Iterator[None]:
    process = subprocess.Popen([str(machine.nginx()), "-c", str(conf)])
    try:
        for _ in polling(10):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
        else:
            raise RuntimeError("nginx does not answer")
        yield
    finally:
        process.terminate()
        process.wait()
