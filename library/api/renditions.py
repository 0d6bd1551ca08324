"""Other qualities of a film: which there are, asking for them, letting them go."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from library.api.bodies import Body
from library.api.described import answers
from library.api.scoped import FILMS
from library.api.videos import _changeable as changeable
from library.api.videos import seen
from library.api.view import ApiView
from library.models import Video
from library.renditions import asking
from library.shapes import RenditionListShape


class WishBody(Body):
    qualities = serializers.ListField(
        child=serializers.CharField(max_length=10), max_length=10, help_text="1080p, 720p, …"
    )


class RenditionList(ApiView):
    scopes = FILMS
    permission_classes = (IsAuthenticatedOrReadOnly,)

    @extend_schema(
        operation_id="renditions_list",
        summary="Other qualities of a film",
        responses=answers(RenditionListShape, 401, 404),
    )
    def get(self, request: Request, video_id: str) -> Response:
        return Response(_described(seen(request, video_id)))

    @extend_schema(
        operation_id="renditions_ask",
        summary="Have a film made in other qualities",
        description=(
            "A worker makes them one after the other: an event `rendition.made` tells when "
            "each is there. They are stored and paid for as any film. What is there stays; "
            "what could not be made is tried again."
        ),
        request=WishBody,
        responses=answers(RenditionListShape, 400, 401, 403, 404, 409, status=202),
    )
    def post(self, request: Request, video_id: str) -> Response:
        video = changeable(request, video_id)
        asking.ask(video, WishBody.of(request)["qualities"])
        return Response(_described(video), status=202)


class RenditionDetail(ApiView):
    scopes = FILMS

    @extend_schema(
        operation_id="renditions_remove",
        summary="Let one quality of a film go",
        responses=answers(None, 401, 403, 404),
    )
    def delete(self, request: Request, video_id: str, quality: str) -> Response:
        asking.remove(changeable(request, video_id), quality)
        return Response(status=204)


def _described(video: Video) -> dict[str, Any]:
    return {
        "items": asking.describe_all(video),
        "possible": asking.offers(video),
    }
