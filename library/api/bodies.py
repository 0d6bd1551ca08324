"""What a request may say: the fields of its shape and no others; no typing error is lost."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request


class Body(serializers.Serializer):
    """A shape whose unknown fields are refused, each by its name."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            sentence = "There is nothing of this name to set here."
            raise serializers.ValidationError({name: [sentence] for name in unknown})
        return super().to_internal_value(data)

    @classmethod
    def of(cls, request: Request) -> dict[str, Any]:
        """What a request says. Raises ValidationError."""
        body = cls(data=request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)


class Ids(serializers.ListField):
    """Ids of rows: no byte that a database refuses."""

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        child = serializers.RegexField("^[A-Za-z0-9_]{1,40}$")
        super().__init__(child=child, max_length=max_length, **kwargs)
