"""Steps, which remain to be done, and events, which happened."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.text import Truncator

from library.admin import deeds, jobs
from library.admin.facts import Facts, linked
from library.errors import Refusal
from library.models import Event, Step
from library.templatetags import words


def _action(act: jobs.Act) -> Callable[..., None]:
    @admin.action(description=act.label, permissions=["act"])
    def action(model_admin: StepAdmin, request: HttpRequest, queryset: QuerySet[Step]) -> None:
        model_admin.perform(request, act, queryset)

    action.__name__ = act.name
    return action


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
    actions = tuple(_action(act) for act in jobs.ACTS.values())
    fieldsets = (
        (None, {"fields": ("video", "kind", "state", "progress", "attempts", "error")}),
        ("Who does it", {"fields": ("slot", "worker", "lease", "lease_until", "next_try_at")}),
        ("Times", {"fields": ("created_at", "started_at", "updated_at", "finished_at")}),
    )

    def perform(self, request: HttpRequest, act: jobs.Act, chosen: Iterable[Step]) -> None:
        """Do it to each, and say what was done and what was not, and why."""
        done, left = 0, []
        for step in chosen:
            try:
                act.do(step)
            except Refusal as refusal:
                left.append((f"{step.get_kind_display()}, {step.video.title}", refusal.detail))
            else:
                done += 1
                self.log_change(request, step, str(act.label))
        level = messages.SUCCESS if done else messages.INFO
        self.message_user(request, act.done % {"count": done}, level)
        deeds.tell_left(self, request, left)

    def get_urls(self) -> list[Any]:
        act = path(
            "<int:step_id>/act/",
            self.admin_site.admin_view(self.act_view),
            name="library_step_act",
        )
        return [act, *super().get_urls()]

    def act_view(self, request: HttpRequest, step_id: int) -> HttpResponse:
        """A button of a step was pressed, on its own page or on its film's."""
        if not self.has_act_permission(request):
            raise PermissionDenied
        step = self.get_queryset(request).select_related("video").filter(pk=step_id).first()
        act = jobs.ACTS.get(request.POST.get("act", ""))
        if step is None or act is None:
            raise Http404
        self.perform(request, act, [step])
        if request.POST.get("from") == "film":
            return redirect("admin:library_video_change", quote(step.video_id))
        return redirect("admin:library_step_change", step.pk)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        shown: dict[str, Any] = {"may_act_on_jobs": self.has_act_permission(request)}
        if object_id.isdecimal() and self.has_view_permission(request):
            found = Step.objects.filter(pk=object_id).select_related("video")
            shown["jobs"] = jobs.described(found)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **shown})

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
