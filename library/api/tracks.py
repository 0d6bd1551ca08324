"""What belongs to a film beside its bytes: captions, chapters, its poster."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from library import encryption
from library.api.bodies import Body
from library.api.described import answers
from library.api.parsing import Json
from library.api.scoped import FILMS
from library.api.videos import _changeable as changeable
from library.api.videos import seen
from library.api.view import ApiView
from library.errors import Invalid, NotAllowed, NotFound, TooLarge
from library.models import Caption, Video
from library.moments import moment
from library.shapes import CaptionListShape, CaptionShape, PartListShape, PosterShape
from library.watching import captions, chapters, playback, posters, sealing


class CaptionBody(Body):
    """Words to a film: a file, or its text."""

    language = serializers.CharField(max_length=100, help_text="BCP 47")
    kind = serializers.ChoiceField(Caption.Kind.choices, default=Caption.Kind.SUBTITLES)
    label = serializers.CharField(default="", allow_blank=True, max_length=1000)  # type: ignore[assignment]  # a field of that name
    automatic = serializers.BooleanField(default=False, help_text="made by a program")
    text = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, help_text="WebVTT or SRT"
    )
    file = serializers.FileField(required=False, help_text="WebVTT or SRT, in place of `text`")


class CaptionChange(Body):
    """What can be changed; what is left out stays."""

    language = serializers.CharField(required=False, max_length=100, help_text="BCP 47")
    kind = serializers.ChoiceField(Caption.Kind.choices, required=False)
    label = serializers.CharField(required=False, allow_blank=True, max_length=1000)  # type: ignore[assignment]  # a field of that name
    automatic = serializers.BooleanField(required=False, help_text="made by a program")
    text = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, help_text="WebVTT or SRT"
    )
    file = serializers.FileField(required=False, help_text="WebVTT or SRT, in place of `text`")


class PartBody(Body):
    start = serializers.FloatField(min_value=0, help_text="seconds")
    title = serializers.CharField(max_length=1000)


class PartsBody(Body):
    items = PartBody(many=True, max_length=chapters.MOST)  # type: ignore[call-arg]  # of a list


class PosterBody(Body):
    poster_at = serializers.FloatField(
        allow_null=True, help_text="seconds; null: chosen by the library"
    )


class CaptionList(ApiView):
    scopes = FILMS
    permission_classes = (IsAuthenticatedOrReadOnly,)
    parser_classes = (Json, MultiPartParser)

    @extend_schema(
        operation_id="captions_list",
        summary="Captions of a film",
        responses=answers(CaptionListShape, 401, 404),
    )
    def get(self, request: Request, video_id: str) -> Response:
        video = seen(request, video_id)
        found = Caption.objects.filter(video=video).defer("vtt")
        return Response({"items": [playback.describe_track(caption) for caption in found]})

    @extend_schema(
        operation_id="captions_add",
        summary="Add captions to a film",
        description=(
            "WebVTT or SRT, as `text` or as a `file` of a form. A film has one of each language "
            "and kind. What is wrong in it is told with its line."
        ),
        request={"application/json": CaptionBody, "multipart/form-data": CaptionBody},
        responses=answers(CaptionShape, 400, 401, 403, 404, 409, 413, 415, status=201),
    )
    def post(self, request: Request, video_id: str) -> Response:
        video = changeable(request, video_id)
        given = CaptionBody.of(request)
        data = _words(given)
        if data is None:
            raise Invalid("Send the words as `text` or as a `file`.", field="text")
        caption = captions.add(video, data, **given)
        if caption.video.is_encrypted:
            self.seal_answer()
        where = {"Location": f"/api/v1/captions/{caption.pk}/"}
        return Response(_described(caption), status=201, headers=where)


class CaptionDetail(ApiView):
    scopes = FILMS
    permission_classes = (IsAuthenticatedOrReadOnly,)
    parser_classes = (Json, MultiPartParser)

    @extend_schema(
        operation_id="captions_detail",
        summary="One caption with its words",
        responses=answers(CaptionShape, 401, 404),
    )
    def get(self, request: Request, caption_id: str) -> Response:
        return Response(_described(_seen(request, caption_id)))

    @extend_schema(
        operation_id="captions_change",
        summary="Change a caption, or replace its words",
        request={"application/json": CaptionChange, "multipart/form-data": CaptionChange},
        responses=answers(CaptionShape, 400, 401, 403, 404, 409, 413, 415),
    )
    def patch(self, request: Request, caption_id: str) -> Response:
        caption = _changeable(request, caption_id)
        given = CaptionChange.of(request)
        captions.revise(caption, _words(given), **given)
        return Response(_described(caption))

    @extend_schema(
        operation_id="captions_delete",
        summary="Take a caption away",
        responses=answers(None, 401, 403, 404),
    )
    def delete(self, request: Request, caption_id: str) -> Response:
        captions.remove(_changeable(request, caption_id))
        return Response(status=204)


class Chapters(ApiView):
    scopes = FILMS
    permission_classes = (IsAuthenticatedOrReadOnly,)

    @extend_schema(
        operation_id="chapters_list",
        summary="Chapters of a film",
        responses=answers(PartListShape, 401, 404),
    )
    def get(self, request: Request, video_id: str) -> Response:
        return Response({"items": chapters.describe(seen(request, video_id))})

    @extend_schema(
        operation_id="chapters_put",
        summary="Say what the chapters of a film are",
        description="All of them, in order; none takes them away.",
        request=PartsBody,
        responses=answers(PartListShape, 400, 401, 403, 404),
    )
    def put(self, request: Request, video_id: str) -> Response:
        video = changeable(request, video_id)
        given = PartsBody.of(request)["items"]
        chapters.put(video, [chapters.Part(part["start"], part["title"]) for part in given])
        return Response({"items": chapters.describe(video)})


class Poster(ApiView):
    scopes = FILMS

    @extend_schema(
        operation_id="poster_choose",
        summary="Choose the moment that a film's poster shows",
        description="The picture itself is made in a moment: an event tells when it is there.",
        request=PosterBody,
        responses=answers(PosterShape, 400, 401, 403, 404, 409, status=202),
    )
    def put(self, request: Request, video_id: str) -> Response:
        video = changeable(request, video_id)
        posters.choose(video, PosterBody.of(request)["poster_at"])
        return Response({"poster_at": video.poster_at}, status=202)


def _words(given: dict[str, Any]) -> bytes | str | None:
    """What was sent, of both ways to send it; taken out of `given`."""
    text, file = given.pop("text", None), given.pop("file", None)
    if text is not None and file is not None:
        raise Invalid("Send `text` or a `file`, not both.", field="file")
    return _bytes(file) if file is not None else text


def _bytes(file: UploadedFile) -> bytes:
    if (file.size or 0) > captions.MOST_BYTES:
        raise TooLarge(captions.TOO_LARGE)
    return file.read()


def _described(caption: Caption) -> dict[str, Any]:
    try:
        text = sealing.text(caption)
    except encryption.Sealed:
        raise NotFound("The words of this caption cannot be read.") from None
    return {
        **playback.describe_track(caption),
        "text": text,
        "count": caption.lines,
        "created_at": moment(caption.created_at),
        "updated_at": moment(caption.updated_at),
    }


def _seen(request: Request, caption_id: str) -> Caption:
    films = Video.objects.visible_to(request.user).values("pk")
    rows = Caption.objects.select_related("video__key").filter(video__in=films, pk=caption_id)
    caption = rows.first()
    if caption is None:
        raise NotFound("There is no such caption, or you may not see it.")
    return caption


def _changeable(request: Request, caption_id: str) -> Caption:
    caption = _seen(request, caption_id)
    own = Video.objects.changeable_by(request.user).filter(pk=caption.video_id)
    if not own.exists():
        raise NotAllowed("This film is somebody else's: you may watch it, not change it.")
    return caption
