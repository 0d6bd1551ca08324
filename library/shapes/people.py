"""Who somebody is here, on which devices, and what happened."""

from __future__ import annotations

from rest_framework import serializers

from library.models.scopes import SCOPES
from library.watching.preferences import CHOICES


class DeviceShape(serializers.Serializer):
    id = serializers.CharField()
    device = serializers.CharField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)
    scopes = serializers.ListField(child=serializers.ChoiceField(list(SCOPES)))
    current = serializers.BooleanField(help_text="the one this request was made with")


class DeviceListShape(serializers.Serializer):
    items = DeviceShape(many=True)


class NewDeviceShape(serializers.Serializer):
    id = serializers.CharField()
    token = serializers.CharField(help_text="shown this once")
    device = serializers.CharField()
    scopes = serializers.ListField(child=serializers.ChoiceField(list(SCOPES)))
    expires_at = serializers.DateTimeField(allow_null=True)


class EventShape(serializers.Serializer):
    seq = serializers.IntegerField()
    type = serializers.CharField()
    at = serializers.DateTimeField()
    data = serializers.DictField()  # type: ignore[assignment]  # a field of that name


class EventPageShape(serializers.Serializer):
    items = EventShape(many=True)
    seq = serializers.IntegerField(help_text="what to ask after next time")


class ChangedShape(serializers.Serializer):
    """Of one kind of things."""

    changed = serializers.ListField(child=serializers.CharField(), help_text="ids to fetch again")
    deleted = serializers.ListField(
        child=serializers.CharField(), help_text="ids of what is not there for you any more"
    )


class ChangesShape(serializers.Serializer):
    since = serializers.IntegerField(help_text="what to ask after next time")
    videos = ChangedShape()
    collections = ChangedShape()
    playlists = ChangedShape()
    more = serializers.BooleanField(help_text="whether to ask again at once")


class CaptionLookShape(serializers.Serializer):
    """How captions look, and whether they are on."""

    on = serializers.BooleanField(required=False)
    language = serializers.CharField(required=False, allow_blank=True, help_text="BCP 47")
    size = serializers.ChoiceField(CHOICES["captions/size"], required=False)
    colour = serializers.ChoiceField(CHOICES["captions/colour"], required=False)
    background = serializers.ChoiceField(CHOICES["captions/background"], required=False)
    place = serializers.ChoiceField(CHOICES["captions/place"], required=False)


class PreferencesShape(serializers.Serializer):
    """What somebody chose; what is left out of a change stays."""

    theme = serializers.ChoiceField(CHOICES["theme"], required=False)
    view = serializers.ChoiceField(CHOICES["view"], required=False, help_text="of the library")
    keys = serializers.BooleanField(required=False, help_text="whether single keys do something")
    autoplay = serializers.BooleanField(required=False, help_text="whether the next film begins")
    history = serializers.BooleanField(
        required=False, help_text="whether it is remembered where they stopped"
    )
    mini_player = serializers.BooleanField(required=False)
    captions = CaptionLookShape(required=False)


class MeShape(serializers.Serializer):
    username = serializers.CharField()
    name = serializers.CharField(allow_blank=True, help_text="what others may read")
    preferences = PreferencesShape()
    is_staff = serializers.BooleanField()
    version = serializers.CharField(help_text="of filmedia")
    may_upload = serializers.BooleanField()
    upload_max_size = serializers.IntegerField(help_text="bytes")
    upload_chunk_size = serializers.IntegerField(help_text="bytes; what to send at once")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(list(SCOPES)), help_text="what this sign-in may do"
    )
