"""A film, the pieces it is cut into, and the copies that are kept of them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from library.models import ids
from library.models.cids import CidTail
from library.models.keys import FilmKey
from library.models.visibility import Visibility

if TYPE_CHECKING:
    from library.models.accounts import User


class VideoQuerySet(models.QuerySet["Video"]):
    def visible_to(self, user: User | AnonymousUser) -> VideoQuerySet:
        """The one answer to "may they see it?", shared by pages, API, player and events."""
        return self.filter(rendition_of=None, trashed_at=None).filter(seen_by(user))

    def playable_by(self, user: User | AnonymousUser) -> VideoQuerySet:
        """The same for bytes: a rendition is given to whoever may see its original."""
        films = Q(rendition_of=None) & seen_by(user)
        of_films = Q(rendition_of__isnull=False, rendition_of__trashed_at=None)
        seen = films | (of_films & seen_by(user, "rendition_of__"))
        return self.filter(seen, trashed_at=None)

    def for_lists(self) -> VideoQuerySet:
        """With what describing a film in a list looks at."""
        return self.select_related("owner", "collection").prefetch_related("tags").with_proof()

    def for_cards(self) -> VideoQuerySet:
        """With what a card of the library page shows."""
        captions = apps.get_model("library", "Caption").objects.filter(video=OuterRef("pk"))
        return (
            self.select_related("owner", "collection")
            .with_proof()
            .annotate(captioned=Exists(captions))
        )

    def with_proof(self) -> VideoQuerySet:
        """With `proven_at`: when the data set that was proven longest ago last was."""
        sets = apps.get_model("library", "DataSet").objects.filter(
            copies__piece__video=OuterRef("pk"), copies__state=Copy.State.COMMITTED
        )
        oldest = sets.order_by("last_proven_at").values("last_proven_at")[:1]
        return self.annotate(proven_at=Subquery(oldest))

    def for_details(self) -> VideoQuerySet:
        """With what describing a film in full looks at."""
        copies = Prefetch(
            "pieces__copies",
            queryset=Copy.objects.select_related("holder", "addition", "data_set__provider"),
        )
        return self.for_lists().prefetch_related(copies, "steps")

    def changeable_by(self, user: User | AnonymousUser) -> VideoQuerySet:
        """The films whose words, visibility and place `user` may change; trashed ones too."""
        films = self.filter(rendition_of=None)
        if user.is_authenticated and user.is_staff:
            return films
        return films.filter(owner_id=user.pk) if user.is_authenticated else self.none()

    def holding(self, cid: str) -> VideoQuerySet:
        """Films that have this PieceCID themselves, or a piece that has."""
        return self.filter(Q(piece_cid=cid) | Q(pieces__piece_cid=cid)).distinct()


def seen_by(user: User | AnonymousUser, prefix: str = "") -> Q:
    """The rule behind `visible_to`; `prefix` lets rows that point at a film ask it too."""
    if user.is_authenticated and user.is_staff:
        return Q(**{f"{prefix}pk__isnull": False})
    seen = Q(**{f"{prefix}visibility": Visibility.PUBLIC})
    if user.is_authenticated:
        seen |= Q(**{f"{prefix}visibility": Visibility.MEMBERS})
        seen |= Q(**{f"{prefix}owner_id": user.pk})
    return seen


def is_seen_by(video: Video, user: User | AnonymousUser) -> bool:
    """The same rule, asked of a row that is here; `visible_to` leaves out the trash, too."""
    if video.trashed_at is not None:
        return False
    if video.rendition_of is not None:
        return is_seen_by(video.rendition_of, user)
    if (user.is_authenticated and user.is_staff) or video.visibility == Visibility.PUBLIC:
        return True
    return user.is_authenticated and (
        video.visibility == Visibility.MEMBERS or video.owner_id == user.pk
    )


class Video(models.Model):
    """
    A film whose bytes have all been received (or, where the setting allows it, a file).

    `size` and `sha256` are of the film's own bytes, `piece_cid` of the bytes as stored.
    """

    class State(models.TextChoices):
        """The five words for the state of a film; there are no others."""

        RECEIVED = "received", _("Received")
        STORED = "stored", _("Stored")
        COMMITTED = "committed", _("Committed")
        PROVEN = "proven", _("Proven")
        AT_RISK = "at_risk", _("At risk")

    class Kind(models.TextChoices):
        UNKNOWN = "unknown", _("Not checked yet")
        FILM = "film", _("Film")
        FILE = "file", _("Plain file")

    id = models.CharField(primary_key=True, max_length=24, default=ids.video_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="videos"
    )
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True, max_length=10_000)
    filename = models.CharField(max_length=255, blank=True)
    visibility = models.CharField(
        max_length=10, choices=Visibility.choices, default=Visibility.PRIVATE
    )

    size = models.BigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64, db_index=True)
    piece_cid = models.CharField(max_length=100, db_index=True)
    key = models.OneToOneField(
        FilmKey,
        null=True,
        blank=True,
        # Without its key a film is lost: nothing takes a key away but who lets the film go.
        on_delete=models.PROTECT,
        related_name="video",
        help_text="empty for a film that is stored open",
    )
    staging = models.CharField(
        max_length=24,
        blank=True,
        help_text="The folder of the staged pieces; empty when they are no longer needed.",
    )

    rendition_of = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        # Its copies and its key have to be let go of, too: whoever erases a film does it.
        on_delete=models.PROTECT,
        related_name="rendered",
        help_text="the film that this is another quality of; empty for a film",
    )

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.UNKNOWN)
    media_type = models.CharField(max_length=100, default="application/octet-stream")
    container = models.CharField(max_length=100, blank=True)
    duration = models.FloatField(null=True, blank=True, help_text="seconds")
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    frame_rate = models.FloatField(null=True, blank=True)
    streams = models.JSONField(default=list, blank=True)
    has_poster = models.BooleanField(default=False)
    poster_at = models.FloatField(null=True, blank=True, help_text="seconds; empty: chosen by us")
    storyboard = models.JSONField(
        null=True, blank=True, help_text="how its small pictures lie in their sheet"
    )

    language = models.CharField(max_length=35, blank=True, help_text="BCP 47")
    collection = models.ForeignKey(
        "library.Collection",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="videos",
    )
    tags = models.ManyToManyField("library.Tag", blank=True, related_name="videos")
    version = models.PositiveIntegerField(
        default=1, help_text="counts what people changed of what is said of it"
    )

    network = models.CharField(
        max_length=20, default="local", help_text="where its pieces are stored"
    )
    wanted_copies = models.PositiveSmallIntegerField(default=1)
    # Of its scarcest piece, with providers; as `library.network.states` last found them.
    held_copies = models.PositiveSmallIntegerField(default=0)
    committed_copies = models.PositiveSmallIntegerField(default=0)
    committed_at = models.DateTimeField(
        null=True, blank=True, help_text="when first as many copies as wanted were on chain"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    state_at = models.DateTimeField(default=timezone.now)
    state_reason = models.CharField(max_length=500, blank=True)

    patrolled_at = models.DateTimeField(
        null=True, blank=True, help_text="when some of its blocks on this machine were last read"
    )
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    updated_at = models.DateTimeField(auto_now=True)
    trashed_at = models.DateTimeField(null=True, blank=True, db_index=True)

    objects = VideoQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"]),
            models.Index(CidTail("piece_cid"), name="video_by_the_end_of_its_cid"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(size__gte=0), name="video_size_is_not_negative"),
            models.CheckConstraint(
                condition=Q(visibility__in=Visibility.values), name="video_visibility_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["received", "stored", "committed", "proven", "at_risk"]),
                name="video_state_is_one_of_five_words",
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="video_sha256_is_hex"
            ),
            models.CheckConstraint(
                condition=Q(piece_cid__startswith="bafkzcib"), name="video_has_a_piece_cid_v2"
            ),
            models.CheckConstraint(
                condition=~Q(state="received") | ~Q(staging="") | Q(size=0),
                name="video_received_has_staged_bytes",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_encrypted(self) -> bool:
        """Whether its bytes as stored can be read with its key only."""
        return self.key_id is not None

    @property
    def is_local(self) -> bool:
        """Whether its pieces are in this machine's folder, and not with providers."""
        return self.network == Copy.LOCAL

    @property
    def state_words(self) -> str:
        """The word for its state; with how many hold it, where that is the news."""
        word = str(self.get_state_display())
        if self.state == self.State.STORED and not self.is_local:
            return f"{word} {self.held_copies} of {self.wanted_copies}"
        return word

    @property
    def is_film(self) -> bool:
        return self.kind == self.Kind.FILM

    def advance(self, before: State, after: State, reason: str = "") -> bool:
        """
        Move from `before` to `after`; False when somebody else moved it first.

        The WHERE clause is the lock, so this holds on every database and for any
        number of workers.
        """
        now: datetime = timezone.now()
        moved = Video.objects.filter(pk=self.pk, state=before).update(
            state=after, state_at=now, state_reason=reason
        )
        if moved:
            self.state, self.state_at, self.state_reason = after, now, reason
        return bool(moved)


