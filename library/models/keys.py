"""The keys of films that are stored encrypted, and what is remembered of their backups."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from library.models import ids


def whole() -> list[list[int]]:
    """The parts of a key that no writer has had to leave."""
    return [[0, 0]]


class FilmKey(models.Model):
    """
    The key of one film, as the library key wraps it; one more is for searching.

    It belongs to an upload, and from the last byte on to the film. Without this row the
    stored bytes are noise for ever: deleting it is how a film is erased.
    """

    id = models.CharField(primary_key=True, max_length=24, default=ids.key_id, editable=False)
    wrapped = models.BinaryField(max_length=200)
    library_key = models.CharField(
        max_length=16, db_index=True, help_text="which library key wraps it"
    )
    parts = models.JSONField(
        default=whole, help_text="[first byte, epoch] pairs: see library/encryption.py"
    )
    created_at = models.DateTimeField(default=timezone.now)
    wrapped_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.id


class SearchKey(models.Model):
    """
    Which key blinds the words of sealed captions: one row, made when it is first needed. It is
    kept among the films' keys, so that whatever wraps those anew wraps it as well.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    key = models.OneToOneField(FilmKey, on_delete=models.PROTECT, related_name="search")

    def __str__(self) -> str:
        return f"search by {self.key_id}"


class RecoveryKit(models.Model):
    """A recovery kit that was made and found to be good; what is in it is in its file."""

    made_at = models.DateTimeField(default=timezone.now, db_index=True)
    library_key = models.CharField(max_length=16)
    films = models.PositiveIntegerField(help_text="how many film keys it holds")

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"kit of {self.made_at:%Y-%m-%d %H:%M} with {self.films} keys"
