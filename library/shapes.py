"""The shapes of what the API says, for its description; a test holds them to what is said."""

from __future__ import annotations

from rest_framework import serializers

from library.models import Addition, Copy, Step, Upload, Video, Visibility


class StageShape(serializers.Serializer):
    name = serializers.ChoiceField(
        ["receive", "check", "store", "commit", "verify", "prove", "encrypt"]
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


class VideoShape(serializers.Serializer):
    """A film in a list."""

    id = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    filename = serializers.CharField(allow_blank=True)
    owner = serializers.CharField(help_text="user name")
    visibility = serializers.ChoiceField(Visibility.choices)
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
    media_url = serializers.CharField(allow_null=True, help_text="null until it can be signed")
    watch_url = serializers.CharField()
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


class VideoPageShape(serializers.Serializer):
    items = VideoShape(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class DuplicateShape(serializers.Serializer):
    id = serializers.CharField()
    title = serializers.CharField()
    url = serializers.CharField()


class UploadShape(serializers.Serializer):
    id = serializers.CharField()
    url = serializers.CharField()
    state = serializers.ChoiceField(Upload.State.choices)
    problem = serializers.CharField(allow_blank=True, help_text="why it was refused")
    title = serializers.CharField()
    filename = serializers.CharField(allow_blank=True)
    filetype = serializers.CharField(allow_blank=True)
    fingerprint = serializers.CharField(allow_blank=True)
    visibility = serializers.ChoiceField(Visibility.choices)
    encrypted = serializers.BooleanField(
        help_text="of the film, once there is one; else fixed when the upload began"
    )
    offset = serializers.IntegerField(help_text="bytes that are safely here")
    length = serializers.IntegerField(allow_null=True, help_text="bytes")
    speed = serializers.IntegerField(help_text="bytes a second")
    time_left = serializers.IntegerField(allow_null=True, help_text="seconds")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    video = serializers.CharField(allow_null=True, help_text="the film, from the last byte on")
    watch_url = serializers.CharField(allow_null=True)
    duplicate = DuplicateShape(allow_null=True)
    stages = StageShape(many=True)


class UploadListShape(serializers.Serializer):
    items = UploadShape(many=True)


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


class QuotedFilmShape(serializers.Serializer):
    size = serializers.IntegerField(help_text="bytes")
    per_month = serializers.CharField(allow_null=True, help_text="with all its copies")


class QuoteShape(serializers.Serializer):
    """Amounts are decimal texts of `currency`, null where the chain was not heard yet."""

    currency = serializers.CharField()
    copies = serializers.IntegerField()
    per_month = serializers.CharField(allow_null=True)
    one_time = serializers.CharField(allow_null=True)
    locked = serializers.CharField(allow_null=True, help_text="while the films are stored")
    deposit = serializers.CharField(allow_null=True, help_text="what has to be added first")
    runway_days_before = serializers.IntegerField(allow_null=True)
    runway_days_after = serializers.IntegerField(allow_null=True)
    ready = serializers.BooleanField()
    problem = serializers.ChoiceField(
        ["", "deposit", "approve", "raise limit", "renew key", "reach chain"]
    )
    sentence = serializers.CharField(help_text="the same in words")
    action = serializers.CharField(allow_blank=True, help_text="what the owner should do")
    read_at = serializers.DateTimeField(allow_null=True, help_text="how old the figures are")
    films = QuotedFilmShape(many=True)


class AccessShape(serializers.Serializer):
    address = serializers.CharField(allow_blank=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    days = serializers.IntegerField(allow_null=True)
    may = serializers.ListField(child=serializers.CharField())
    may_not = serializers.ListField(child=serializers.CharField())
    problem = serializers.CharField(allow_blank=True)


class FundsShape(serializers.Serializer):
    """Amounts are decimal texts of `currency`."""

    network = serializers.CharField()
    owner = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(["watching", "unread", "healthy", "low", "deficit"])
    currency = serializers.CharField()
    balance = serializers.CharField()
    available = serializers.CharField()
    locked = serializers.CharField()
    debt = serializers.CharField()
    per_month = serializers.CharField(help_text="what is being spent")
    act_within_days = serializers.IntegerField(allow_null=True, help_text="null: no end")
    act_within_at = serializers.DateTimeField(allow_null=True)
    prepaid_days = serializers.IntegerField(allow_null=True)
    prepaid_at = serializers.DateTimeField(allow_null=True)
    read_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField(allow_blank=True, help_text="of the latest reading")
    notices = serializers.ListField(child=serializers.CharField())
    access = AccessShape(allow_null=True)


class CertificateShape(serializers.Serializer):
    """docs/check_certificate.py checks one."""

    format = serializers.CharField()
    made_at = serializers.DateTimeField()
    film = serializers.DictField()
    state = serializers.DictField()
    network = serializers.DictField()
    pieces = serializers.ListField(child=serializers.DictField())


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
    code = serializers.CharField()
    errors = FieldErrorShape(many=True, required=False)  # type: ignore[assignment]
    retry_after = serializers.IntegerField(required=False, help_text="seconds")
