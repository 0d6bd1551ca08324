"""What a player needs, where somebody stopped, captions and chapters."""

from __future__ import annotations

from rest_framework import serializers

from library.models import Caption, Video
from library.shapes.films import VideoShape


class ProgressShape(serializers.Serializer):
    """Where somebody stopped, as it is remembered."""

    position = serializers.FloatField(help_text="seconds")
    finished = serializers.BooleanField()
    at = serializers.DateTimeField(
        allow_null=True, help_text="when they were there; null: nothing is remembered"
    )
    device = serializers.CharField(allow_blank=True)


class ProgressResultShape(serializers.Serializer):
    """What became of one item of a batch."""

    video = serializers.CharField(allow_blank=True)
    kept = ProgressShape(allow_null=True)
    problem = serializers.CharField(allow_blank=True, help_text="why it was not taken")


class ProgressResultsShape(serializers.Serializer):
    items = ProgressResultShape(many=True)


class ContinueShape(serializers.Serializer):
    """A film to go on with."""

    video = VideoShape()
    position = serializers.FloatField(help_text="seconds")
    remaining = serializers.FloatField(allow_null=True, help_text="seconds")
    at = serializers.DateTimeField()
    device = serializers.CharField(allow_blank=True)


class ContinueListShape(serializers.Serializer):
    items = ContinueShape(many=True)


class SourceShape(serializers.Serializer):
    kind = serializers.ChoiceField(
        ["original", "rendition", "hls"],
        help_text="hls: a playlist of all renditions, for players that choose by themselves",
    )
    quality = serializers.CharField(allow_null=True, help_text="of a rendition: 1080p, 720p, …")
    type = serializers.CharField()
    codecs = serializers.ListField(child=serializers.CharField())
    size = serializers.IntegerField(allow_null=True, help_text="bytes; null for a playlist")
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    url = serializers.CharField(
        help_text="signed: takes ranges, and needs no sign-in (a playlist does)"
    )
    expires_at = serializers.DateTimeField(
        allow_null=True, help_text="ask again then, or when the url answers 403 or 410"
    )


class DeliveredShape(serializers.Serializer):
    source = serializers.CharField(  # type: ignore[assignment]  # a field of that name
        help_text=(
            "staging, shelf or cache (this machine), provider and its number, beam, unverified; "
            "nginx: handed over to it, which sends so much at most"
        )
    )
    bytes = serializers.IntegerField()


class DeliveryShape(serializers.Serializer):
    """What the asker was sent of a film and its renditions."""

    video = serializers.CharField()
    since = serializers.DateTimeField(
        allow_null=True, help_text="null: nothing was sent in the last half hour"
    )
    bytes = serializers.IntegerField(help_text="all of them")
    sources = DeliveredShape(many=True, help_text="by where they were read from, most first")
    failovers = serializers.IntegerField(
        help_text="blocks for which a second source was asked: the first was wrong, late or gone"
    )
    complete = serializers.BooleanField(
        help_text="false: other processes of the library send too, and theirs is not counted"
    )


class TrackShape(serializers.Serializer):
    """A caption as a player chooses between them."""

    id = serializers.CharField()
    language = serializers.CharField(help_text="BCP 47")
    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name
    kind = serializers.ChoiceField(Caption.Kind.choices)
    automatic = serializers.BooleanField(help_text="made by a program")
    url = serializers.CharField(help_text="WebVTT")


class PartShape(serializers.Serializer):
    """A chapter."""

    start = serializers.FloatField(help_text="seconds")
    end = serializers.FloatField(allow_null=True, help_text="seconds")
    title = serializers.CharField()


class NeighbourShape(serializers.Serializer):
    title = serializers.CharField()
    watch_url = serializers.CharField()


class PlaceInListShape(serializers.Serializer):
    id = serializers.CharField()
    title = serializers.CharField()
    position = serializers.IntegerField(help_text="from 1, of the films that you may see")
    count = serializers.IntegerField()


class PlaybackShape(serializers.Serializer):
    """All that a player needs to know of a film."""

    video = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(Video.Kind.choices)
    duration = serializers.FloatField(allow_null=True, help_text="seconds")
    content_id = serializers.CharField(help_text="the film's PieceCID")
    verification = serializers.ChoiceField(
        ["none", "blocks"],
        help_text=(
            "blocks: each is checked against the film's roots before it is sent; "
            "none: it was when it was stored, and is sent as it lies there"
        ),
    )
    copies_wrong = serializers.IntegerField(
        help_text="copies of its pieces found wrong or lost, until others take their place"
    )
    sources = SourceShape(many=True)
    poster = serializers.CharField(allow_null=True)
    captions = TrackShape(many=True)
    storyboard = serializers.CharField(allow_null=True, help_text="WebVTT of small pictures")
    chapters = PartShape(many=True)
    resume = ProgressShape(allow_null=True)
    progress_url = serializers.CharField(
        allow_null=True, help_text="null where nothing is to be remembered"
    )
    previous = NeighbourShape(allow_null=True)
    next = NeighbourShape(allow_null=True)
    list = PlaceInListShape(allow_null=True)


class CaptionShape(TrackShape):
    """A caption with its words."""

    text = serializers.CharField(help_text="WebVTT")
    count = serializers.IntegerField(help_text="how many cues it has")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class CaptionListShape(serializers.Serializer):
    items = TrackShape(many=True)


class PartListShape(serializers.Serializer):
    items = PartShape(many=True)


class PosterShape(serializers.Serializer):
    """What was asked for; the picture itself follows in a moment."""

    poster_at = serializers.FloatField(allow_null=True, help_text="null: chosen by the library")
