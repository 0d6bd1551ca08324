"""
How tus 1.0.0 spells things: header texts in, values out. Knows neither rows nor requests.

Source: the tus resumable upload protocol, version 1.0.0.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from library.errors import BadMetadata, Invalid

if TYPE_CHECKING:
    from hashlib import _Hash

VERSION = "1.0.0"
EXTENSIONS = (
    "creation",
    "creation-with-upload",
    "creation-defer-length",
    "checksum",
    "expiration",
    "termination",
)
CHECKSUMS = ("sha1", "sha256")
CONTENT_TYPE = "application/offset+octet-stream"

# The largest number that the database, and most clients, can hold.
_LARGEST = 2**63 - 1
_KEYS = 32
_METADATA_LIMIT = 16 * 1024


@dataclass(frozen=True)
class Checksum:
    """A checksum that a client announced for the bytes of one request."""

    algorithm: str
    digest: bytes

    def hasher(self) -> _Hash:
        return hashlib.new(self.algorithm, usedforsecurity=False)


def whole_number(header: str, text: str | None) -> int:
    """A header that must be there and hold a number of bytes."""
    if text is None:
        raise Invalid(f"{header} is missing.", header=header)
    # isdecimal alone would take digits of other scripts.
    if not (text.isascii() and text.isdecimal()) or len(text) > 19 or int(text) > _LARGEST:
        raise Invalid(f"{header} should be a number of bytes from 0 on.", header=header)
    return int(text)


def length(upload_length: str | None, defer_length: str | None) -> int | None:
    """The film's length from Upload-Length, or None where Upload-Defer-Length puts it off."""
    if upload_length is not None and defer_length is not None:
        raise Invalid("Upload-Length and Upload-Defer-Length exclude each other.")
    if defer_length is not None:
        if defer_length != "1":
            raise Invalid("Upload-Defer-Length can only be 1.", header="Upload-Defer-Length")
        return None
    return whole_number("Upload-Length", upload_length)


def metadata(header: str | None) -> dict[str, str]:
    """
    Upload-Metadata as a dictionary of texts.

    Pairs of a key and its value in base64, separated by commas; a value may be missing.
    """
    if not header or not header.strip():
        return {}
    if len(header) > _METADATA_LIMIT:
        raise BadMetadata(f"Upload-Metadata is longer than {_METADATA_LIMIT} characters.")
    found: dict[str, str] = {}
    for pair in header.split(","):
        key, _, value = pair.strip().partition(" ")
        if not key or not key.isascii():
            raise BadMetadata("Upload-Metadata has a pair without a key in ASCII.")
        if key in found:
            raise BadMetadata(f"Upload-Metadata names {key!r} twice.")
        found[key] = _decoded(key, value.strip())
    if len(found) > _KEYS:
        raise BadMetadata(f"Upload-Metadata has more than {_KEYS} keys.")
    return found


def _decoded(key: str, value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        raise BadMetadata(f"The value of {key!r} should be UTF-8 text in base64.") from None


def checksum(header: str | None) -> Checksum | None:
    """Upload-Checksum, or None where the client announced none."""
    if header is None:
        return None
    algorithm, _, value = header.strip().partition(" ")
    if algorithm not in CHECKSUMS:
        raise Invalid(
            f"Upload-Checksum may use {' or '.join(CHECKSUMS)}.", header="Upload-Checksum"
        )
    try:
        digest = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise Invalid(
            f"Upload-Checksum should be a {algorithm} in base64.", header="Upload-Checksum"
        )
    return Checksum(algorithm, digest)


def date(moment: datetime) -> str:
    """Upload-Expires, as HTTP writes dates."""
    return format_datetime(moment, usegmt=True)
