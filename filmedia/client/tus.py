"""tus 1.0.0, as far as the client needs it: begin an upload, ask how far it is, add to it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from filmedia.client.api import Api
from filmedia.client.errors import NotFilmedia, Refused, UploadOver

UPLOADS = "/api/v1/uploads/"
_TUS = {"Tus-Resumable": "1.0.0"}
# Small enough that whoever wants to stop is heard at once.
_PORTION = 256 * 1024
_OVER = {HTTPStatus.GONE, HTTPStatus.NOT_FOUND}


def metadata(values: Mapping[str, str]) -> str:
    """Upload-Metadata: pairs of a key and its value in base64. What is empty is left out."""
    return ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}"
        for key, value in values.items()
        if value
    )


def checksum(data: bytes) -> str:
    return f"sha256 {base64.b64encode(hashlib.sha256(data).digest()).decode()}"


def begin(api: Api, length: int, about: Mapping[str, str], key: str) -> str:
    """A new upload's address on the library. Asked again with the same `key`, the same one."""
    headers = {
        **_TUS,
        "Upload-Length": str(length),
        "Upload-Metadata": metadata(about),
        "Idempotency-Key": key,
    }
    answer = api.head("POST", UPLOADS, headers=headers)
    address = urlsplit(answer.headers.get("Location", ""))
    if not address.path:
        raise NotFilmedia(f"{api.url} begins an upload without saying where.")
    # The library may know itself by another name than the one it was asked by.
    return address.path


def offset_of(api: Api, address: str) -> int:
    """How many bytes the library promises to have."""
    try:
        return _offset(api, api.head("HEAD", address, headers=_TUS).headers)
    except Refused as error:
        raise _over(error) from error


def append(api: Api, address: str, offset: int, data: bytes, go_on: Callable[[], object]) -> int:
    """
    Send one chunk, whose bytes count together or not at all; the offset after it.

    `go_on` is asked before each portion of it and raises where it should not be sent.
    """
    headers = {
        **_TUS,
        "Content-Type": "application/offset+octet-stream",
        "Content-Length": str(len(data)),
        "Upload-Offset": str(offset),
        "Upload-Checksum": checksum(data),
    }
    try:
        answer = api.head("PATCH", address, headers=headers, content=_portions(data, go_on))
    except Refused as error:
        raise _over(error) from error
    return _offset(api, answer.headers)


def _portions(data: bytes, go_on: Callable[[], object]) -> Iterator[bytes]:
    for start in range(0, len(data), _PORTION):
        go_on()
        yield data[start : start + _PORTION]


def _offset(api: Api, headers: Mapping[str, str]) -> int:
    told = headers.get("Upload-Offset", "")
    if not (told.isascii() and told.isdecimal() and len(told) < 20):
        raise NotFilmedia(f"{api.url} does not say how much of the upload it has.")
    return int(told)


def _over(error: Refused) -> Refused | UploadOver:
    return UploadOver(str(error)) if error.status in _OVER else error