class Piece(models.Model):
    """
    A part of a film as a provider holds it.

    `size` is the length of its bytes in the film. Where that is under 127, the CID is of
    the bytes filled up with zeros to 127, because no provider takes less.
    """

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="pieces")
    index = models.PositiveIntegerField()
    offset = models.BigIntegerField(help_text="bytes from the beginning of the film")
    size = models.BigIntegerField(help_text="bytes")
    piece_cid = models.CharField(max_length=100, db_index=True)

    class Meta:
        ordering = ["video", "index"]
        indexes = [models.Index(CidTail("piece_cid"), name="piece_by_the_end_of_its_cid")]
        constraints = [
            models.UniqueConstraint(fields=["video", "index"], name="piece_index_once_a_video"),
            models.CheckConstraint(condition=Q(size__gt=0), name="piece_is_not_empty"),
            models.CheckConstraint(condition=Q(offset__gte=0), name="piece_offset_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.video_id} piece {self.index}"


class Copy(models.Model):
    """
    A piece as one provider holds it. On the `local` network the provider is a folder.

    What matters is written down before it is used: the upload session before a byte goes
    into it, the addition before it is signed, the piece's id before the film is Committed.
    """

    LOCAL = "local"

    class State(models.TextChoices):
        WANTED = "wanted", _("Wanted")  # the provider was chosen; it does not have the piece yet
        STORED = "stored", _("Stored")  # it has the piece; nothing keeps it from forgetting it
        COMMITTING = "committing", _("Committing")  # in an addition that is under way
        COMMITTED = "committed", _("Committed")  # in the data set, on chain
        # Its provider is silent or its data set ending: read from, not counted on.
        DOUBTED = "doubted", _("In doubt")
        LOST = "lost", _("Lost")  # it does not have it any more, or has something else
        LEAVING = "leaving", _("Leaving")  # its removal was asked for
        GONE = "gone", _("Gone")

    piece = models.ForeignKey(Piece, on_delete=models.CASCADE, related_name="copies")
    provider = models.CharField(max_length=100, default=LOCAL)
    holder = models.ForeignKey(
        "library.Provider",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="copies",
        help_text="empty for this machine's own folder",
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.STORED)
    session = models.CharField(max_length=64, blank=True, help_text="of the upload under way")
    pull_nonce = models.CharField(max_length=78, blank=True)
    addition = models.ForeignKey(
        "library.Addition",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="copies",
    )
    data_set = models.ForeignKey(
        "library.DataSet", null=True, blank=True, on_delete=models.PROTECT, related_name="copies"
    )
    number = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="the id of the piece in its data set"
    )
    # Of a piece that was found on chain: its transaction is not known, but it was there then.
    found_epoch = models.BigIntegerField(null=True, blank=True)
    stored_at = models.DateTimeField(default=timezone.now)
    parked_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["piece", "provider"]
        verbose_name_plural = _("copies")
        indexes = [models.Index(fields=["holder", "state"])]
        constraints = [
            models.UniqueConstraint(
                fields=["piece", "provider"], name="copy_once_a_piece_and_provider"
            ),
            models.CheckConstraint(
                condition=Q(verified_at=None) | Q(verified_at__gte=F("stored_at")),
                name="copy_is_verified_after_it_is_stored",
            ),
            models.CheckConstraint(
                condition=~Q(state="committed") | Q(data_set__isnull=False, number__isnull=False),
                name="copy_committed_is_in_a_data_set",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.piece} at {self.provider}"
