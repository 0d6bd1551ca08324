"""Tags, collections and playlists."""

from __future__ import annotations

from rest_framework import serializers

from library.models import Visibility
from library.shapes.films import VideoShape


class TagShape(serializers.Serializer):
    name = serializers.CharField()
    films = serializers.IntegerField(help_text="that you may see")


class TagPageShape(serializers.Serializer):
    items = TagShape(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class CollectionShape(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    owner = serializers.CharField(help_text="user name")
    may_change = serializers.BooleanField()
    films = serializers.IntegerField(help_text="that you may see")
    films_url = serializers.CharField()
    version = serializers.IntegerField(help_text="for If-Match")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class CollectionPageShape(serializers.Serializer):
    items = CollectionShape(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class PlaylistShape(serializers.Serializer):
    id = serializers.CharField()
    title = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    owner = serializers.CharField(help_text="user name")
    visibility = serializers.ChoiceField(Visibility.choices)
    may_change = serializers.BooleanField()
    films = serializers.IntegerField(help_text="that you may see")
    duration = serializers.FloatField(help_text="of these, in seconds")
    url = serializers.CharField()
    version = serializers.IntegerField(help_text="for If-Match; every change counts")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class PlaylistPageShape(serializers.Serializer):
    items = PlaylistShape(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class PlaylistItemShape(serializers.Serializer):
    """A place. Whoever may change the playlist also sees what is not available, and why."""

    position = serializers.IntegerField(help_text="from 1, without gaps")
    id = serializers.CharField(help_text="of the film")
    title = serializers.CharField()
    unavailable = serializers.CharField(allow_blank=True, help_text="why it cannot be played")
    video = VideoShape(allow_null=True)


class PlaylistDetailShape(PlaylistShape):
    items = PlaylistItemShape(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class AddedShape(PlaylistShape):
    added = serializers.ListField(
        child=serializers.CharField(), help_text="films that were not in it before"
    )


class MovedShape(serializers.Serializer):
    position = serializers.IntegerField()
    version = serializers.IntegerField()
