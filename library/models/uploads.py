"""A film that is still arriving."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from library.models import ids
from library.models.films import Video
from library.models.keys import FilmKey
from library.models.visibility import Visibility

if TYPE_CHECKING:
    from library.models.accounts import User


LATELY = timedelta(days=2)


def expiry() -> datetime:
    return timezone.now() + timedelta(hours=settings.UPLOAD_EXPIRES_HOURS)


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, user: User | AnonymousUser) -> UploadQuerySet:
        """An upload is its owner's affair; staff watch all of them."""
        if not user.is_authenticated:
            return self.none()
        return self.all() if user.is_staff else self.filter(owner_id=user.pk)

    def writable_by(self, user: User | AnonymousUser) -> UploadQuerySet:
        """Only the owner may add bytes: they become a film in the owner's name."""
        return self.filter(owner_id=user.pk) if user.is_authenticated else self.none()

    def for_progress(self) -> UploadQuerySet:
        """With everything that describing an upload looks at."""
        return self.select_related(
            "owner", "collection", "video__collection", "duplicate_of"
        ).prefetch_related("video__steps", "video__tags")

    def current(self) -> UploadQuerySet:
        """Unfinished ones, and those that came to an end lately and not by their owner's will."""
        lately = Q(state=Upload.State.RECEIVING) | Q(updated_at__gt=timezone.now() - LATELY)
        return self.filter(lately).exclude(state=Upload.State.CANCELLED)

    def receiving(self) -> UploadQuerySet:
        return self.filter(state=Upload.State.RECEIVING)


class Upload(models.Model):
    """
    Bytes on their way here.

    `offset` is a promise: so many bytes are on disk and will survive a power cut. It and
    `hash_state` change in one UPDATE, which also names the `writer` it is for, so that
    a connection which has been replaced can no longer move it.
    """

    class State(models.TextChoices):
        RECEIVING = "receiving", _("Receiving")
        RECEIVED = "received", _("Received")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Expired")
        REFUSED = "refused", _("Refused")

    id = models.CharField(primary_key=True, max_length=24, default=ids.upload_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVING)
    problem = models.CharField(
        max_length=500, blank=True, help_text="Why it was refused, as a sentence."
    )

    title = models.CharField(max_length=300)
    filename = models.CharField(max_length=255, blank=True)
    filetype = models.CharField(max_length=100, blank=True, help_text="as declared; never trusted")
    fingerprint = models.CharField(
        max_length=200, blank=True, help_text="how the client recognises its file again"
    )
    declared_sha256 = models.CharField(
        max_length=64, blank=True, help_text="of the whole film, where the client knew it"
    )
    visibility = models.CharField(
        max_length=10, choices=Visibility.choices, default=Visibility.PRIVATE
    )
    # What is said of the film before there is one; it outlives an upload that fails.
    description = models.TextField(blank=True, max_length=10_000)
    language = models.CharField(max_length=35, blank=True, help_text="BCP 47")
    collection = models.ForeignKey(
        "library.Collection", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    tag_names = models.JSONField(default=list, blank=True)
    place = models.BigIntegerField(default=0, help_text="in its owner's queue: lower goes first")
    paused_at = models.DateTimeField(null=True, blank=True, help_text="by its owner")

    encrypted = models.BooleanField(
        default=False, help_text="fixed when the upload begins, whatever becomes of it"
    )
    key = models.OneToOneField(
        FilmKey,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="upload",
        help_text="until the film has it",
    )
    unpromised = models.BooleanField(
        default=False, help_text="encrypted bytes may lie behind the offset"
    )

    length = models.BigIntegerField(null=True, blank=True, help_text="bytes; empty if deferred")
    offset = models.BigIntegerField(default=0, help_text="bytes that are safely here")
    reserved = models.BigIntegerField(default=0, help_text="bytes of disk set aside for it")
    piece_size = models.BigIntegerField()
    hash_state = models.BinaryField(max_length=1024, default=bytes)

    writer = models.PositiveBigIntegerField(default=0, help_text="counts the connections")
    writer_seen_at = models.DateTimeField(
        null=True, blank=True, help_text="when the current writer last received bytes"
    )
    speed = models.FloatField(default=0, help_text="bytes a second, over the last seconds")

    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now, db_index=True)
    expires_at = models.DateTimeField(default=expiry)

    video = models.OneToOneField(
        Video, null=True, blank=True, on_delete=models.SET_NULL, related_name="upload"
    )
    duplicate_of = models.ForeignKey(
        Video, null=True, blank=True, on_delete=models.SET_NULL, related_name="duplicates"
    )

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(offset__gte=0), name="upload_offset_not_negative"),
            models.CheckConstraint(
                condition=Q(length=None) | Q(length__gte=F("offset")),
                name="upload_never_exceeds_its_length",
            ),
            models.CheckConstraint(
                condition=~Q(state="received") | Q(length=F("offset")),
                name="upload_received_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["receiving", "received", "cancelled", "expired", "refused"]),
                name="upload_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(reserved__gte=0), name="upload_reserves_no_negative_space"
            ),
            models.CheckConstraint(
                condition=~Q(state="receiving", encrypted=True) | Q(key__isnull=False),
                name="upload_encrypted_has_a_key",
            ),
            models.CheckConstraint(
                condition=Q(encrypted=True) | Q(key=None), name="upload_open_has_no_key"
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.filename or self.id

    @property
    def is_complete(self) -> bool:
        return self.length is not None and self.offset == self.length
