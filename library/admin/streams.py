"""Who is being sent what at this moment."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazily

from library.admin.facts import Facts, link, linked
from library.models import Stream
from library.models.streams import StreamQuerySet
from library.templatetags import words


@admin.register(Stream)
class StreamAdmin(Facts):
    """Those that are going on; a row of a process that is gone is not shown."""

    nothing = lazily("Nobody is watching"), lazily("Whoever plays a film shows up here.")
    refreshed_every = 5
    watched = "streams"
    list_display = (
        *(linked("video", "film"), "who", "speed", "so_far", "answers", "from_where"),
        *("since", "process"),
    )
    list_display_links = None
    list_select_related = ("user", "video")
    search_fields = ("video__title", "=video__id", "user__username", "process")
    fields = (
        *("video", "who", "speed", "sent", "requests", "source"),
        *("begun_at", "seen_at", "process"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Stream]:
        return cast(StreamQuerySet, super().get_queryset(request)).now()

    @admin.display(description=lazily("who"), ordering="user")
    def who(self, stream: Stream) -> SafeString | str | None:
        return link(stream.user) if stream.user else _("a visitor")

    @admin.display(description=lazily("speed"), ordering="rate")
    def speed(self, stream: Stream) -> SafeString:
        size = _figure(stream, "rate", words.size(round(stream.rate)))
        return format_html(_("{size} a second"), size=size)

    @admin.display(description=lazily("sent"), ordering="sent")
    def so_far(self, stream: Stream) -> SafeString:
        return _figure(stream, "sent", words.size(stream.sent))

    @admin.display(description=lazily("open answers"), ordering="requests")
    def answers(self, stream: Stream) -> SafeString:
        return _figure(stream, "requests", str(stream.requests))

    @admin.display(description=lazily("from"), ordering="source")
    def from_where(self, stream: Stream) -> SafeString:
        return _figure(stream, "source", stream.source)

    @admin.display(description=lazily("since"), ordering="begun_at")
    def since(self, stream: Stream) -> Any:
        return format_html("{}", words.ago(stream.begun_at))


def _figure(stream: Stream, name: str, said: str) -> SafeString:
    """What the websocket tells again and again, with its place."""
    return format_html('<span data-stream="{}" data-figure="{}">{}</span>', stream.pk, name, said)
