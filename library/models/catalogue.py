"""How people order films: tags, collections, playlists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Count, Max, Q, Sum
from django.utils import timezone

from library.models import ids
from library.models.visibility import Visibility

if TYPE_CHECKING:
    from library.models.accounts import User


class TagQuerySet(models.QuerySet["Tag"]):
    def seen_by(self, user: User | AnonymousUser) -> TagQuerySet:
        """Those of films that `user` may see, each with `films`: how many."""
        return self.filter(videos__in=_films_seen_by(user)).annotate(films=Count("videos"))


class Tag(models.Model):
    """A word that films share. Two words that differ in case or accents only are one tag."""

    name = models.CharField(max_length=50, help_text="as it was first written")
    key = models.CharField(max_length=50, unique=True, help_text="what makes two names one tag")

    objects = TagQuerySet.as_manager()

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name


class CollectionQuerySet(models.QuerySet["Collection"]):
    def visible_to(self, user: User | AnonymousUser) -> CollectionQuerySet:
        """Those with a film that `user` may see, and their own; staff see all."""
        if not user.is_authenticated:
            return self.filter(pk__in=_of_seen_films(user))
        if user.is_staff:
            return self.all()
        return self.filter(Q(owner_id=user.pk) | Q(pk__in=_of_seen_films(user)))

    def changeable_by(self, user: User | AnonymousUser) -> CollectionQuerySet:
        if not user.is_authenticated:
            return self.none()
        return self.all() if user.is_staff else self.filter(owner_id=user.pk)

    def counted_for(self, user: User | AnonymousUser) -> CollectionQuerySet:
        """With `films`: how many of its films `user` may see."""
        seen = Q(videos__in=_films_seen_by(user))
        return self.annotate(films=Count("videos", filter=seen))


def _films_seen_by(user: User | AnonymousUser) -> Any:
    videos = apps.get_model("library", "Video").objects
    return videos.visible_to(user).order_by().values("pk")


def _of_seen_films(user: User | AnonymousUser) -> Any:
    videos = apps.get_model("library", "Video").objects
    return videos.visible_to(user).exclude(collection=None).order_by().values("collection")


class Collection(models.Model):
    """Films that belong together; each film is in one of them at most."""

    id = models.CharField(
        primary_key=True, max_length=24, default=ids.collection_id, editable=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="collections"
    )
    name = models.CharField(max_length=100)
    key = models.CharField(max_length=100, help_text="what makes two names one")
    note = models.TextField(blank=True, max_length=2_000)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CollectionQuerySet.as_manager()

    class Meta:
        ordering = ["key", "pk"]
        constraints = [
            # Two people may have a collection of the same name: neither need know of the other's.
            models.UniqueConstraint(fields=["owner", "key"], name="collection_once_an_owner"),
        ]

    def __str__(self) -> str:
        return self.name


class PlaylistQuerySet(models.QuerySet["Playlist"]):
    def visible_to(self, user: User | AnonymousUser) -> PlaylistQuerySet:
        """Who sees a playlist sees of its films only those that they may see anyway."""
        there = self.filter(deleted_at=None)
        if user.is_authenticated and user.is_staff:
            return there
        seen = Q(visibility=Visibility.PUBLIC)
        if user.is_authenticated:
            seen |= Q(visibility=Visibility.MEMBERS) | Q(owner_id=user.pk)
        return there.filter(seen)

    def changeable_by(self, user: User | AnonymousUser) -> PlaylistQuerySet:
        return self._of(user).filter(deleted_at=None)

    def restorable_by(self, user: User | AnonymousUser) -> PlaylistQuerySet:
        """Those that were deleted a moment ago."""
        return self._of(user).exclude(deleted_at=None)

    def _of(self, user: User | AnonymousUser) -> PlaylistQuerySet:
        if not user.is_authenticated:
            return self.none()
        return self.all() if user.is_staff else self.filter(owner_id=user.pk)

    def counted_for(self, user: User | AnonymousUser) -> PlaylistQuerySet:
        """With `films` and `seconds`: of its films that `user` may see."""
        seen = Q(items__video__in=_films_seen_by(user))
        return self.annotate(
            films=Count("items", filter=seen), seconds=Sum("items__video__duration", filter=seen)
        )

    def with_gaps(self) -> PlaylistQuerySet:
        """Those whose last place is not as high as they have films."""
        return self.annotate(most=Max("items__position"), held=Count("items")).filter(
            most__gt=models.F("held")
        )


class Playlist(models.Model):
    """Films in an order that somebody chose. `version` counts its changes."""

    id = models.CharField(primary_key=True, max_length=24, default=ids.playlist_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="playlists"
    )
    title = models.CharField(max_length=200)
    note = models.TextField(blank=True, max_length=2_000)
    visibility = models.CharField(
        max_length=10, choices=Visibility.choices, default=Visibility.PRIVATE
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(
        null=True, blank=True, db_index=True, help_text="kept for a while, to be taken back"
    )

    objects = PlaylistQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(visibility__in=Visibility.values), name="playlist_visibility_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PlaylistItem(models.Model):
    """
    A film at its place in a playlist. Places count from 1 without gaps; while they are being
    exchanged two items may have the same, so nothing in the database forbids it.
    """

    playlist = models.ForeignKey(Playlist, on_delete=models.CASCADE, related_name="items")
    video = models.ForeignKey(
        "library.Video", on_delete=models.CASCADE, related_name="playlist_items"
    )
    position = models.PositiveIntegerField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["playlist", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["playlist", "video"], name="playlist_has_a_film_once"),
        ]

    def __str__(self) -> str:
        return f"{self.position} of {self.playlist_id}"
