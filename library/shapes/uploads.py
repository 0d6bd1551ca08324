"""Uploads and what they may turn out to be."""

from __future__ import annotations

from rest_framework import serializers

from library.models import Upload, Visibility
from library.shapes.films import StageShape


class DuplicateShape(serializers.Serializer):
    id = serializers.CharField()
    title = serializers.CharField()
    url = serializers.CharField()


class UploadShape(serializers.Serializer):
    id = serializers.CharField()
    url = serializers.CharField()
    state = serializers.ChoiceField(Upload.State.choices)
    problem = serializers.CharField(allow_blank=True, help_text="why it was refused")
    title = serializers.CharField()
    filename = serializers.CharField(allow_blank=True)
    filetype = serializers.CharField(allow_blank=True)
    fingerprint = serializers.CharField(allow_blank=True)
    visibility = serializers.ChoiceField(Visibility.choices)
    encrypted = serializers.BooleanField(
        help_text="of the film, once there is one; else fixed when the upload began"
    )
    offset = serializers.IntegerField(help_text="bytes that are safely here")
    length = serializers.IntegerField(allow_null=True, help_text="bytes")
    speed = serializers.IntegerField(help_text="bytes a second")
    time_left = serializers.IntegerField(allow_null=True, help_text="seconds")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    video = serializers.CharField(allow_null=True, help_text="the film, from the last byte on")
    watch_url = serializers.CharField(allow_null=True)
    duplicate = DuplicateShape(allow_null=True)
    stages = StageShape(many=True)


class UploadListShape(serializers.Serializer):
    items = UploadShape(many=True)
