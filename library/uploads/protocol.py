"""
uvicorn's HTTP protocol, receiving further ahead of the application.

uvicorn stops a connection from reading after 64 KiB, so that a fast upload is stopped
and started four times in each MiB; a MiB ahead receives nearly twice as fast.
"""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

READ_AHEAD = 1024 * 1024


class ReadAheadProtocol(HttpToolsProtocol):
    def on_body(self, body: bytes) -> None:
        if len(self.cycle.body) + len(body) > READ_AHEAD:
            super().on_body(body)
        elif not (self.parser.should_upgrade() or self.cycle.response_complete):
            self.cycle.body += body
            self.cycle.message_event.set()
