"""Names of rows as the outside sees them: opaque, unguessable, with their kind in front."""

import base64
import secrets


def _make(kind: str) -> str:
    return f"{kind}_{base64.b32encode(secrets.token_bytes(10)).decode().lower()}"


def video_id() -> str:
    return _make("vid")


def upload_id() -> str:
    return _make("upl")


def key_id() -> str:
    return _make("key")


def token_id() -> str:
    return _make("tok")


def collection_id() -> str:
    return _make("col")


def playlist_id() -> str:
    return _make("pls")


def caption_id() -> str:
    return _make("cap")


def job_id() -> str:
    return _make("job")


def import_id() -> str:
    return _make("imp")
