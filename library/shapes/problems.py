"""What is said when something is refused."""

from __future__ import annotations

from rest_framework import serializers


class FieldErrorShape(serializers.Serializer):
    pointer = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemShape(serializers.Serializer):
    """RFC 9457; some problems carry more members that help."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    code = serializers.CharField(help_text="what a program looks at")
    trace_id = serializers.CharField(
        allow_blank=True, help_text="as in X-Request-Id; what to tell whoever runs the library"
    )
    errors = FieldErrorShape(many=True, required=False)  # type: ignore[assignment]
    retry_after = serializers.IntegerField(required=False, help_text="seconds")
    needed = serializers.JSONField(required=False, help_text="scopes, or bytes")
    available = serializers.JSONField(required=False, help_text="of what is needed")
    current = serializers.IntegerField(required=False, help_text="the version there is now")
    reset = serializers.BooleanField(required=False, help_text="whether to fetch everything anew")
