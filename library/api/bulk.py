"""Doing something to many films: what it would do, and having it done by a job."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from library.api.bodies import Body, Ids
from library.api.catalogue import person
from library.api.described import answers
from library.api.scoped import FILMS
from library.api.view import ApiView
from library.jobs import actions, beginning, previewing, selection, telling
from library.models import Visibility
from library.shapes import JobShape, PreviewShape

# What a client may wait before it looks again.
LOOK_AGAIN_SECONDS = 1


class BulkBody(Body):
    """Which films (`ids`, or the `query` of a list), what to do, and what that has to be told."""

    action = serializers.ChoiceField(choices=list(actions.ACTIONS))
    ids = Ids(required=False, max_length=selection.MOST_NAMED)
    query = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=selection.QUERY_LIMIT,
        help_text="what stands behind the ? of GET /videos/: all films that match",
    )
    dry_run = serializers.BooleanField(required=False, default=False)
    tags = serializers.ListField(
        required=False,
        child=serializers.CharField(max_length=200),
        max_length=100,
        help_text="for tag and untag",
    )
    collection = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=1000,
        help_text="its id or name; a new name makes one; empty: in none",
    )
    visibility = serializers.ChoiceField(Visibility.choices, required=False)
    language = serializers.CharField(
        required=False, allow_blank=True, max_length=100, help_text="BCP 47; empty: none"
    )
    playlist = serializers.CharField(
        required=False, max_length=1000, help_text="its id, or a title for a new one"
    )


class VideoBulk(ApiView):
    scopes = FILMS

    @extend_schema(
        operation_id="videos_bulk",
        summary="Do something to many films, or see what it would do",
        description=(
            "With `dry_run` nothing is changed, and the answer says to how many films it could "
            "be done, and to which not and why. Otherwise a job does it film by film, and "
            "`Location` says where to look how far it is."
        ),
        request=BulkBody,
        responses={
            **answers(PreviewShape, 400, 401, 409),
            202: OpenApiResponse(JobShape),
        },
    )
    def post(self, request: Request) -> Response:
        given = BulkBody.of(request)
        action, by = actions.named(given.pop("action")), person(request)
        chosen = selection.of(given.pop("ids", ()), given.pop("query", None))
        if given.pop("dry_run"):
            found = previewing.preview(action, chosen, action.checked(given, by), by)
            return Response(telling.describe_preview(found))
        return begun(beginning.begin(action, chosen, given, by))


def begun(job: Any) -> Response:
    headers = {
        "Location": reverse("api:job", args=[job.pk]),
        "Retry-After": str(LOOK_AGAIN_SECONDS),
    }
    return Response(telling.describe(job), status=202, headers=headers)
