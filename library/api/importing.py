"""Films that are fetched by their PieceCIDs, over the API."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from library import permissions
from library.api import paging
from library.api.bodies import Body
from library.api.described import answers
from library.api.scoped import needs
from library.api.view import ApiView
from library.errors import NotAllowed, NotFound
from library.importing import asking, pieces, telling
from library.models import Import, User, Visibility
from library.models.imports import ImportQuerySet
from library.shapes import ImportPageShape, ImportShape

LIMIT = OpenApiParameter("limit", OpenApiTypes.INT, description=f"1 to {paging.MOST}")
CURSOR = OpenApiParameter("cursor", OpenApiTypes.STR, description="next_cursor of the page before")


class ImportBody(Body):
    cids = serializers.ListField(
        child=serializers.CharField(max_length=200),
        min_length=1,
        max_length=pieces.MOST_PIECES,
        help_text="PieceCIDs of the film's pieces, in order; behind a v1 its bytes: `baga…:1000`",
    )
    sources = serializers.ListField(
        child=serializers.CharField(max_length=500),
        required=False,
        max_length=pieces.MOST_SOURCES,
        help_text="addresses below which `/piece/<PieceCID>` is; none: the network's providers",
    )
    title = serializers.CharField(required=False, allow_blank=True, max_length=300)
    description = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    visibility = serializers.ChoiceField(Visibility.choices, required=False)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, max_length=100
    )
    collection = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="an id, or a name"
    )
    language = serializers.CharField(required=False, allow_blank=True, max_length=35)


class ImportList(ApiView):
    scopes = needs("uploads:write")

    @extend_schema(
        operation_id="imports_list",
        summary="Your imports, the newest first; staff see all",
        parameters=[LIMIT, CURSOR],
        responses=answers(ImportPageShape, 400, 401),
    )
    def get(self, request: Request) -> Response:
        found, cursor = paging.page(request, _seen(request))
        body = {"items": [telling.describe(row) for row in found], "next_cursor": cursor}
        return Response(body, headers=paging.link(request, cursor))

    @extend_schema(
        operation_id="imports_create",
        summary="Have a film fetched that is known by its PieceCIDs",
        description=(
            "Every piece is held against its PieceCID while it is read; other bytes are not "
            "kept. Asked for the same once more, the import there is answers."
        ),
        request=ImportBody,
        responses=answers(ImportShape, 400, 401, 403, 413, 503, 507, status=202),
    )
    def post(self, request: Request) -> Response:
        person = _person(request)
        made = asking.ask(person, **ImportBody.of(request))
        told = telling.describe(_seen(request).get(pk=made.pk))
        return Response(told, status=202, headers={"Location": told["url"]})


class ImportDetail(ApiView):
    scopes = needs("uploads:write")

    @extend_schema(
        operation_id="imports_detail",
        summary="One import",
        responses=answers(ImportShape, 401, 404),
    )
    def get(self, request: Request, import_id: str) -> Response:
        return Response(telling.describe(_found(request, import_id)))

    @extend_schema(
        operation_id="imports_cancel",
        summary="End an import; what came of it is let go",
        responses=answers(None, 401, 404, 409),
    )
    def delete(self, request: Request, import_id: str) -> Response:
        asking.cancel(_found(request, import_id))
        return Response(status=204)


def _person(request: Request) -> User:
    if not isinstance(request.user, User) or not permissions.may_import(request.user):
        raise NotAllowed("Only administrators may have films fetched from elsewhere.")
    return request.user


def _seen(request: Request) -> ImportQuerySet:
    return telling.with_all(Import.objects.visible_to(request.user))


def _found(request: Request, import_id: str) -> Import:
    found = _seen(request).filter(pk=import_id).first()
    if found is None:
        raise NotFound(asking.NOT_THERE)
    return found
