"""Who somebody is here, on which devices, and what happened."""

from __future__ import annotations

from rest_framework import serializers


class DeviceShape(serializers.Serializer):
    id = serializers.CharField()
    device = serializers.CharField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)
    current = serializers.BooleanField(help_text="the one this request was made with")


class DeviceListShape(serializers.Serializer):
    items = DeviceShape(many=True)


class NewDeviceShape(serializers.Serializer):
    id = serializers.CharField()
    token = serializers.CharField(help_text="shown this once")
    device = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)


class EventShape(serializers.Serializer):
    seq = serializers.IntegerField()
    type = serializers.CharField()
    at = serializers.DateTimeField()
    data = serializers.DictField()  # type: ignore[assignment]  # a field of that name


class EventPageShape(serializers.Serializer):
    items = EventShape(many=True)
    seq = serializers.IntegerField(help_text="what to ask after next time")


class MeShape(serializers.Serializer):
    username = serializers.CharField()
    is_staff = serializers.BooleanField()
    version = serializers.CharField(help_text="of filmedia")
    may_upload = serializers.BooleanField()
    upload_max_size = serializers.IntegerField(help_text="bytes")
    upload_chunk_size = serializers.IntegerField(help_text="bytes; what to send at once")
