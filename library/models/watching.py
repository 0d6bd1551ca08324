"""What belongs to watching a film: where somebody stopped, captions, chapters."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from library.models import ids
from library.models.films import Video


class Viewing(models.Model):
    """How far somebody has got in a film. `at` is when they were there, as their device says."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="viewings"
    )
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="viewings")
    position = models.FloatField(default=0, help_text="seconds")
    finished = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)
    device = models.CharField(max_length=100, blank=True)
    hidden = models.BooleanField(
        default=False, help_text="taken off the row of films to go on with"
    )

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["user", "-at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "video"], name="viewing_once_a_person_and_film"
            ),
            models.CheckConstraint(condition=Q(position__gte=0), name="viewing_is_not_before_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.position:.0f} s of {self.video_id}"


class Caption(models.Model):
    """
    One language of words to a film, as WebVTT. Of a film that has a key they are sealed with
    it (`library.watching.sealing`); of another, `cues` are the same words to be searched.
    """

    class Kind(models.TextChoices):
        SUBTITLES = "subtitles", _("Subtitles")
        CAPTIONS = "captions", _("Captions, with sounds")
        DESCRIPTIONS = "descriptions", _("Descriptions of the picture")

    id = models.CharField(primary_key=True, max_length=24, default=ids.caption_id, editable=False)
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="captions")
    language = models.CharField(max_length=35, help_text="BCP 47")
    label = models.CharField(max_length=100)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.SUBTITLES)
    automatic = models.BooleanField(default=False, help_text="made by a program")
    vtt = models.BinaryField(help_text="WebVTT, as the film is kept: sealed with its key")
    digest = models.CharField(max_length=64, help_text="SHA-256 of what is kept")
    lines = models.PositiveIntegerField(default=0, help_text="how many cues it has")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["video", "language", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["video", "language", "kind"], name="caption_once_a_language_and_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} of {self.video_id}"


class Cue(models.Model):
    """What is said from `start` to `end`, without markup."""

    caption = models.ForeignKey(Caption, on_delete=models.CASCADE, related_name="cues")
    start = models.FloatField(help_text="seconds")
    end = models.FloatField(help_text="seconds")
    text = models.TextField()

    class Meta:
        ordering = ["caption", "start", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__gte=F("start")), name="cue_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Chapter(models.Model):
    """A part of a film; it lasts until the next one begins."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="chapters")
    start = models.FloatField(help_text="seconds")
    title = models.CharField(max_length=200)

    class Meta:
        ordering = ["video", "start"]
        constraints = [
            models.UniqueConstraint(fields=["video", "start"], name="chapter_once_a_moment"),
            models.CheckConstraint(condition=Q(start__gte=0), name="chapter_is_not_before_zero"),
        ]

    def __str__(self) -> str:
        return self.title
