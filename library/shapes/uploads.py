"""Uploads and what they may turn out to be."""

from __future__ import annotations

from rest_framework import serializers

from library.models import Upload, Video, Visibility
from library.shapes.films import CollectionNameShape, CopyCountsShape, StageShape


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
    description = serializers.CharField(allow_blank=True)
    tags = serializers.ListField(child=serializers.CharField())
    collection = CollectionNameShape(allow_null=True)
    language = serializers.CharField(allow_blank=True, help_text="BCP 47")
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
    place = serializers.IntegerField(help_text="in its owner's queue: lower goes first")
    paused_at = serializers.DateTimeField(allow_null=True, help_text="by its owner")
    attempts = serializers.IntegerField(help_text="vain tries of the stage it is in")
    provider = serializers.CharField(
        allow_null=True, help_text="who takes the bytes at this moment, on a network"
    )
    video = serializers.CharField(allow_null=True, help_text="the film, from the last byte on")
    watch_url = serializers.CharField(allow_null=True)
    duplicate = DuplicateShape(allow_null=True)
    poster_url = serializers.CharField(allow_null=True)
    film_state = serializers.ChoiceField(Video.State.choices, allow_null=True)
    film_reason = serializers.CharField(allow_blank=True, help_text="why it is in that state")
    copies = CopyCountsShape(allow_null=True)
    stages = StageShape(many=True)


class UploadPageShape(serializers.Serializer):
    items = UploadShape(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class SameFilmShape(DuplicateShape):
    sure = serializers.BooleanField(help_text="its bytes are these; else only name and size are")


class ForeseenShape(serializers.Serializer):
    problem = serializers.CharField(allow_blank=True, help_text="why it would not be taken")
    same = SameFilmShape(allow_null=True, help_text="a film you may see that is here already")
    waiting = serializers.CharField(
        allow_null=True, help_text="an unfinished upload of yours that this file goes on with"
    )


class ForesightShape(serializers.Serializer):
    items = ForeseenShape(many=True)


class QueueShape(serializers.Serializer):
    ids = serializers.ListField(child=serializers.CharField())


class LogEntryShape(serializers.Serializer):
    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    stage = serializers.CharField(help_text="the stage it is about")
    words = serializers.CharField()


class LogShape(serializers.Serializer):
    items = LogEntryShape(many=True)
