"""The pieces that films are cut into, and the copies that are kept of them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from library.admin.facts import Facts, FactsInline, counted, link, link_to_list, linked, sized
from library.models import Copy, Piece


class CopyInline(FactsInline):
    model = Copy
    fields = ("provider", "state", "stored_at", "verified_at", "fault")


@admin.register(Piece)
class PieceAdmin(Facts):
    list_display = (
        "piece_cid",
        linked("video", "film"),
        "index",
        sized("offset"),
        sized("size"),
        "copies",
    )
    list_select_related = ("video",)
    search_fields = ("=piece_cid", "=video__id", "video__title")
    fields = ("video", "index", "piece_cid", "offset", "size")
    inlines = (CopyInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Piece]:
        return super().get_queryset(request).annotate(copy_count=counted(Copy, "piece"))

    @admin.display(ordering="copy_count")
    def copies(self, piece: Any) -> SafeString:
        return link_to_list(Copy, piece.copy_count, piece__id__exact=piece.pk)


@admin.register(Copy)
class CopyAdmin(Facts):
    list_display = (
        *("provider", linked("piece"), "film", "state"),
        *("stored_at", "verified_at", "fault"),
    )
    list_filter = (
        "provider",
        "state",
        ("fault", admin.EmptyFieldListFilter),
        ("verified_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("piece__video", "holder")
    search_fields = ("=piece__piece_cid", "=piece__video__id", "piece__video__title", "fault")
    date_hierarchy = "stored_at"
    fields = (
        *("piece", "film", "provider", "state", "holder", "data_set", "number", "addition"),
        *("stored_at", "parked_at", "verified_at", "fault"),
    )

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        return lookup in {"piece__video", "holder__id__exact"} or super().lookup_allowed(
            lookup, value, request
        )

    @admin.display(ordering="piece__video")
    def film(self, copy: Copy) -> SafeString | None:
        return link(copy.piece.video)
