"""Events: what happened, in order."""

from __future__ import annotations

import json

from django.contrib import admin
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as lazily

from library.admin.facts import Facts, linked
from library.models import Event


@admin.register(Event)
class EventAdmin(Facts):
    list_display = (
        "seq",
        "at",
        "type",
        linked("owner"),
        linked("video", "film"),
        linked("upload"),
        "short_data",
    )
    list_filter = ("type",)
    list_select_related = ("owner", "video", "upload")
    search_fields = ("type", "owner__username", "=video__id", "=upload__id", "video__title")
    date_hierarchy = "at"
    ordering = ("-seq",)
    # The table only grows; to count all of it for each search would take longer and longer.
    show_full_result_count = False
    fields = ("seq", "at", "type", "owner", "video", "upload", "data")

    @admin.display(description=lazily("data"))
    def short_data(self, event: Event) -> str:
        return Truncator(json.dumps(event.data, ensure_ascii=False)).chars(100)
