"""Uploads: how far each is, and ending one."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from library.admin.facts import Facts, link_to_list, linked, sized
from library.errors import UploadGone
from library.models import Event, Upload
from library.templatetags import words
from library.uploads import receiving


@admin.register(Upload)
class UploadAdmin(Facts):
    list_display = (
        "title",
        linked("owner"),
        "state",
        sized("offset", "received"),
        sized("length", "size"),
        "progress",
        linked("video", "film"),
        "visibility",
        "updated_at",
        "expires_at",
    )
    list_filter = ("state", "visibility", ("owner", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("owner", "video")
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
        ("Leads to", {"fields": ("video", "duplicate_of", "events")}),
        (
            "Bytes",
            {"fields": ("progress", "offset", "length", "reserved", "piece_size", "speed_now")},
        ),
        (
            "As the client tells it",
            {"fields": ("filename", "filetype", "fingerprint", "declared_sha256")},
        ),
        ("Times", {"fields": ("created_at", "updated_at", "writer_seen_at", "expires_at")}),
    )

    @admin.action(description="Cancel", permissions=["act"])
    def cancel(self, request: HttpRequest, uploads: QuerySet[Upload]) -> None:
        over = 0
        for upload in uploads:
            try:
                receiving.cancel(upload)
            except UploadGone:
                over += 1
        self.message_user(request, f"Cancelled: {len(uploads) - over}.", messages.SUCCESS)
        if over:
            self.message_user(request, f"Over already: {over}.", messages.WARNING)

    @admin.display
    def progress(self, upload: Upload) -> str | None:
        return f"{words.percent(upload.offset, upload.length)} %" if upload.length else None

    @admin.display(description="speed")
    def speed_now(self, upload: Upload) -> str:
        return f"{words.size(upload.speed)} a second"

    @admin.display
    def events(self, upload: Upload) -> SafeString:
        return link_to_list(Event, upload.events.count(), upload__id__exact=upload.pk)
