"""Steps, which remain to be done, and events, which happened."""

from __future__ import annotations

import json

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator

from library.admin.facts import Facts, linked
from library.models import Event, Step
from library.storing import steps
from library.templatetags import words


@admin.register(Step)
class StepAdmin(Facts):
    list_display = (
        "kind",
        linked("video", "film"),
        "state",
        "progress",
        "attempts",
        "next_try_at",
        "updated_at",
        "short_error",
    )
    list_filter = ("state", "kind", "slot")
    list_select_related = ("video",)
    search_fields = ("video__title", "=video__id", "video__owner__username", "error")
    date_hierarchy = "created_at"
    actions = ("try_again",)
    fieldsets = (
        (None, {"fields": ("video", "kind", "state", "progress", "attempts", "error")}),
        ("Who does it", {"fields": ("slot", "worker", "lease", "lease_until", "next_try_at")}),
        ("Times", {"fields": ("created_at", "started_at", "updated_at", "finished_at")}),
    )

    @admin.action(description="Try again what was given up", permissions=["act"])
    def try_again(self, request: HttpRequest, chosen: QuerySet[Step]) -> None:
        started = sum(steps.again(step) for step in chosen)
        self.message_user(request, f"Will be tried again: {started}.", messages.SUCCESS)
        if others := len(chosen) - started:
            self.message_user(request, f"Were not given up: {others}.", messages.WARNING)

    @admin.display
    def progress(self, step: Step) -> str:
        return f"{words.size(step.done_bytes)} of {words.size(step.total_bytes)}"

    @admin.display(description="error")
    def short_error(self, step: Step) -> str:
        return Truncator(step.error).chars(100)


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

    @admin.display(description="data")
    def short_data(self, event: Event) -> str:
        return Truncator(json.dumps(event.data, ensure_ascii=False)).chars(100)
