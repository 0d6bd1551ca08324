"""Uploads: how far each is, what became of it, and ending one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Case, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazily

from library.admin import advice, deeds
from library.admin.facts import Facts, link_to_list, linked
from library.errors import Refusal, UploadGone
from library.models import Event, Upload
from library.templatetags import words
from library.uploads import receiving, space


def _finish(upload: Upload) -> None:
    if upload.state != Upload.State.RECEIVING:
        raise UploadGone(_("This upload is over already."))
    if not upload.is_complete:
        raise UploadGone(_("Some of its bytes have not arrived yet."))
    receiving.finish(upload)


ACTS: dict[str, Callable[[Upload], None]] = {"cancel": receiving.cancel, "finish": _finish}


def _advice(upload: Upload) -> str:
    return advice.for_upload(upload, getattr(upload, "room", None))


class _List(ChangeList):
    """How much room there is, asked once for all rows."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        room = space.available()
        for upload in self.result_list:
            upload.room = room


@admin.register(Upload)
class UploadAdmin(Facts):
    nothing = (
        lazily("No such upload"),
        lazily("Whatever somebody sends shows up here as soon as it begins."),
    )
    refreshed_every = 3
    list_display = (
        "name",
        linked("owner"),
        "how_it_is",
        "progress",
        "speed_now",
        linked("video", "film"),
        "age",
        "expiry",
        "what_to_do",
    )
    list_filter = ("state", "visibility", ("owner", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("owner", "video", "key")
    search_fields = (
        "title",
        "filename",
        "owner__username",
        "=id",
        "=declared_sha256",
        "=video__id",
    )
    date_hierarchy = "created_at"
    actions = ("cancel",)
    # Without `hash_state` and `writer`: they mean something to the program alone.
    fieldsets = (
        (None, {"fields": ("id", "title", "owner", "visibility", "state", "problem")}),
        (lazily("Leads to"), {"fields": ("video", "duplicate_of", "events")}),
        (
            lazily("Bytes"),
            {"fields": ("progress", "offset", "length", "reserved", "piece_size", "speed_now")},
        ),
        (
            lazily("As the client tells it"),
            {"fields": ("filename", "filetype", "fingerprint", "declared_sha256")},
        ),
        (lazily("Times"), {"fields": ("created_at", "updated_at", "writer_seen_at", "expires_at")}),
    )

    @admin.action(description=lazily("Cancel"), permissions=["act"])
    def cancel(self, request: HttpRequest, uploads: QuerySet[Upload]) -> None:
        over = 0
        for upload in uploads:
            try:
                receiving.cancel(upload)
            except UploadGone:
                over += 1
            else:
                self.log_change(request, upload, _("Cancelled"))
        done = _("Cancelled: %(count)d.") % {"count": len(uploads) - over}
        self.message_user(request, done, messages.SUCCESS)
        if over:
            left = _("Over already: %(count)d.") % {"count": over}
            self.message_user(request, left, messages.WARNING)

    def get_ordering(self, request: HttpRequest) -> Any:
        """What is arriving comes first."""
        arriving = Case(When(state=Upload.State.RECEIVING, then=Value(0)), default=Value(1))
        return [arriving.asc(), "-created_at"]

    def get_list_display(self, request: HttpRequest) -> Any:
        shown = super().get_list_display(request)
        return shown if self.has_act_permission(request) else shown[:-1]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return _List

    # --- the page of one upload

    def get_urls(self) -> list[Any]:
        act = path(
            "<path:object_id>/act/<str:name>/",
            self.admin_site.admin_view(self.act_view),
            name="library_upload_act",
        )
        return [act, *super().get_urls()]

    def act_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """A button of an upload's page was pressed."""
        if not self.has_act_permission(request):
            raise PermissionDenied
        upload = self.get_object(request, unquote(object_id))
        if upload is None or name not in ACTS or request.method != "POST":
            raise Http404
        try:
            ACTS[name](upload)
        except Refusal as refusal:
            deeds.tell_left(self, request, [(str(upload), refusal.detail)])
        else:
            said = {"cancel": _("It is cancelled."), "finish": _("It is a film now.")}[name]
            self.log_change(request, upload, said)
            self.message_user(request, said, messages.SUCCESS)
        return redirect("admin:library_upload_change", quote(upload.pk))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        upload = self.get_object(request, unquote(object_id))
        shown: dict[str, Any] = {}
        if upload is not None and self.has_view_permission(request, upload):
            is_open = upload.state == Upload.State.RECEIVING and self.has_act_permission(request)
            shown = {
                "upload": upload,
                "share": words.percent(upload.offset, upload.length),
                "advice": advice.for_upload(upload),
                "may_cancel": is_open,
                "may_finish": is_open and upload.is_complete,
            }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **shown})

    # --- columns

    @admin.display(description=lazily("upload"), ordering="title")
    def name(self, upload: Upload) -> SafeString:
        return format_html('{}<span class="aside under">{}</span>', str(upload), upload.filename)

    @admin.display(description=lazily("state"), ordering="state")
    def how_it_is(self, upload: Upload) -> SafeString:
        paused = upload.state == Upload.State.RECEIVING and upload.paused_at
        word = _("Paused") if paused else upload.get_state_display()
        trouble = SafeString("")
        if words_of_it := " ".join(filter(None, [upload.problem, _advice(upload)])):
            trouble = format_html('<div class="trouble-words">{}</div>', words_of_it)
        return format_html('<span class="state upload-{}">{}</span>{}', upload.state, word, trouble)

    @admin.display(description=lazily("received"), ordering="offset")
    def progress(self, upload: Upload) -> SafeString | str:
        if upload.length is None:
            return words.size(upload.offset)
        facts = {
            "done": words.size(upload.offset),
            "total": words.size(upload.length),
            "share": words.percent(upload.offset, upload.length),
        }
        bar = SafeString("")
        if upload.state == Upload.State.RECEIVING:
            bar = format_html(
                '<progress max="{}" value="{}" aria-label="{}"></progress>',
                *(upload.length, upload.offset, _("received")),
            )
        exact = _("%(done)s of %(total)s bytes") % {
            "done": f"{upload.offset:,}",
            "total": f"{upload.length:,}",
        }
        said = _("%(share)d %%, %(done)s of %(total)s") % facts
        if upload.offset == upload.length:
            said = words.size(upload.length)
            exact = f"{upload.length:,} bytes"
        return format_html('{}<span title="{}">{}</span>', bar, exact, said)

    @admin.display(description=lazily("speed"), ordering="speed")
    def speed_now(self, upload: Upload) -> str | None:
        if upload.state != Upload.State.RECEIVING:
            return None
        return _("%(size)s a second") % {"size": words.size(round(upload.speed))}

    @admin.display(description=lazily("begun"), ordering="created_at")
    def age(self, upload: Upload) -> SafeString | str:
        return words.ago(upload.created_at)

    @admin.display(description=lazily("expires"), ordering="expires_at")
    def expiry(self, upload: Upload) -> str | None:
        if upload.state != Upload.State.RECEIVING:
            return None
        return words.day(upload.expires_at)

    @admin.display(description=lazily("what to do"))
    def what_to_do(self, upload: Upload) -> SafeString | None:
        if upload.state != Upload.State.RECEIVING:
            return None
        page = reverse("admin:library_upload_change", args=[quote(upload.pk)])
        # Bytes are let go by it, so it is asked on a page that says how many.
        return format_html(
            '<div class="row-buttons"><a class="small-button" href="{}#cancel">{}</a></div>',
            *(page, _("Cancel…")),
        )

    @admin.display(description=lazily("events"))
    def events(self, upload: Upload) -> SafeString:
        return link_to_list(Event, upload.events.count(), upload__id__exact=upload.pk)
