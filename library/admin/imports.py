"""Imports: films that are fetched from where their PieceCIDs may be read. To look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as lazily

from library.admin import advice
from library.admin.facts import Facts, linked, until
from library.models import Import
from library.templatetags import words


@admin.register(Import)
class ImportAdmin(Facts):
    nothing = lazily("No import"), lazily("Films that are fetched by their PieceCID show up here.")
    refreshed_every = 5
    list_display = (
        *("__str__", linked("owner"), "how_it_is", linked("upload"), "attempts", "next_try"),
        *("age", "worker"),
    )
    list_filter = ("state", ("owner", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("owner", "upload")
    search_fields = ("=id", "owner__username", "upload__title", "error")
    date_hierarchy = "created_at"
    fieldsets = (
        (None, {"fields": ("id", "owner", "upload", "state", "error")}),
        (lazily("What and from where"), {"fields": ("cids", "sources", "avoided")}),
        (
            lazily("Tries"),
            {"fields": ("attempts", "next_try_at", "worker", "lease", "lease_until")},
        ),
        (lazily("Times"), {"fields": ("created_at", "finished_at")}),
    )

    @admin.display(description=lazily("state"), ordering="state")
    def how_it_is(self, row: Import) -> SafeString:
        trouble = SafeString("")
        if row.error:
            trouble = format_html(
                '<div class="trouble-words"><strong>{}</strong> {}</div>',
                *(row.error, advice.for_error(row.error)),
            )
        return format_html(
            '<span class="state step-{}">{}</span>{}',
            *(row.state, row.get_state_display(), trouble),
        )

    @admin.display(description=lazily("next try"), ordering="next_try_at")
    def next_try(self, row: Import) -> SafeString | None:
        return until(row.next_try_at) if row.state == Import.State.WAITING else None

    @admin.display(description=lazily("age"), ordering="created_at")
    def age(self, row: Import) -> Any:
        return words.ago(row.created_at)
