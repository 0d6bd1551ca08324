"""Watching: what a player needs, and where somebody stopped."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from library import progress
from library.api import paging
from library.api.described import answers
from library.api.scoped import FILMS, needs
from library.api.videos import seen
from library.api.view import ApiView
from library.catalogue import playing
from library.errors import Invalid, Refusal
from library.media_addresses import Bearer, bearer
from library.models import User, Video, Viewing
from library.moments import moment
from library.shapes import (
    ContinueListShape,
    PlaybackShape,
    ProgressResultsShape,
    ProgressShape,
)
from library.watching import playback, viewings

MOST_AT_ONCE = 200


class StoppedShape(serializers.Serializer):
    """Where somebody is, or was, in a film."""

    position = serializers.FloatField(min_value=0, help_text="seconds")
    device = serializers.CharField(required=False, allow_blank=True, max_length=1000)
    at = serializers.DateTimeField(required=False, help_text="when; left out: now")
    finished = serializers.BooleanField(required=False, default=False)


class StoppedInShape(StoppedShape):
    """The same, of one film among others."""

    video = serializers.CharField(max_length=40)


class Playback(ApiView):
    scopes = needs("stream")
    permission_classes = (IsAuthenticatedOrReadOnly,)

    @extend_schema(
        operation_id="videos_playback",
        summary="What a player needs to know of a film",
        parameters=[
            OpenApiParameter(
                "list", OpenApiTypes.STR, description="the playlist it is played from"
            ),
            OpenApiParameter(
                "shuffle", OpenApiTypes.STR, description="any word: its films in an order by chance"
            ),
        ],
        responses=answers(PlaybackShape, 401, 404),
    )
    def get(self, request: Request, video_id: str) -> Response:
        video = seen(request, video_id)
        playlist = request.query_params.get("list", "")
        shuffle = request.query_params.get("shuffle", "")[: playing.SHUFFLE_LIMIT]
        document = playback.document(
            video, request.user, playlist=playlist, shuffle=shuffle, to=bearer(request)
        )
        return Response(document, headers={"Cache-Control": "private, no-store"})


class Progress(ApiView):
    """Where you stopped in one film."""

    scopes = needs("stream")

    @extend_schema(
        operation_id="videos_progress",
        summary="Remember where you are in a film",
        description="The latest by `at` is remembered, from whichever device it comes.",
        request=StoppedShape,
        responses=answers(ProgressShape, 400, 401, 404),
    )
    def post(self, request: Request, video_id: str) -> Response:
        video = seen(request, video_id)
        stopped = StoppedShape(data=request.data)
        stopped.is_valid(raise_exception=True)
        viewing = viewings.keep(_user(request), video, **stopped.validated_data)
        return Response(viewings.describe(viewing))

    @extend_schema(
        operation_id="videos_progress_forget",
        summary="Forget that you watched a film",
        responses=answers(None, 401, 404),
    )
    def delete(self, request: Request, video_id: str) -> Response:
        viewings.forget(_user(request), seen(request, video_id))
        return Response(status=204)


class ProgressList(ApiView):
    """Where you stopped in many films, as a device kept it while it was offline."""

    scopes = needs("stream")

    @extend_schema(
        operation_id="progress",
        summary="Remember where you stopped, film by film",
        description=f"At most {MOST_AT_ONCE}. One that is wrong does not hold up the others.",
        request=StoppedInShape(many=True),
        responses=answers(ProgressResultsShape, 400, 401),
    )
    def post(self, request: Request) -> Response:
        given = request.data
        if not isinstance(given, list):
            raise Invalid("This is a list of positions, each with its film.")
        if len(given) > MOST_AT_ONCE:
            raise Invalid(f"At most {MOST_AT_ONCE} positions at once; these are {len(given)}.")
        user = _user(request)
        asked = [StoppedInShape(data=item) for item in given]
        named = [item.validated_data["video"] for item in asked if item.is_valid()]
        films = Video.objects.visible_to(user).in_bulk([pk for pk in named if "\0" not in pk])
        return Response({"items": [_kept(user, item, films) for item in asked]})

    @extend_schema(
        operation_id="progress_forget",
        summary="Forget all that you watched",
        responses=answers(None, 401),
    )
    def delete(self, request: Request) -> Response:
        viewings.forget_all(_user(request))
        return Response(status=204)


class ContinueList(ApiView):
    scopes = FILMS

    @extend_schema(
        operation_id="continue_list",
        summary="Films to go on with, the latest first",
        parameters=[OpenApiParameter("limit", OpenApiTypes.INT, description=f"1 to {paging.MOST}")],
        responses=answers(ContinueListShape, 400, 401),
    )
    def get(self, request: Request) -> Response:
        limit = paging.limit(request)
        begun = list(viewings.to_go_on(_user(request))[:limit])
        films = Video.objects.for_lists().in_bulk([viewing.video_id for viewing in begun])
        to = bearer(request)
        items = [
            _to_go_on(viewing, films[viewing.video_id], to)
            for viewing in begun
            if viewing.video_id in films
        ]
        return Response({"items": items})


class ContinueDetail(ApiView):
    scopes = needs("stream")

    @extend_schema(
        operation_id="continue_hide",
        summary="Take a film off the row of those to go on with",
        description="Where you stopped stays remembered. It comes back when you go on with it.",
        responses=answers(None, 401, 404),
    )
    def delete(self, request: Request, video_id: str) -> Response:
        viewings.hide(_user(request), seen(request, video_id))
        return Response(status=204)


def _user(request: Request) -> User:
    assert isinstance(request.user, User)  # the permission classes saw to it
    return request.user


def _kept(user: User, item: StoppedInShape, films: dict[str, Video]) -> dict[str, Any]:
    if item.errors:
        named = item.initial_data.get("video") if isinstance(item.initial_data, dict) else ""
        problem = " ".join(f"{name}: {words[0]}" for name, words in item.errors.items())
        return _not_kept(named if isinstance(named, str) else "", problem)
    facts = dict(item.validated_data)
    pk = facts.pop("video")
    if pk not in films:
        return _not_kept(pk, "There is no such film, or you may not see it.")
    try:
        viewing = viewings.keep(user, films[pk], **facts)
    except Refusal as refusal:
        return _not_kept(pk, refusal.detail)
    return {"video": pk, "kept": viewings.describe(viewing), "problem": ""}


def _not_kept(pk: str, problem: str) -> dict[str, Any]:
    return {"video": pk, "kept": None, "problem": problem}


def _to_go_on(viewing: Viewing, video: Video, to: Bearer | None) -> dict[str, Any]:
    return {
        "video": progress.describe_video(video, short=True, to=to),
        "position": viewing.position,
        "remaining": viewings.remaining(viewing),
        "at": moment(viewing.at),
        "device": viewing.device,
    }
