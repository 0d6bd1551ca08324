"""Films: the list, one film, changing it, the trash and back."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from library import films, finding, progress, search
from library.api import paging, versions
from library.api.bodies import Body
from library.api.described import IF_MATCH, answers
from library.api.etags import versioned
from library.api.scoped import FILMS
from library.api.view import ApiView
from library.errors import NotAllowed, NotFound
from library.media_addresses import bearer
from library.models import User, Video, Visibility
from library.shapes import ChangedVideoShape, ErasedShape, VideoDetailShape, VideoPageShape

_PAGING = {"limit", "cursor"}


class ChangeShape(Body):
    """What can be changed; what is left out stays."""

    title = serializers.CharField(required=False, max_length=300)
    description = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    visibility = serializers.ChoiceField(Visibility.choices, required=False)
    language = serializers.CharField(
        required=False, allow_blank=True, max_length=35, help_text="BCP 47; empty: not said"
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=200),
        required=False,
        max_length=100,
        help_text="all that it shall have",
    )
    collection = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        help_text="an id, a name of yours, or a new one; empty: none",
    )


def _parameter(name: str, description: str, **more: Any) -> OpenApiParameter:
    kind = more.pop("type", OpenApiTypes.STR)
    return OpenApiParameter(name, kind, description=description, **more)


_TYPES = {"string": OpenApiTypes.STR, "number": OpenApiTypes.NUMBER, "integer": OpenApiTypes.INT}
_FILTERS = [
    _parameter(
        asked.name,
        asked.says + ("; repeated: one of these" if asked.repeats else ""),
        type=_TYPES[asked.type],
        enum=asked.choices or None,
        many=asked.repeats,
    )
    for asked in finding.FILTERS.values()
]


class VideoList(ApiView):
    """The films you may see, the newest first; what was searched for, the best match first."""

    scopes = FILMS
    permission_classes = (IsAuthenticatedOrReadOnly,)

    @extend_schema(
        operation_id="videos_list",
        summary="Films you may see",
        parameters=[
            _parameter(
                "q",
                "words of title, description, tags, file name or captions, each as the "
                'beginning of a word; "in quotes" as they are, -without; or what names a film: '
                "its id, a PieceCID, its address, a transaction",
            ),
            _parameter("in", "all, yours, or your trash", enum=finding.SHELVES),
            *_FILTERS,
            _parameter("sort", "the order", enum=list(finding.SORTS)),
            _parameter("limit", f"1 to {paging.MOST}", type=OpenApiTypes.INT),
            _parameter("cursor", "next_cursor of the page before"),
        ],
        responses=answers(VideoPageShape, 400, 401),
    )
    def get(self, request: Request) -> Response:
        question = finding.read(request.query_params, besides=_PAGING)
        user = request.user
        videos, cursor = paging.page(
            request,
            question.apply(user),
            question.ordered_by(),
            lambda found: question.shown(user, found, Video.objects.for_lists()),
        )
        hits, to = question.hits(videos), bearer(request)
        body = {
            "items": [
                {
                    **progress.describe_video(video, short=True, to=to),
                    "hit": search.describe(hits.get(video.pk)),
                }
                for video in videos
            ],
            "next_cursor": cursor,
            **paging.total(question.matching(user))._asdict(),
        }
        return Response(body, headers=paging.link(request, cursor))


class VideoDetail(ApiView):
    scopes = FILMS
    permission_classes = (IsAuthenticatedOrReadOnly,)

    @extend_schema(
        operation_id="videos_detail",
        summary="One film",
        responses=answers(VideoDetailShape, 401, 404),
    )
    def get(self, request: Request, video_id: str) -> Response:
        video = Video.objects.visible_to(request.user).for_details().filter(pk=video_id).first()
        if video is None:
            raise NotFound("There is no such film, or you may not see it.")
        return versioned(
            Response(progress.describe_video(video, to=bearer(request))), video.version
        )

    @extend_schema(
        operation_id="videos_change",
        summary="Change what is said of a film, or who may see it",
        parameters=[IF_MATCH],
        request=ChangeShape,
        responses=answers(ChangedVideoShape, 400, 401, 403, 404, 412, 428),
    )
    def patch(self, request: Request, video_id: str) -> Response:
        video = _changeable(request, video_id)
        expected, change = versions.expected(request), ChangeShape.of(request)
        films.change(video, expected=expected, by=person(request), **change)
        changed = Video.objects.for_details().get(pk=video.pk)
        body = {
            **progress.describe_video(changed, to=bearer(request)),
            "notice": progress.notice(changed),
        }
        return versioned(Response(body), changed.version)

    @extend_schema(
        operation_id="videos_trash",
        summary="Move a film to the trash",
        parameters=[IF_MATCH],
        responses=answers(None, 401, 403, 404, 412, 428),
    )
    def delete(self, request: Request, video_id: str) -> Response:
        video = _changeable(request, video_id)
        films.trash(video, expected=versions.expected(request))
        return Response(status=204)


class VideoRestore(ApiView):
    scopes = FILMS

    @extend_schema(
        operation_id="videos_restore",
        summary="Take a film out of the trash",
        request=None,
        responses=answers(VideoDetailShape, 401, 403, 404),
    )
    def post(self, request: Request, video_id: str) -> Response:
        video = _own(request, video_id)
        films.restore(video)
        return Response(progress.describe_video(video, to=bearer(request)))


class VideoEncrypt(ApiView):
    scopes = FILMS

    @extend_schema(
        operation_id="videos_encrypt",
        summary="Store a film anew, encrypted, that is stored open",
        request=None,
        responses=answers(VideoDetailShape, 401, 403, 404, 409, 503, 507, status=202),
    )
    def post(self, request: Request, video_id: str) -> Response:
        films.store_anew(_changeable(request, video_id))
        video = Video.objects.for_details().get(pk=video_id)
        return Response(progress.describe_video(video, to=bearer(request)), status=202)


class VideoErase(ApiView):
    scopes = FILMS

    @extend_schema(
        operation_id="videos_erase",
        summary="Erase a film that is in the trash, and its key, for ever",
        request=None,
        responses=answers(ErasedShape, 401, 403, 404, 409),
    )
    def post(self, request: Request, video_id: str) -> Response:
        erasure = films.erase(_own(request, video_id))
        return Response({"id": video_id, **progress.describe_erasure(erasure)})


def person(request: Request) -> User:
    assert isinstance(request.user, User)  # the permission classes saw to it
    return request.user


def _own(request: Request, video_id: str) -> Video:
    """A film that the asker may change, in the trash too."""
    own = Video.objects.changeable_by(request.user).for_details()
    # Not theirs: 404 or 403, as for every other change.
    return own.filter(pk=video_id).first() or _changeable(request, video_id)


def seen(request: Request, video_id: str) -> Video:
    """A film that the asker sees; what they do not see is not there."""
    video = Video.objects.visible_to(request.user).filter(pk=video_id).first()
    if video is None:
        raise NotFound("There is no such film, or you may not see it.")
    return video


def _changeable(request: Request, video_id: str) -> Video:
    """A film that the asker sees and may change."""
    video = seen(request, video_id)
    if not Video.objects.changeable_by(request.user).filter(pk=video.pk).exists():
        raise NotAllowed("This film is somebody else's: you may watch it, not change it.")
    return video
