"""
Examples for the API's description, drawn from the shapes themselves so that they never say
what is not so: for each body of JSON one, and for each refusal one of every problem it may be.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from library.api.kinds import Kind, kinds
from library.api.problems import MEDIA_TYPE

Schema = dict[str, Any]

_JSON = "application/json"
_FILM = "vid_q4zt7aeb6x2l3w5c"
_CID = "bafkzcibe7xwmqd4vmz3yq5m2w7dkr6vhn4b2c5ubyqhq7fxtcrdgnrtn4e"
# What a member of this name would say; others are drawn by their type.
_SAYS: dict[str, Any] = {
    "title": "Harbour at dawn",
    "description": "Boats leave before the sun is up.",
    "filename": "harbour.mp4",
    "filetype": "video/mp4",
    "owner": "alice",
    "username": "alice",
    "password": "correct horse battery staple",
    "name": "Alps",
    "device": "Firefox on Linux",
    "token": "3f9c…",
    "language": "en",
    "label": "English",
    "version": 3,
    "size": 734003200,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "piece_cid": _CID,
    "content_id": _CID,
    "url": "/media/AQICaG…",
    "stream_url": f"/stream/{_FILM}/",
    "media_url": "/media/AQICaG…",
    "watch_url": f"/watch/{_FILM}/",
    "video": _FILM,
    "next_cursor": None,
    "position": 754.2,
    "duration": 2461.5,
    "width": 1920,
    "height": 1080,
    "type": "video/mp4",
    "since": 4211,
    "seq": 4211,
}
_IDS = {"Upload": "upl", "Collection": "col", "Playlist": "pls", "Job": "job", "Device": "tok"}
_IDS |= {"Track": "cap", "Caption": "cap", "NewDevice": "tok", "Import": "imp"}


def add(result: Schema, **_: Any) -> Schema:
    """What drf-spectacular calls when it has gathered everything."""
    shapes = result.get("components", {}).get("schemas", {})
    known = kinds()
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for content in _bodies(operation):
                if not {"example", "examples"} & set(content):
                    content["example"] = sample(content.get("schema", {}), shapes)
            for status, answer in operation["responses"].items():
                if problem := answer.get("content", {}).get(MEDIA_TYPE):
                    problem["examples"] = _refusals(known, int(status), path, method)
    return result


def sample(schema: Schema, shapes: Schema, name: str = "", of: str = "") -> Any:
    """Something that `schema` allows; `name` is the member's and `of` the shape it is in."""
    if "$ref" in schema:
        shape = schema["$ref"].rpartition("/")[2]
        return sample(shapes[shape], shapes, name, shape)
    if "enum" in schema:
        return schema["enum"][0]
    for together in ("allOf", "oneOf", "anyOf"):
        if together in schema:
            return sample(schema[together][0], shapes, name, of)
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        members = schema.get("properties", {})
        return {key: sample(inner, shapes, key, of) for key, inner in members.items()}
    if kind == "array":
        return [sample(schema.get("items", {}), shapes, name, of)]
    return _plain(kind, schema, name, of)


def _plain(kind: str, schema: Schema, name: str, of: str) -> Any:
    if kind == "boolean":
        return False
    said = _id(of) if name in {"id", "ids"} else _SAYS.get(name)
    if _fits(said, kind, schema):
        return said
    if kind in {"integer", "number"}:
        return max(schema.get("minimum", 1), 1)
    return {"date-time": "2026-11-28T09:30:00Z"}.get(schema.get("format", ""), name or "text")


def _fits(said: Any, kind: str, schema: Schema) -> bool:
    if said is None:
        return isinstance(schema.get("type"), list) and "null" in schema["type"]
    types: dict[str, Any] = {"string": str, "integer": int, "number": int | float}
    return isinstance(said, types.get(kind, ())) and "format" not in schema


def _id(of: str) -> str:
    stem = of.removesuffix("Shape").removesuffix("Detail")
    return f"{_IDS.get(stem, 'vid')}_q4zt7aeb6x2l3w5c"


def _bodies(operation: Schema) -> Iterator[Schema]:
    for place in (operation.get("requestBody", {}), *operation["responses"].values()):
        for media_type, content in place.get("content", {}).items():
            if media_type == _JSON:
                yield content


def _refusals(known: dict[str, Kind], status: int, path: str, method: str) -> Schema:
    """Of each problem with this status that may be met there."""
    found = [kind for kind in known.values() if kind.status == status and _met(kind, path, method)]
    instance = path.replace("{video_id}", _FILM)
    return {kind.code: {"summary": kind.title, "value": kind.example(instance)} for kind in found}


_ONLY_AT = {
    "bad-upload-metadata": "/uploads/",
    "checksum-mismatch": "/uploads/",
    "not-a-film": "/uploads/",
    "too-many-connections": "/uploads/",
    "unsupported-tus-version": "/uploads/",
    "wrong-credentials": "/auth/tokens/",
    "too-many-failures": "/auth/tokens/",
    "history-gone": "/changes/",
    "bad-kit": "nowhere",
    "precondition-failed": "nowhere",
}


def _met(kind: Kind, path: str, method: str) -> bool:
    if kind.code.startswith("idempotency"):
        return method == "post"
    if kind.code.startswith("upload-"):
        return "/uploads/" in path
    return _ONLY_AT.get(kind.code, "") in path
