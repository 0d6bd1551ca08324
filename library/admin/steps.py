"""Steps: what is done for films, and what keeps it from being done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazily

from library.admin import acts, advice, deeds
from library.admin.facts import Facts, film_cell, until
from library.errors import Refusal
from library.models import Step
from library.templatetags import words

_ERRING = Q(state=Step.State.WAITING) & ~Q(error="")
# What needs somebody comes first, what is done last.
_RANK = Case(
    When(state=Step.State.FAILED, then=Value(0)),
    When(_ERRING, then=Value(1)),
    When(state=Step.State.RUNNING, then=Value(2)),
    When(state=Step.State.WAITING, then=Value(3)),
    default=Value(4),
    output_field=IntegerField(),
)


class WhichSteps(admin.SimpleListFilter):
    """By their state, as one looks for them: those given up by themselves."""

    title, parameter_name = lazily("state"), "show"
    choices_of = {
        "given_up": (lazily("Given up"), Q(state=Step.State.FAILED)),
        "erring": (lazily("Tried again after an error"), _ERRING),
        "open": (
            lazily("Not done yet"),
            Q(state__in=[Step.State.WAITING, Step.State.RUNNING, Step.State.FAILED]),
        ),
        "running": (lazily("Running"), Q(state=Step.State.RUNNING)),
        "waiting": (lazily("Waiting"), Q(state=Step.State.WAITING)),
        "skipped": (lazily("Left out"), Q(state=Step.State.SKIPPED)),
        "done": (lazily("Done"), Q(state=Step.State.DONE)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, label) for name, (label, found) in self.choices_of.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Step]) -> QuerySet[Step]:
        found = self.choices_of.get(self.value() or "")
        return queryset.filter(found[1]) if found else queryset


def _action(act: acts.Act) -> Callable[..., None]:
    @admin.action(description=act.label, permissions=["act"])
    def action(model_admin: StepAdmin, request: HttpRequest, queryset: QuerySet[Step]) -> None:
        model_admin.perform(request, act, queryset)

    action.__name__ = act.name
    return action


@admin.register(Step)
class StepAdmin(Facts):
    nothing = lazily("No step here"), lazily("What is done for films shows up here.")
    refreshed_every = 5
    list_display = (
        *("kind", "film", "how_it_is", "attempts", "next_try", "age", "worker", "what_to_do"),
    )
    list_filter = (WhichSteps, "kind", "slot")
    list_select_related = ("video",)
    list_per_page = 50
    search_fields = ("video__title", "=video__id", "video__owner__username", "error")
    actions = tuple(_action(act) for act in acts.ACTS.values())
    fieldsets = (
        (None, {"fields": ("video", "kind", "state", "progress", "attempts", "error")}),
        (
            lazily("Who does it"),
            {"fields": ("slot", "worker", "lease", "lease_until", "next_try_at")},
        ),
        (lazily("Times"), {"fields": ("created_at", "started_at", "updated_at", "finished_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Step]:
        return super().get_queryset(request).annotate(rank=_RANK)

    def get_ordering(self, request: HttpRequest) -> Any:
        return [_RANK.asc(), "-updated_at"]

    def get_list_display(self, request: HttpRequest) -> Any:
        shown = super().get_list_display(request)
        return shown if self.has_act_permission(request) else shown[:-1]

    def perform(self, request: HttpRequest, act: acts.Act, chosen: Iterable[Step]) -> None:
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
        """A button of a step was pressed: on its own page, on its film's or in the list."""
        if not self.has_act_permission(request):
            raise PermissionDenied
        step = self.get_queryset(request).select_related("video").filter(pk=step_id).first()
        act = acts.ACTS.get(request.POST.get("act", ""))
        if step is None or act is None:
            raise Http404
        self.perform(request, act, [step])
        match request.POST.get("from"):
            case "film":
                return redirect("admin:library_video_change", quote(step.video_id))
            case "step":
                return redirect("admin:library_step_change", step.pk)
        return redirect("admin:library_step_changelist")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        shown: dict[str, Any] = {"may_act_on_steps": self.has_act_permission(request)}
        if object_id.isdecimal() and self.has_view_permission(request):
            found = Step.objects.filter(pk=object_id).select_related("video")
            shown["steps"] = acts.shown(found)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **shown})

    # --- columns

    @admin.display(description=lazily("film"), ordering="video__title")
    def film(self, step: Step) -> SafeString:
        return film_cell(step.video)

    @admin.display(description=lazily("state"), ordering="rank")
    def how_it_is(self, step: Step) -> SafeString:
        """Its state; how far it is, or what went wrong and what to do about it."""
        word = _("Given up") if step.state == Step.State.FAILED else step.get_state_display()
        tone = "warn" if step.error and step.state == Step.State.WAITING else f"step-{step.state}"
        if step.state == Step.State.RUNNING and step.total_bytes:
            return format_html(
                '<span class="state step-running">{}</span>'
                '<progress max="{}" value="{}"></progress><span class="aside">{}</span>',
                *(word, step.total_bytes, step.done_bytes, self.progress(step)),
            )
        trouble = SafeString("")
        if step.error:
            trouble = format_html(
                '<div class="trouble-words"><strong>{}</strong> {}</div>',
                *(step.error, advice.for_step(step)),
            )
        return format_html('<span class="state {}">{}</span>{}', tone, word, trouble)

    @admin.display(description=lazily("next try"), ordering="next_try_at")
    def next_try(self, step: Step) -> SafeString | None:
        return until(step.next_try_at) if step.state == Step.State.WAITING else None

    @admin.display(description=lazily("age"), ordering="created_at")
    def age(self, step: Step) -> SafeString | str:
        return words.ago(step.created_at)

    @admin.display(description=lazily("what to do"))
    def what_to_do(self, step: Step) -> SafeString | None:
        possible = [button for button in acts.buttons(step) if not button.why_not]
        if not possible:
            return None
        url = acts.Shown(step, "", []).act_url
        # In the form of the list, whose own address is for actions on many.
        return format_html(
            '<div class="row-buttons">{}</div>',
            format_html_join(
                "",
                '<button class="small-button" formaction="{}" name="act" value="{}">{}</button>',
                ((url, button.name, button.label) for button in possible),
            ),
        )

    @admin.display(description=lazily("progress"))
    def progress(self, step: Step) -> str:
        facts = {"done": words.size(step.done_bytes), "total": words.size(step.total_bytes)}
        return _("%(done)s of %(total)s") % facts
