"""The API's description: OpenAPI 3.1, made of the code."""

from __future__ import annotations

from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from library.api.scoped import ANY, needs
from library.api.view import ApiView


@cache
def description() -> dict[str, Any]:
    """Made once: it is the same as long as the code is."""
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


class Description(ApiView):
    scopes = needs(*ANY)
    permission_classes = (AllowAny,)
    renderer_classes = (JSONRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer)
    also_asked = ("format",)

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(description())
