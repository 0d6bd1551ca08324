"""Films that are fetched by their PieceCIDs."""

from __future__ import annotations

from rest_framework import serializers

from library.models import Import


class ImportShape(serializers.Serializer):
    id = serializers.CharField()
    url = serializers.CharField()
    owner = serializers.CharField(help_text="user name")
    state = serializers.ChoiceField(Import.State.choices)
    title = serializers.CharField(allow_blank=True)
    cids = serializers.ListField(child=serializers.CharField(), help_text="of its pieces, in order")
    sources = serializers.ListField(
        child=serializers.CharField(), help_text="where they are read; none: the network's own"
    )
    avoided = serializers.ListField(
        child=serializers.CharField(), help_text="sources that gave other bytes than they should"
    )
    size = serializers.IntegerField(allow_null=True, help_text="bytes")
    received = serializers.IntegerField(help_text="bytes that are here, and right")
    attempts = serializers.IntegerField(help_text="vain tries")
    error = serializers.CharField(allow_blank=True, help_text="why the last of them was")
    next_try_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    upload = serializers.CharField(allow_null=True, help_text="that the bytes go into")
    video = serializers.CharField(allow_null=True, help_text="the film, once all bytes are here")
    watch_url = serializers.CharField(allow_null=True)


class ImportPageShape(serializers.Serializer):
    items = ImportShape(many=True)
    next_cursor = serializers.CharField(allow_null=True)
