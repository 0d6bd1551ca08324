"""The words of films, folded, as they are searched."""

from __future__ import annotations

from django.db import models

from library.models.films import Video


class FilmWords(models.Model):
    """
    What is said of a film, and in it, as `library.search.folding` folds it: words with one
    space between them, and one before the first and behind the last. In `captions` cues have
    a line feed between them, and `cues` has their ids in the same order. Of sealed captions
    `captions` has blinded words (`library.search.blinding`) and `cues` nothing.

    The database itself keeps an index over these columns: migration 0006 says how. A later
    migration that has SQLite make this table anew has to make the triggers anew too.
    """

    video = models.OneToOneField(Video, on_delete=models.CASCADE, related_name="words")
    title = models.TextField()
    tags = models.TextField(blank=True)
    description = models.TextField(blank=True)
    filename = models.TextField(blank=True)
    captions = models.TextField(blank=True)
    cues = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name_plural = "words of films"

    def __str__(self) -> str:
        return f"words of {self.video_id}"
