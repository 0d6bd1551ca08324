"""Other qualities of a film."""

from __future__ import annotations

from rest_framework import serializers

from library.models import Rendition, Video

QUALITIES = Rendition.Quality.labels


class RenditionShape(serializers.Serializer):
    """A quality that was asked for. What it is as a film is null until it is made."""

    quality = serializers.ChoiceField(QUALITIES)
    video = serializers.CharField(
        allow_null=True, help_text="its id: /stream/ and /media/ give its bytes"
    )
    state = serializers.ChoiceField(
        ["waiting", "failed", *Video.State.values],
        help_text="waiting: not made yet; failed: it cannot be; then as of any film",
    )
    percent = serializers.IntegerField(
        allow_null=True, help_text="how much of it is made; null but while it is"
    )
    problem = serializers.CharField(allow_blank=True, help_text="why it could not be made")
    size = serializers.IntegerField(allow_null=True, help_text="bytes")
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    piece_cid = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField(help_text="when it was asked for")


class OfferShape(serializers.Serializer):
    """A quality that can be asked for."""

    quality = serializers.ChoiceField(QUALITIES)
    most_bytes = serializers.IntegerField(help_text="what it will hardly be larger than")
    copies = serializers.IntegerField(help_text="how many are stored of it")
    per_month = serializers.CharField(
        allow_null=True,
        help_text="USDFC for all its copies, an estimate by most_bytes; null where none is paid "
        "or the prices are not known",
    )


class RenditionListShape(serializers.Serializer):
    items = RenditionShape(many=True)
    possible = OfferShape(many=True, help_text="what can be asked for yet")
