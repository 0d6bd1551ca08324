"""Debian's nginx, set up as it would be for what it is compared in: sendfile, no log."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import figures
from tests import machine
from tests.running import polling


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
    scratch = "".join(
        f"{name}_temp_path {folder}/{name}; "
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    server = f"listen 127.0.0.1:{port}; root {root}; {'dav_methods PUT;' if webdav else ''} {more}"
    conf = folder / "nginx.conf"
    conf.write_text(
        f"pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off; user root;"
        f" worker_processes 1; events {{}} http {{ access_log off; sendfile on; tcp_nopush on;"
        f" client_max_body_size 0; {scratch} server {{ {server} }} }}"
    )
    process = subprocess.Popen([str(machine.nginx()), "-c", str(conf)])
    try:
        for _ in polling(10):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
        else:
            raise RuntimeError("nginx does not answer")
        yield port
    finally:
        process.terminate()
        process.wait()
