"""A library in memory that speaks as much of the API as the client needs, and can misbehave."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import httpx

URL = "https://films.example.org"


def problem(status: int, code: str, detail: str, **headers: str) -> httpx.Response:
    body = {"status": status, "code": code, "detail": detail}
    kind = {"Content-Type": "application/problem+json"}
    return httpx.Response(status, content=json.dumps(body), headers=kind | headers)


class MemoryLibrary:
    """
    `faults` are answers (or exceptions) that are given instead of the right ones, each once:
    by method and the number of the request of that method, counted from 1.
    """

    def __init__(self) -> None:
        self.uploads: dict[str, dict[str, Any]] = {}
        self.bytes: dict[str, bytearray] = {}
        self.films: dict[str, dict[str, Any]] = {}
        self.requests: list[httpx.Request] = []
        self.counts: dict[str, int] = {}
        self.faults: dict[tuple[str, int], Callable[[], httpx.Response]] = {}
        # The same, but after the request was carried out: its answer is what is lost.
        self.lost: dict[tuple[str, int], Exception] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        request.read()
        nth = self.counts[request.method] = self.counts.get(request.method, 0) + 1
        if fault := self.faults.get((request.method, nth)):
            return fault()
        answer = self._answer(request)
        if error := self.lost.get((request.method, nth)):
            raise error
        return answer

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self)

    def sent(self) -> int:
        return sum(len(r.content) for r in self.requests if r.method == "PATCH")

    def begin(self, length: int, *, data: bytes = b"", **fields: Any) -> str:
        """An upload that is there already; its address."""
        upload_id = f"upl_{len(self.uploads)}"
        address = f"/api/v1/uploads/{upload_id}/"
        self.bytes[address] = bytearray(data)
        self.uploads[address] = {
            "id": upload_id,
            "url": address,
            "state": "receiving",
            "problem": "",
            "fingerprint": "",
            "length": length,
            "offset": len(data),
            "video": None,
            **fields,
        }
        return address

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/api/v1/uploads/":
            if request.method == "POST":
                return self._create(request)
            return httpx.Response(200, json={"items": list(self.uploads.values())})
        if path in self.uploads:
            return getattr(self, f"_{request.method.lower()}")(request, self.uploads[path])
        video_id = path.removeprefix("/api/v1/videos/").rstrip("/")
        if video_id in self.films:
            return httpx.Response(200, json=self.films[video_id])
        return problem(404, "not-found", "There is nothing here.")

    def _create(self, request: httpx.Request) -> httpx.Response:
        pairs = (pair.split(" ") for pair in request.headers["Upload-Metadata"].split(","))
        told = {key: base64.b64decode(value).decode() for key, value in pairs}
        address = self.begin(int(request.headers["Upload-Length"]), **told)
        return httpx.Response(201, headers={"Location": address})

    def _get(self, request: httpx.Request, upload: dict[str, Any]) -> httpx.Response:
        return httpx.Response(200, json=upload)

    def _head(self, request: httpx.Request, upload: dict[str, Any]) -> httpx.Response:
        if upload["state"] not in {"receiving", "received"}:
            return httpx.Response(410)
        return httpx.Response(200, headers={"Upload-Offset": str(upload["offset"])})

    def _patch(self, request: httpx.Request, upload: dict[str, Any]) -> httpx.Response:
        offset = int(request.headers["Upload-Offset"])
        if upload["state"] != "receiving":
            return problem(410, "upload-gone", "The upload is over.")
        if offset != upload["offset"]:
            detail = f"The next byte expected is {upload['offset']}."
            return problem(409, "upload-offset-mismatch", detail)
        summed = base64.b64encode(hashlib.sha256(request.content).digest()).decode()
        if request.headers["Upload-Checksum"] != f"sha256 {summed}":
            return problem(460, "checksum-mismatch", "Dropped.")
        self.bytes[upload["url"]] += request.content
        upload["offset"] += len(request.content)
        if upload["offset"] == upload["length"]:
            upload["state"] = "received"
        return httpx.Response(204, headers={"Upload-Offset": str(upload["offset"])})
