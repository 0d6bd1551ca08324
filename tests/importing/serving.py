"""A place elsewhere that serves pieces, and can misbehave. On this machine's own address."""

from __future__ import annotations

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from filmedia.filecoin.piece import piece_cid


class Serving:
    """
    `pieces` by their PieceCIDs. `cut_after` ends each connection after so many bytes of its
    body; `hanging` are pieces of which half comes, and then nothing for as long as it lasts.
    """

    def __init__(self) -> None:
        self.pieces: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.sent = 0
        self.cut_after: int | None = None
        self.hanging: set[str] = set()
        self.release = threading.Event()
        self.redirect = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()

    def keep(self, data: bytes) -> str:
        """Serve this; its PieceCID."""
        cid = piece_cid(data)
        self.pieces[cid] = data
        return cid

    def _handler(serving) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                serving.asked.append(self.path)
                if serving.redirect:
                    self.send_response(302)
                    self.send_header("Location", serving.redirect)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                data = serving.pieces.get(self.path.removeprefix("/piece/"))
                if data is None:
                    self.send_response(404)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                told = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers["Range"])
                assert told is not None
                start, stop = int(told[1]), int(told[2]) + 1
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(data)}")
                self.send_header("Content-Length", str(stop - start))
                self.end_headers()
                serving._send(self, data[start:stop])

            def log_message(self, *args: object) -> None:
                pass

        return Handler

    def _send(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        hangs = handler.path.removeprefix("/piece/") in self.hanging
        limit = len(body) // 2 if hangs else self.cut_after
        try:
            handler.wfile.write(body[:limit])
            self.sent += len(body[:limit])
            if hangs:
                self.release.wait(60)
        except OSError:
            # Whoever asked has hung up.
            pass
        handler.close_connection = True
