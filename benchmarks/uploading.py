"""
How quickly 1 GiB is uploaded over loopback through tus (received, hashed, durable), beside
writing the same bytes to the same disk with an fdatasync every 16 MiB.

Printed beside it, for orientation: npm's `@tus/server` and nginx's WebDAV PUT with the same
client, each followed by an fsync of what it wrote; and what a 10 GiB upload adds to the
server's memory. Exits with 1 when a figure is missed.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import httpx

from benchmarks import figures
from benchmarks.memory import Memory
from benchmarks.peers import nginx
from tests.node import NODE, environment
from tests.running import ROOT, Running, running

MIB = 1024 * 1024
SIZE = 1024 * MIB
LARGE = 10 * 1024 * MIB
BYTES = "application/offset+octet-stream"


def send(port: int, method: str, path: str, source: Path, headers: dict[str, str]) -> str:
    """Send a file as the body of one request, as fast as the kernel can; the status line."""
    head = {"Host": f"127.0.0.1:{port}", "Content-Length": source.stat().st_size, **headers}
    lines = [f"{method} {path} HTTP/1.1", *(f"{k}: {v}" for k, v in head.items()), "", ""]
    with socket.create_connection(("127.0.0.1", port)) as wire, source.open("rb") as file:
        wire.sendall("\r\n".join(lines).encode())
        wire.sendfile(file)
        status = wire.recv(65536).split(b"\r\n")[0].decode()
    if status.split()[1][0] != "2":
        raise RuntimeError(f"{method} {path}: {status}")
    return status


class Ours:
    def __init__(self, server: Running) -> None:
        self.server, self.token = server, server.token()
        self.headers = {"Authorization": f"Bearer {self.token}", "Tus-Resumable": "1.0.0"}

    def upload(self, source: Path, visibility: str = "public") -> str:
        """Send a file and return the upload's address. Public films are stored open."""
        said = {
            "Upload-Length": str(source.stat().st_size),
            "Upload-Metadata": f"visibility {b64encode(visibility.encode()).decode()}",
        }
        created = httpx.post(f"{self.server.url}/api/v1/uploads/", headers={**self.headers, **said})
        path = created.headers["Location"]
        headers = {**self.headers, "Upload-Offset": "0", "Content-Type": BYTES}
        send(self.server.port, "PATCH", path, source, headers)
        return path


def write_plainly(source: Path, target: Path) -> None:
    """The peer: the same bytes to the same disk, made durable as often as we promise."""
    with source.open("rb") as given, target.open("wb") as kept:
        while data := given.read(MIB):
            kept.write(data)
            if kept.tell() % (16 * MIB) == 0:
                kept.flush()
                os.fdatasync(kept.fileno())
        kept.flush()
        os.fdatasync(kept.fileno())
    target.unlink()


def sync_and_remove(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
            path.unlink()


@contextmanager
def tus_server(folder: Path) -> Iterator[int]:
    script = ROOT / "benchmarks" / "tus_server.mjs"
    process = subprocess.Popen(
        [NODE, str(script), str(folder)], env=environment(), stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def compare(source: Path, folder: Path) -> dict[str, float]:
    (folder / "dav").mkdir()
    with ExitStack() as stack:
        ours = Ours(stack.enter_context(running(folder / "ours", worker=False)))
        tus_port = stack.enter_context(tus_server(folder / "tus"))
        dav_port = stack.enter_context(nginx(folder / "nginx", folder / "dav", webdav=True))

        def upload_to_us() -> None:
            ours.upload(source)

        def upload_to_tus_server() -> None:
            base = f"http://127.0.0.1:{tus_port}"
            headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(SIZE)}
            path = httpx.post(f"{base}/files", headers=headers).headers["Location"]
            path = path.removeprefix(base)
            sent = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": BYTES}
            send(tus_port, "PATCH", path, source, sent)
            sync_and_remove(folder / "tus")

        def put_to_nginx() -> None:
            send(dav_port, "PUT", "/film", source, {})
            sync_and_remove(folder / "dav")

        def between_rounds() -> None:
            shutil.rmtree(folder / "ours" / "staging", ignore_errors=True)
            (folder / "ours" / "staging").mkdir()

        return figures.interleaved(
            {
                "disk": lambda: write_plainly(source, folder / "plain"),
                "ours": upload_to_us,
                "@tus/server": upload_to_tus_server,
                "nginx WebDAV": put_to_nginx,
            },
            after=between_rounds,
        )


def memory_of_a_large_upload(folder: Path, visibility: str = "public") -> figures.Most:
    source = folder / "large"
    with source.open("wb") as file:
        file.truncate(LARGE)
    with running(folder / "memory", worker=False) as server:
        ours = Ours(server)
        small = folder / "small"
        small.write_bytes(bytes(64 * MIB))
        ours.upload(small, visibility)  # what the first upload loads stays loaded
        assert server.process is not None
        with Memory(server.process.pid) as memory:
            uploading = threading.Thread(target=ours.upload, args=(source, visibility))
            uploading.start()
            uploading.join()
    return figures.Most("server memory added by a 10 GiB upload", memory.added / MIB, 64, "MiB")


def main() -> int:
    folder = ROOT / "build" / "bench-uploading"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        source = folder / "source"
        with source.open("wb") as file:
            for _ in range(SIZE // MIB):
                file.write(os.urandom(MIB))
        seconds = compare(source, folder)
        rates = {name: SIZE / took / 1e6 for name, took in seconds.items()}
        rows = [figures.Figure("1 GiB through tus", rates["ours"], rates["disk"], 0.5)]
        rows += [
            figures.Figure("1 GiB through tus", rates["ours"], rates[peer], peer_name=peer)
            for peer in ("@tus/server", "nginx WebDAV")
        ]
        met = figures.table(rows, "uploading (peer: the same bytes, fdatasync every 16 MiB)")
        return 0 if figures.limits([memory_of_a_large_upload(folder)]) and met else 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
