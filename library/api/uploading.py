"""Uploads beside their bytes: what is said of them, their order, pauses, and a look ahead."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from library import permissions, progress
from library.api.described import answers
from library.api.scoped import needs
from library.api.view import ApiView
from library.errors import NotAllowed, NotFound
from library.models import Upload, Visibility
from library.shapes import ForesightShape, LogShape, QueueShape, UploadShape
from library.uploads import about, foresight, log, queue

MOST_FILES = 1000


class AboutShape(serializers.Serializer):
    """What is said of a film that is on its way; what is left out stays."""

    title = serializers.CharField(required=False, max_length=300)
    description = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    visibility = serializers.ChoiceField(Visibility.choices, required=False)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, max_length=100
    )
    collection = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="an id, or a name"
    )
    language = serializers.CharField(required=False, allow_blank=True, max_length=35)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            sentence = "This cannot be changed here."
            raise serializers.ValidationError({name: [sentence] for name in unknown})
        return super().to_internal_value(data)


class FileShape(serializers.Serializer):
    name = serializers.CharField(max_length=1000, allow_blank=True, trim_whitespace=False)
    size = serializers.IntegerField(min_value=0, max_value=2**60)
    sha256 = serializers.RegexField("^[0-9a-f]{64}$", required=False)
    fingerprint = serializers.CharField(required=False, allow_blank=True, max_length=200)


class FilesShape(serializers.Serializer):
    files = serializers.ListField(child=FileShape(), max_length=MOST_FILES)


class OrderShape(serializers.Serializer):
    ids = serializers.ListField(
        child=serializers.RegexField("^[A-Za-z0-9_]{1,40}$"), max_length=MOST_FILES
    )


class UploadAbout(ApiView):
    scopes = needs("uploads:write")

    @extend_schema(
        operation_id="uploads_about",
        summary="Change what is said of a film that is on its way",
        request=AboutShape,
        responses=answers(UploadShape, 400, 401, 404, 410),
    )
    def patch(self, request: Request, upload_id: str) -> Response:
        upload = _own(request, upload_id)
        given = AboutShape(data=request.data)
        given.is_valid(raise_exception=True)
        about.change(upload, **given.validated_data)
        return _told(upload)


class UploadPause(ApiView):
    scopes = needs("uploads:write")

    @extend_schema(
        operation_id="uploads_pause",
        summary="Pause an upload, whichever device sends it",
        request=None,
        responses=answers(UploadShape, 401, 404, 410),
    )
    def post(self, request: Request, upload_id: str) -> Response:
        return _told(queue.pause(_own(request, upload_id)))


class UploadResume(ApiView):
    scopes = needs("uploads:write")

    @extend_schema(
        operation_id="uploads_resume",
        summary="Let a paused upload go on",
        request=None,
        responses=answers(UploadShape, 401, 404, 410),
    )
    def post(self, request: Request, upload_id: str) -> Response:
        return _told(queue.resume(_own(request, upload_id)))


class UploadLog(ApiView):
    scopes = needs("uploads:write")

    @extend_schema(
        operation_id="uploads_log",
        summary="What happened to a film on its way",
        responses=answers(LogShape, 401, 404),
    )
    def get(self, request: Request, upload_id: str) -> Response:
        upload = Upload.objects.visible_to(request.user).filter(pk=upload_id).first()
        if upload is None:
            raise NotFound("There is no such upload, or it is not yours.")
        return Response({"items": log.of(upload, request.user)})  # type: ignore[arg-type]


class UploadOrder(ApiView):
    scopes = needs("uploads:write")

    @extend_schema(
        operation_id="uploads_order",
        summary="Say which of your uploads go first",
        request=OrderShape,
        responses=answers(QueueShape, 400, 401, 404),
    )
    def post(self, request: Request) -> Response:
        given = OrderShape(data=request.data)
        given.is_valid(raise_exception=True)
        ids = queue.order(request.user, given.validated_data["ids"])  # type: ignore[arg-type]
        return Response({"ids": ids})


class UploadCheck(ApiView):
    """What would become of files, before a byte of them is sent."""

    scopes = needs("uploads:write")

    @extend_schema(
        operation_id="uploads_check",
        summary="Ask whether files would be taken, and are here already",
        request=FilesShape,
        responses=answers(ForesightShape, 400, 401, 403),
    )
    def post(self, request: Request) -> Response:
        if not permissions.may_upload(request.user):
            raise NotAllowed("You may not bring films.")
        given = FilesShape(data=request.data)
        given.is_valid(raise_exception=True)
        files = [foresight.File(**file) for file in given.validated_data["files"]]
        found = foresight.look(request.user, files)  # type: ignore[arg-type]
        return Response({"items": [_foreseen(one) for one in found]})


def _own(request: Request, upload_id: str) -> Upload:
    upload = Upload.objects.writable_by(request.user).filter(pk=upload_id).first()
    if upload is None:
        raise NotFound("There is no such upload, or it is not yours.")
    return upload


def _told(upload: Upload) -> Response:
    fresh = Upload.objects.for_progress().get(pk=upload.pk)
    return Response(progress.describe_upload(fresh))


def _foreseen(found: foresight.Found) -> dict[str, Any]:
    same = found.same and {
        "id": found.same.pk,
        "title": found.same.title,
        "url": reverse("library:watch", args=[found.same.pk]),
        "sure": found.is_sure,
    }
    waiting = found.waiting.pk if found.waiting else None
    return {"problem": found.problem, "same": same, "waiting": waiting}
