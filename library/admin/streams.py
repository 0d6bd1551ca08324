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

from library.admin.facts import Facts, link, linked, sized
from library.models import Stream
from library.models.streams import StreamQuerySet
from library.templatetags import words


@admin.register(Stream)
class StreamAdmin(Facts):
    """Those that are going on; a row of a process that is gone is not shown."""

    nothing = lazily("Nobody is watching"), lazily("Whoever plays a film shows up here.")
    refreshed_every = 5
    list_display = (
        *(linked("video", "film"), "who", "speed", sized("sent"), "requests"),
        *("since", "process"),
    )
    list_display_links = None
    list_select_related = ("user", "video")
    search_fields = ("video__title", "=video__id", "user__username", "process")
    fields = ("video", "who", "speed", "sent", "requests", "begun_at", "seen_at", "process")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Stream]:
        return cast(StreamQuerySet, super().get_queryset(request)).now()

    @admin.display(description=lazily("who"), ordering="user")
    def who(self, stream: Stream) -> SafeString | str | None:
        return link(stream.user) if stream.user else _("a visitor")

    @admin.display(description=lazily("speed"), ordering="rate")
    def speed(self, stream: Stream) -> str:
        return _("%(size)s a second") % {"size": words.size(round(stream.rate))}

    @admin.display(description=lazily("since"), ordering="begun_at")
    def since(self, stream: Stream) -> Any:
        return format_html("{}", words.ago(stream.begun_at))
