"""Playlists over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import prefetch_related_objects
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from library.api import etags, paging, versions
from library.api.bodies import Body, Ids
from library.api.catalogue import CURSOR, IF_MATCH, LIMIT, person
from library.api.described import answers
from library.api.scoped import FILMS
from library.api.view import ApiView
from library.catalogue import playing, playlists, telling
from library.errors import Invalid, NotAllowed, NotFound
from library.models import Playlist, Visibility
from library.models.catalogue import PlaylistQuerySet
from library.shapes import (
    AddedShape,
    MovedShape,
    PlaylistDetailShape,
    PlaylistPageShape,
    PlaylistShape,
)

MOST_AT_ONCE = 1_000
Q = OpenApiParameter("q", str, description="a part of the title")
MINE = OpenApiParameter("mine", str, enum=["yes"], description="only those you may change")


class NewPlaylistBody(Body):
    title = serializers.CharField(max_length=1000)
    note = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    visibility = serializers.ChoiceField(Visibility.choices, required=False)


class PlaylistBody(Body):
    """What can be changed; what is left out stays."""

    title = serializers.CharField(required=False, max_length=1000)
    note = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    visibility = serializers.ChoiceField(Visibility.choices, required=False)


class FilmsBody(Body):
    videos = Ids(max_length=MOST_AT_ONCE, help_text="ids of films, in this order")
    position = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=2**31 - 1,
        help_text="of the first of them; left out: the end",
    )


class PlaceBody(Body):
    position = serializers.IntegerField(min_value=1, max_value=2**31 - 1, help_text="from 1")


class OrderBody(Body):
    videos = Ids(max_length=playlists.MOST, help_text="all films of the playlist, each once")


class PlaylistList(ApiView):
    """Yours, and those of others that you may see, the newest first."""

    permission_classes = (IsAuthenticatedOrReadOnly,)
    scopes = FILMS

    @extend_schema(
        operation_id="playlists_list",
        summary="Playlists you may see",
        parameters=[Q, MINE, LIMIT, CURSOR],
        responses=answers(PlaylistPageShape, 400, 401),
    )
    def get(self, request: Request) -> Response:
        rows, query = _seen(request), request.query_params.get("q", "")
        if "\x00" in query:
            raise Invalid("There is no such character in any title.", field="q")
        if query:
            rows = rows.filter(title__icontains=query)
        if (mine := request.query_params.get("mine")) is not None:
            if mine != "yes":
                raise Invalid("mine is yes, or left out.", field="mine")
            rows = rows & Playlist.objects.changeable_by(request.user)
        found, cursor = paging.page(request, rows)
        items = [telling.playlist(one, request.user) for one in found]
        body = {"items": items, "next_cursor": cursor}
        return Response(body, headers=paging.link(request, cursor))

    @extend_schema(
        operation_id="playlists_create",
        summary="Make a playlist",
        request=NewPlaylistBody,
        responses=answers(PlaylistShape, 400, 401, status=201),
    )
    def post(self, request: Request) -> Response:
        made = playlists.create(person(request), **NewPlaylistBody.of(request))
        return _told(request, made.pk, status=201)


class PlaylistDetail(ApiView):
    permission_classes = (IsAuthenticatedOrReadOnly,)
    scopes = FILMS

    @extend_schema(
        operation_id="playlists_detail",
        summary="One playlist, with its films in order",
        parameters=[LIMIT, CURSOR],
        responses=answers(PlaylistDetailShape, 400, 401, 404),
    )
    def get(self, request: Request, playlist_id: str) -> Response:
        found = _found(request, playlist_id)
        limit, after = paging.limit(request), _after(request)
        entries = playing.entries(found, request.user)
        shown = entries[after : after + limit]
        films = [entry.video for entry in shown if entry.video is not None]
        prefetch_related_objects(films, "tags", "collection")
        cursor = str(after + limit) if after + limit < len(entries) else None
        body = {
            **telling.playlist(found, request.user),
            "items": [telling.item(entry) for entry in shown],
            "next_cursor": cursor,
        }
        response = Response(body, headers=paging.link(request, cursor))
        return etags.versioned(response, found.version)

    @extend_schema(
        operation_id="playlists_change",
        summary="Change a playlist's title, note, or who may see it",
        parameters=[IF_MATCH],
        request=PlaylistBody,
        responses=answers(PlaylistShape, 400, 401, 403, 404, 412, 428),
    )
    def patch(self, request: Request, playlist_id: str) -> Response:
        playlist = _changeable(request, playlist_id)
        expected, given = versions.expected(request), PlaylistBody.of(request)
        playlists.change(playlist, expected=expected, **given)
        return _told(request, playlist_id)

    @extend_schema(
        operation_id="playlists_delete",
        summary="Delete a playlist; its films stay",
        parameters=[IF_MATCH],
        responses=answers(None, 400, 401, 403, 404, 412, 428),
    )
    def delete(self, request: Request, playlist_id: str) -> Response:
        playlist = _changeable(request, playlist_id)
        playlists.delete(playlist, expected=versions.expected(request))
        return Response(status=204)


class PlaylistRestore(ApiView):
    scopes = FILMS

    @extend_schema(
        operation_id="playlists_restore",
        summary="Take back that a playlist was deleted",
        description="For a while after it was; its films are those that are still there.",
        request=None,
        responses=answers(PlaylistShape, 401, 404),
    )
    def post(self, request: Request, playlist_id: str) -> Response:
        mine = Playlist.objects.changeable_by(request.user).filter(pk=playlist_id)
        deleted = Playlist.objects.restorable_by(request.user).filter(pk=playlist_id).first()
        if deleted is not None:
            playlists.restore(deleted)
        elif not mine.exists():
            raise NotFound(playlists.NOT_THERE)
        return _told(request, playlist_id)


class PlaylistItems(ApiView):
    scopes = FILMS

    @extend_schema(
        operation_id="playlists_add",
        summary="Add films to a playlist",
        description="A film is in a playlist once: one that is there already stays in its place.",
        request=FilmsBody,
        responses=answers(AddedShape, 400, 401, 403, 404),
    )
    def post(self, request: Request, playlist_id: str) -> Response:
        playlist, given = _changeable(request, playlist_id), FilmsBody.of(request)
        added = playlists.add(
            playlist, given["videos"], person(request), position=given.get("position")
        )
        return _told(request, playlist_id, added=added)


class PlaylistPlace(ApiView):
    scopes = FILMS

    @extend_schema(
        operation_id="playlists_move",
        summary="Move a film of a playlist to another place",
        request=PlaceBody,
        responses=answers(MovedShape, 400, 401, 403, 404),
    )
    def patch(self, request: Request, playlist_id: str, video_id: str) -> Response:
        playlist, given = _changeable(request, playlist_id), PlaceBody.of(request)
        position = playlists.move(playlist, video_id, given["position"])
        playlist.refresh_from_db(fields=["version"])
        body = {"position": position, "version": playlist.version}
        return etags.versioned(Response(body), playlist.version)

    @extend_schema(
        operation_id="playlists_remove",
        summary="Take a film out of a playlist",
        responses=answers(None, 401, 403, 404),
    )
    def delete(self, request: Request, playlist_id: str, video_id: str) -> Response:
        if not playlists.remove(_changeable(request, playlist_id), video_id):
            raise NotFound(playlists.NOT_IN_IT)
        return Response(status=204)


class PlaylistOrder(ApiView):
    scopes = FILMS

    @extend_schema(
        operation_id="playlists_order",
        summary="Put all films of a playlist in another order",
        request=OrderBody,
        responses=answers(PlaylistShape, 400, 401, 403, 404, 409, 412),
    )
    def put(self, request: Request, playlist_id: str) -> Response:
        playlist, given = _changeable(request, playlist_id), OrderBody.of(request)
        expected = versions.expected_if_said(request)
        playlists.reorder(playlist, given["videos"], expected=expected)
        return _told(request, playlist_id)


def _seen(request: Request) -> PlaylistQuerySet:
    rows = Playlist.objects.visible_to(request.user).counted_for(request.user)
    return rows.select_related("owner")


def _found(request: Request, playlist_id: str) -> Playlist:
    found = _seen(request).filter(pk=playlist_id).first()
    if found is None:
        raise NotFound(playlists.NOT_THERE)
    return found


def _told(request: Request, playlist_id: str, status: int = 200, **more: Any) -> Response:
    found = _found(request, playlist_id)
    body = telling.playlist(found, request.user) | more
    headers = {"Location": f"{request.path}{found.pk}/"} if status == 201 else None
    return etags.versioned(Response(body, status=status, headers=headers), found.version)


def _changeable(request: Request, playlist_id: str) -> Playlist:
    """One that the asker sees and may change."""
    found = Playlist.objects.visible_to(request.user).filter(pk=playlist_id).first()
    if found is None:
        raise NotFound(playlists.NOT_THERE)
    if not Playlist.objects.changeable_by(request.user).filter(pk=found.pk).exists():
        raise NotAllowed("This playlist is somebody else's: you may play it, not change it.")
    return found


def _after(request: Request) -> int:
    given = request.query_params.get("cursor", "0")
    if not (given.isascii() and given.isdecimal() and len(given) <= 6):
        raise Invalid("This cursor is none of ours.", field="cursor")
    return int(given)
