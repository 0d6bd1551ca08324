"""A film in another quality: asked for, then made, then a film of its own beside the original."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from library.models.films import Video


class Rendition(models.Model):
    """
    A quality that somebody asked for. `film` is empty until it is made whole; `problem` says
    why it cannot be.
    """

    class Quality(models.IntegerChoices):
        FULL_HD = 1080, "1080p"
        HD = 720, "720p"
        SD = 480, "480p"
        SMALL = 240, "240p"

    original = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="renditions")
    quality = models.PositiveSmallIntegerField(choices=Quality.choices)
    film = models.OneToOneField(
        Video, null=True, blank=True, on_delete=models.CASCADE, related_name="as_rendition"
    )
    index = models.JSONField(
        null=True,
        blank=True,
        help_text="how it begins, and where its fragments lie",
    )
    problem = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["original", "-quality"]
        verbose_name = _("rendition")
        constraints = [
            models.UniqueConstraint(
                fields=["original", "quality"], name="rendition_once_a_film_and_quality"
            ),
            models.CheckConstraint(
                condition=Q(film=None) | Q(index__isnull=False), name="rendition_made_has_an_index"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.original_id} {self.get_quality_display()}"
