"""Tags and collections over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from library.api import etags, paging, versions
from library.api.bodies import Body
from library.api.described import answers
from library.api.scoped import FILMS
from library.api.view import ApiView
from library.catalogue import collections, naming, tags, telling
from library.errors import Invalid, NotAllowed, NotFound
from library.finding.sorts import Sort
from library.models import Collection, Tag, User
from library.models.catalogue import CollectionQuerySet
from library.shapes import CollectionPageShape, CollectionShape, TagPageShape, TagShape

BY_NAME = Sort("name", "By name", (("key", str),), descending=False)
LIMIT = OpenApiParameter("limit", OpenApiTypes.INT, description=f"1 to {paging.MOST}")
CURSOR = OpenApiParameter("cursor", OpenApiTypes.STR, description="next_cursor of the page before")
NAMED = OpenApiParameter("q", OpenApiTypes.STR, description="a part of the name")
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description='the ETag that was read, or `"<version>"`; `*` for whichever there is',
)


class NewCollectionBody(Body):
    name = serializers.CharField(max_length=1000)
    note = serializers.CharField(required=False, allow_blank=True, max_length=10_000)


class CollectionBody(Body):
    """What can be changed; what is left out stays."""

    name = serializers.CharField(required=False, max_length=1000)
    note = serializers.CharField(required=False, allow_blank=True, max_length=10_000)


class RenameBody(Body):
    tag = serializers.CharField(max_length=200, help_text="its name now")
    name = serializers.CharField(max_length=200, help_text="the name it shall have")


class TagList(ApiView):
    """Of the films you may see; a tag that no film has is none."""

    permission_classes = (IsAuthenticatedOrReadOnly,)
    scopes = FILMS

    @extend_schema(
        operation_id="tags_list",
        summary="Tags of the films you may see, by name",
        parameters=[NAMED, LIMIT, CURSOR],
        responses=answers(TagPageShape, 400, 401),
    )
    def get(self, request: Request) -> Response:
        rows = Tag.objects.seen_by(request.user).filter(key__contains=asked_name(request))
        found, cursor = paging.page(request, rows, BY_NAME)
        body = {"items": [telling.tag(one) for one in found], "next_cursor": cursor}
        return Response(body, headers=paging.link(request, cursor))


class TagRename(ApiView):
    scopes = FILMS

    @extend_schema(
        operation_id="tags_rename",
        summary="Give a tag another name on all films; two of one name become one",
        description="For whoever may change each film that has it.",
        request=RenameBody,
        responses=answers(TagShape, 400, 401, 403, 404),
    )
    def post(self, request: Request) -> Response:
        given = RenameBody.of(request)
        seen = Tag.objects.seen_by(request.user)
        tag = seen.filter(key=naming.key(given["tag"])).first()
        if tag is None:
            raise NotFound(tags.NOT_THERE)
        renamed = tags.rename(tag, given["name"], person(request))
        now = seen.filter(pk=renamed.pk).first()
        return Response(telling.tag(now or renamed))


class CollectionList(ApiView):
    permission_classes = (IsAuthenticatedOrReadOnly,)
    scopes = FILMS

    @extend_schema(
        operation_id="collections_list",
        summary="Collections, by name",
        parameters=[NAMED, LIMIT, CURSOR],
        responses=answers(CollectionPageShape, 400, 401),
    )
    def get(self, request: Request) -> Response:
        rows = _seen(request).filter(key__contains=asked_name(request))
        found, cursor = paging.page(request, rows, BY_NAME)
        items = [telling.collection(one, request.user) for one in found]
        body = {"items": items, "next_cursor": cursor}
        return Response(body, headers=paging.link(request, cursor))

    @extend_schema(
        operation_id="collections_create",
        summary="Make a collection",
        request=NewCollectionBody,
        responses=answers(CollectionShape, 400, 401, 403, status=201),
    )
    def post(self, request: Request) -> Response:
        made = collections.create(person(request), **NewCollectionBody.of(request))
        return _told(request, made.pk, status=201)


class CollectionDetail(ApiView):
    permission_classes = (IsAuthenticatedOrReadOnly,)
    scopes = FILMS

    @extend_schema(
        operation_id="collections_detail",
        summary="One collection",
        description="Its films are `GET /videos/?collection=<id>`.",
        responses=answers(CollectionShape, 401, 404),
    )
    def get(self, request: Request, collection_id: str) -> Response:
        return _told(request, collection_id)

    @extend_schema(
        operation_id="collections_change",
        summary="Give a collection another name or note",
        parameters=[IF_MATCH],
        request=CollectionBody,
        responses=answers(CollectionShape, 400, 401, 403, 404, 412, 428),
    )
    def patch(self, request: Request, collection_id: str) -> Response:
        collection = _changeable(request, collection_id)
        expected, given = versions.expected(request), CollectionBody.of(request)
        collections.change(collection, expected=expected, **given)
        return _told(request, collection_id)

    @extend_schema(
        operation_id="collections_delete",
        summary="Delete a collection; its films stay",
        parameters=[IF_MATCH],
        responses=answers(None, 400, 401, 403, 404, 412, 428),
    )
    def delete(self, request: Request, collection_id: str) -> Response:
        collection = _changeable(request, collection_id)
        collections.delete(collection, expected=versions.expected(request))
        return Response(status=204)


def person(request: Request) -> User:
    assert isinstance(request.user, User)  # the permission classes saw to it
    return request.user


def asked_name(request: Request) -> str:
    """`?q=`, as names are compared."""
    query = request.query_params.get("q", "")
    if "\x00" in query:
        raise Invalid("There is no such character in any name.", field="q")
    return naming.key(query)


def _seen(request: Request) -> CollectionQuerySet:
    rows = Collection.objects.visible_to(request.user).counted_for(request.user)
    return rows.select_related("owner")


def _told(request: Request, collection_id: str, status: int = 200) -> Response:
    found = _seen(request).filter(pk=collection_id).first()
    if found is None:
        raise NotFound(collections.NOT_THERE)
    body: dict[str, Any] = telling.collection(found, request.user)
    headers = {"Location": f"{request.path}{found.pk}/"} if status == 201 else None
    return etags.versioned(Response(body, status=status, headers=headers), found.version)


def _changeable(request: Request, collection_id: str) -> Collection:
    """One that the asker sees and may change."""
    found = Collection.objects.visible_to(request.user).filter(pk=collection_id).first()
    if found is None:
        raise NotFound(collections.NOT_THERE)
    if not Collection.objects.changeable_by(request.user).filter(pk=found.pk).exists():
        raise NotAllowed("This collection is somebody else's: you may look, not change it.")
    return found
