"""Who somebody is here, on which devices, and what happened."""

from __future__ import annotations

from rest_framework import serializers

from library.models.scopes import SCOPES


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


class ChangesShape(serializers.Serializer):
    changed = serializers.ListField(child=serializers.CharField(), help_text="ids of films")
    deleted = serializers.ListField(
        child=serializers.CharField(), help_text="ids of films that are not there for you any more"
    )
    since = serializers.IntegerField(help_text="what to ask after next time")
    reset = serializers.BooleanField(help_text="whether to fetch everything anew")
    more = serializers.BooleanField(help_text="whether to ask again at once")


class MeShape(serializers.Serializer):
    username = serializers.CharField()
    is_staff = serializers.BooleanField()
    version = serializers.CharField(help_text="of filmedia")
    may_upload = serializers.BooleanField()
    upload_max_size = serializers.IntegerField(help_text="bytes")
    upload_chunk_size = serializers.IntegerField(help_text="bytes; what to send at once")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(list(SCOPES)), help_text="what this sign-in may do"
    )
