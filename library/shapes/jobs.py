"""What is done to many films at once."""

from __future__ import annotations

from rest_framework import serializers

from library.models import Job, JobItem


class ObstacleShape(serializers.Serializer):
    why = serializers.CharField(help_text="the end of a sentence")
    count = serializers.IntegerField()
    examples = serializers.ListField(child=serializers.CharField(), help_text="titles, some")


class PreviewShape(serializers.Serializer):
    """What would be done, and to which films not. Nothing was changed."""

    action = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    total = serializers.IntegerField(help_text="films that were selected")
    can = serializers.IntegerField(help_text="films that it would be done to")
    missing = serializers.IntegerField(help_text="ids that are not there for you to see")
    obstacles = ObstacleShape(many=True)
    sentences = serializers.ListField(child=serializers.CharField())


class JobCountsShape(serializers.Serializer):
    """Films of a job, by what became of them."""

    waiting = serializers.IntegerField()
    done = serializers.IntegerField()
    skipped = serializers.IntegerField()
    failed = serializers.IntegerField()
    total = serializers.IntegerField()


class JobShape(serializers.Serializer):
    id = serializers.CharField()
    action = serializers.CharField(help_text="as it was asked for, or undo")
    label = serializers.CharField()  # type: ignore[assignment]
    said = serializers.CharField(allow_blank=True, help_text="the tags, the collection's name …")
    state = serializers.ChoiceField(Job.State.choices)
    counts = JobCountsShape()
    undoable = serializers.BooleanField()
    undoes = serializers.CharField(allow_null=True, help_text="the job that this one takes back")
    undone_by = serializers.CharField(allow_null=True, help_text="the job that took this one back")
    owner = serializers.CharField(help_text="user name")
    url = serializers.CharField(help_text="its page")
    manifest_url = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class JobPageShape(serializers.Serializer):
    items = JobShape(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class JobItemShape(serializers.Serializer):
    id = serializers.CharField(help_text="of the film")
    title = serializers.CharField(help_text="as it was when the job began")
    state = serializers.ChoiceField(JobItem.State.choices)
    detail = serializers.CharField(allow_blank=True, help_text="why it was left, or what failed")


class JobDetailShape(JobShape):
    items = JobItemShape(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class ManifestPieceShape(serializers.Serializer):
    index = serializers.IntegerField()
    offset = serializers.IntegerField()
    size = serializers.IntegerField()
    piece_cid = serializers.CharField()
    copies = serializers.ListField(child=serializers.DictField())


class ManifestFilmShape(serializers.Serializer):
    id = serializers.CharField()
    title = serializers.CharField()
    owner = serializers.CharField()
    filename = serializers.CharField(allow_blank=True)
    media_type = serializers.CharField()
    duration = serializers.FloatField(allow_null=True)
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    piece_cid = serializers.CharField()
    encrypted = serializers.BooleanField()
    network = serializers.CharField()
    state = serializers.CharField()
    visibility = serializers.CharField()
    collection = serializers.CharField(allow_null=True)
    tags = serializers.ListField(child=serializers.CharField())
    language = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    pieces = ManifestPieceShape(many=True)


class ManifestShape(serializers.Serializer):
    films = ManifestFilmShape(many=True)
