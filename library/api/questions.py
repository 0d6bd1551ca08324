"""
What may stand behind the `?` of an address: the parameters that a view's description has, and
no others, so that a misspelt filter never looks like an empty answer.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.views import APIView

from library.errors import UnknownParameter

_known: dict[tuple[type[APIView], str], frozenset[str]] = {}


def check(request: Request, view: APIView) -> None:
    """Raises UnknownParameter, with all that are not known."""
    if not request.query_params:
        return
    may = known(view, request.method or "")
    if unknown := sorted(set(request.query_params) - may):
        raise UnknownParameter(unknown, sorted(may))


def known(view: APIView, method: str) -> frozenset[str]:
    """The names of a method's parameters."""
    place = type(view), method
    if place not in _known:
        _known[place] = frozenset(getattr(view, "also_asked", ())) | _described(view, method)
    return _known[place]


def _described(view: APIView, method: str) -> frozenset[str]:
    handler = getattr(view, "get" if method == "HEAD" else method.lower(), None)
    description = getattr(handler, "kwargs", {}).get("schema")
    if description is None:
        return frozenset()
    inspector = description()
    inspector.view, inspector.method = view, method
    parameters = inspector.get_override_parameters()
    return frozenset(name for parameter in parameters for name in _names(parameter))


def _names(parameter: Any) -> Collection[str]:
    if not isinstance(parameter, OpenApiParameter):
        # A serializer stands for a parameter of each of its fields.
        return list((parameter() if isinstance(parameter, type) else parameter).fields)
    return [parameter.name] if parameter.location == OpenApiParameter.QUERY else []
