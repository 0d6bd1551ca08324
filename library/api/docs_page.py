"""The API to read: how to begin, then every address, from the same description as machines get."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from library.api.problems import MEDIA_TYPE
from library.api.schema import description
from library.models.scopes import SCOPES

_BASE = "/api/v1/"


@dataclass(frozen=True)
class Answer:
    status: str
    says: str
    example: str = ""
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    description: str
    scopes: list[str]
    parameters: list[dict[str, Any]]
    body: str
    answers: list[Answer]


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    told = description()
    parts: dict[str, list[Operation]] = {}
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            part = path.removeprefix(_BASE).partition("/")[0]
            parts.setdefault(part, []).append(_operation(method, path, operation))
    context = {
        "parts": {part: parts[part] for part in sorted(parts, key=_order)},
        "site": settings.SITE_URL,
        "scopes": SCOPES,
        "chunk": settings.UPLOAD_CHUNK_SIZE,
        "rates": settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"],
    }
    return render(request, "api/docs.html", context)


# What most people want first.
_FIRST = ("auth", "me", "uploads", "videos", "progress", "continue", "captions", "playlists")


def _order(part: str) -> tuple[int, str]:
    return (_FIRST.index(part) if part in _FIRST else len(_FIRST), part)


def _operation(method: str, path: str, told: dict[str, Any]) -> Operation:
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    return Operation(
        id=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told.get("summary", ""),
        description=told.get("description", "").rpartition("\n\nA token needs")[0]
        or ("" if "A token needs" in told.get("description", "") else told.get("description", "")),
        scopes=told.get("x-scopes", []),
        parameters=[_parameter(one) for one in told.get("parameters", [])],
        body=_written(body.get("example")),
        answers=list(_answers(told["responses"])),
    )


def _parameter(told: dict[str, Any]) -> dict[str, Any]:
    schema = told.get("schema", {})
    choices = schema.get("enum") or schema.get("items", {}).get("enum") or []
    return {
        "name": told["name"],
        "where": {"query": "?", "path": _("address"), "header": _("header")}.get(told["in"], ""),
        "required": told.get("required", False),
        "says": told.get("description", ""),
        "choices": ", ".join(map(str, choices)),
    }


def _answers(responses: dict[str, Any]) -> Iterator[Answer]:
    for status, told in sorted(responses.items()):
        content = told.get("content", {})
        example = content.get("application/json", {}).get("example")
        problems = list(content.get(MEDIA_TYPE, {}).get("examples", {}))
        yield Answer(status, told.get("description", ""), _written(example), problems)


def _written(example: Any) -> str:
    return "" if example is None else json.dumps(example, indent=2, ensure_ascii=False)
