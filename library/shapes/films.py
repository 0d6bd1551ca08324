"""Films, their pieces and copies, and what their state rests on."""

from __future__ import annotations

from rest_framework import serializers

from library.models import Addition, Copy, Step, Video, Visibility


class StageShape(serializers.Serializer):
    name = serializers.ChoiceField(
        ["receive", "check", "store", "commit", "verify", "prove", "encrypt", "rendition"]
    )
    state = serializers.ChoiceField(Step.State.choices)
    done = serializers.IntegerField(help_text="bytes")
    total = serializers.IntegerField(allow_null=True, help_text="bytes")
    attempts = serializers.IntegerField()
    error = serializers.CharField(allow_blank=True)
    next_try_at = serializers.DateTimeField(allow_null=True)


class CopyShape(serializers.Serializer):
    provider = serializers.CharField(help_text="local, or the provider's name and number")
    provider_id = serializers.IntegerField(allow_null=True, help_text="in the registry")
    state = serializers.ChoiceField(Copy.State.choices)
    stored_at = serializers.DateTimeField()
    verified_at = serializers.DateTimeField(allow_null=True, help_text="when last read back")
    fault = serializers.CharField(allow_blank=True)
    data_set_id = serializers.IntegerField(allow_null=True)
    piece_id = serializers.IntegerField(allow_null=True, help_text="in its data set")
    transaction = serializers.CharField(allow_null=True)
    last_proven_at = serializers.DateTimeField(
        allow_null=True, help_text="when the data set that holds it was last proven"
    )


class CopyCountsShape(serializers.Serializer):
    wanted = serializers.IntegerField()
    stored = serializers.IntegerField(help_text="of the piece that has fewest")
    committed = serializers.IntegerField()


class DataSetShape(serializers.Serializer):
    id = serializers.IntegerField(allow_null=True)
    word = serializers.ChoiceField(
        ["empty", "waiting", "proven", "due", "overdue", "missed", "ending", "ended"]
    )
    sentence = serializers.CharField()
    last_proven_at = serializers.DateTimeField(allow_null=True)
    last_proven_epoch = serializers.IntegerField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True, help_text="of the next proof")
    read_at = serializers.DateTimeField(allow_null=True, help_text="when the chain said so")
    beam = serializers.BooleanField()


class TransactionShape(serializers.Serializer):
    hash = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)
    block = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(Addition.State.choices)
    error = serializers.CharField(allow_blank=True)


class HolderShape(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    title = serializers.CharField()
    pieces = serializers.IntegerField(help_text="of the film")
    held = serializers.IntegerField(help_text="of them, by this provider")
    committed = serializers.IntegerField(help_text="of them, on chain")
    coming = serializers.IntegerField(help_text="of them, not there yet")
    doubted = serializers.IntegerField(help_text="of them, with nobody to be reached")
    read_back_at = serializers.DateTimeField(allow_null=True)
    faults = serializers.ListField(child=serializers.CharField())
    data_set = DataSetShape(allow_null=True)
    transactions = TransactionShape(many=True)


class EvidenceShape(serializers.Serializer):
    explorer = serializers.CharField(allow_blank=True)
    read_at = serializers.DateTimeField(allow_null=True, help_text="how old what is said is")
    providers = HolderShape(many=True)
    certificate_ready = serializers.BooleanField()


class PieceShape(serializers.Serializer):
    index = serializers.IntegerField()
    offset = serializers.IntegerField(help_text="bytes from the beginning of the film")
    size = serializers.IntegerField(help_text="bytes")
    piece_cid = serializers.CharField()
    copies = CopyShape(many=True)


class CollectionNameShape(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()


class VideoShape(serializers.Serializer):
    """A film in a list."""

    id = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    filename = serializers.CharField(allow_blank=True)
    owner = serializers.CharField(help_text="user name")
    visibility = serializers.ChoiceField(Visibility.choices)
    language = serializers.CharField(allow_blank=True, help_text="BCP 47")
    tags = serializers.ListField(child=serializers.CharField())
    collection = CollectionNameShape(allow_null=True)
    encrypted = serializers.BooleanField(
        help_text="whether the stored bytes can be read by this library only"
    )
    kind = serializers.ChoiceField(Video.Kind.choices)
    size = serializers.IntegerField(help_text="bytes of the film")
    sha256 = serializers.CharField(help_text="of the film's own bytes")
    piece_cid = serializers.CharField(help_text="of the bytes as stored")
    media_type = serializers.CharField()
    container = serializers.CharField(allow_blank=True)
    duration = serializers.FloatField(allow_null=True, help_text="seconds")
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    frame_rate = serializers.FloatField(allow_null=True)
    streams = serializers.ListField(child=serializers.DictField())
    state = serializers.ChoiceField(Video.State.choices)
    state_label = serializers.CharField()
    state_at = serializers.DateTimeField()
    state_reason = serializers.CharField(allow_blank=True)
    network = serializers.CharField(help_text="local, calibration, mainnet or devnet")
    copies = CopyCountsShape()
    proven_at = serializers.DateTimeField(
        allow_null=True, help_text="when the data set that was proven longest ago last was"
    )
    poster_url = serializers.CharField(allow_null=True)
    stream_url = serializers.CharField(help_text="takes ranges; needs the same sign-in")
    media_url = serializers.CharField(
        allow_null=True,
        help_text="signed: takes ranges, and needs no sign-in; null in the trash, over the "
        "websocket, and for a token that may not stream",
    )
    media_expires_at = serializers.DateTimeField(
        allow_null=True, help_text="ask again then, or when media_url answers 403 or 410"
    )
    watch_url = serializers.CharField()
    version = serializers.IntegerField(help_text="for If-Match")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class VideoDetailShape(VideoShape):
    """A film in full."""

    pieces = PieceShape(many=True)
    stages = StageShape(many=True)
    evidence = EvidenceShape(allow_null=True)


class ChangedVideoShape(VideoDetailShape):
    """A film as it is after a change."""

    notice = serializers.CharField(
        allow_blank=True, help_text="for a film stored open that is not for everybody"
    )


class ErasedShape(serializers.Serializer):
    """What is left of a film that was erased: nothing here, and this elsewhere."""

    id = serializers.CharField()
    encrypted = serializers.BooleanField(help_text="whether it had a key, which is deleted now")
    last_kit_at = serializers.DateTimeField(
        allow_null=True, help_text="when the last recovery kit was made"
    )
    in_last_kit = serializers.BooleanField(help_text="whether that kit contains the film's key")
    notice = serializers.CharField(help_text="the same, in words")


class WordsShape(serializers.Serializer):
    """A part of a snippet."""

    text = serializers.CharField(trim_whitespace=False)
    match = serializers.BooleanField(help_text="whether it was searched for")


class HitShape(serializers.Serializer):
    """Where in a film the words were found that were searched for."""

    where = serializers.ChoiceField(["title", "description", "tags", "filename", "captions"])
    words = WordsShape(many=True, help_text="the place, as text and matches in turn")
    start = serializers.FloatField(allow_null=True, help_text="of captions: seconds")
    language = serializers.CharField(allow_null=True, help_text="of captions (BCP 47)")


class FoundVideoShape(VideoShape):
    """A film in a list, and where the words of `q` are in it."""

    hit = HitShape(allow_null=True)


class VideoPageShape(serializers.Serializer):
    items = FoundVideoShape(many=True)
    next_cursor = serializers.CharField(allow_null=True)
    total = serializers.IntegerField(allow_null=True, help_text="exact; null: see more_than")
    more_than = serializers.IntegerField(
        allow_null=True, help_text="where there are too many to count: more than so many"
    )
