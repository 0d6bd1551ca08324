"""Jobs: what people had done to many films at once, with the result for each. To look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as lazily

from library.admin.facts import Facts, FactsInline, counted, link, linked
from library.models import Job, JobItem
from library.templatetags import words


class JobItemInline(FactsInline):
    model = JobItem
    fields = ("title", "film", "state", "detail")
    readonly_fields = ("film",)
    verbose_name_plural = lazily("films")
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobItem]:
        return super().get_queryset(request).select_related("video")

    @admin.display(description=lazily("film"))
    def film(self, item: JobItem) -> SafeString | str:
        return link(item.video) or item.video_name


@admin.register(Job)
class JobAdmin(Facts):
    nothing = (
        lazily("No job yet"),
        lazily("Whatever people do to many films at once shows up here."),
    )
    refreshed_every = 5
    list_display = (
        *("name", linked("owner"), "state_words", "films", "failed", "age", "worker"),
        "finished_at",
    )
    list_filter = ("state", "action", ("owner", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("owner",)
    search_fields = ("=id", "action", "owner__username", "items__title")
    date_hierarchy = "created_at"
    inlines = (JobItemInline,)
    fieldsets = (
        (None, {"fields": ("id", "owner", "action", "options", "state")}),
        (lazily("Who does it"), {"fields": ("worker", "lease", "lease_until")}),
        (lazily("Times"), {"fields": ("created_at", "started_at", "finished_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        failed = JobItem.objects.filter(state=JobItem.State.FAILED)
        waiting = JobItem.objects.filter(state=JobItem.State.WAITING)
        return (
            super()
            .get_queryset(request)
            .annotate(
                item_count=counted(JobItem, "job"),
                waiting_count=counted(JobItem, "job", waiting),
                failed_count=counted(JobItem, "job", failed),
            )
        )

    @admin.display(description=lazily("what"), ordering="action")
    def name(self, job: Job) -> str:
        return job.action.replace("_", " ").capitalize()

    @admin.display(description=lazily("state"), ordering="state")
    def state_words(self, job: Job) -> SafeString:
        return format_html(
            '<span class="state step-{}">{}</span>', job.state, job.get_state_display()
        )

    @admin.display(description=lazily("films"), ordering="item_count")
    def films(self, job: Any) -> str:
        return f"{job.item_count - job.waiting_count} / {job.item_count}"

    @admin.display(description=lazily("failed"), ordering="failed_count")
    def failed(self, job: Any) -> SafeString | None:
        if not job.failed_count:
            return None
        return format_html('<span class="state bad">{}</span>', job.failed_count)

    @admin.display(description=lazily("age"), ordering="created_at")
    def age(self, job: Job) -> Any:
        return words.ago(job.created_at)
