"""What all lists have in common: rows to look at, links between them, sizes one can read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets, quote
from django.contrib.auth import get_permission_codename
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazily

from library.models import Video
from library.templatetags import icons, words

Column = Callable[[Any], Any]


class Facts(admin.ModelAdmin):
    """
    Rows that nobody makes, changes or deletes by hand.

    What there is to do about them are actions, for those who have Django's permission to
    change the model.
    """

    # What an empty list says: that it is, and what would fill it.
    nothing: tuple[Any, Any] = (lazily("Nothing here"), "")
    # What its rows are called, where that is another word than the model's.
    called: Any = ""
    # Seconds after which a list or page looks again; 0 where nothing moves by itself.
    refreshed_every = 0
    # What the websocket tells of these rows in between, where it does.
    watched = ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        codename = get_permission_codename("change", self.opts)
        return request.user.has_perm(f"{self.opts.app_label}.{codename}")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return flatten_fieldsets(self.get_fieldsets(request, obj))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": self._called(), **(extra_context or {})})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        called = self._called()
        shown = {"called": called, "title": called, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, shown)

    def _called(self) -> str:
        return str(self.called or capfirst(str(self.opts.verbose_name_plural)))


class FactsInline(admin.TabularInline):
    """Rows that belong to a row, shown with it."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def link(row: Model | None) -> SafeString | None:
    """A row's name, leading to its page here."""
    if row is None:
        return None
    # Our ids have a character that Django's admin escapes in its own way.
    page = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return format_html('<a href="{}">{}</a>', reverse(page, args=[quote(row.pk)]), str(row))


def link_to_list(model: type[Model], text: object, **which: str | int) -> SafeString:
    """`text`, leading to the list of the rows of `model` that are `which`."""
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return format_html('<a href="{}?{}">{}</a>', page, urlencode(which), text)


def linked(field: str, heading: str = "") -> Column:
    """A column for the row that `field` points at."""

    @admin.display(description=heading or field.replace("_", " "), ordering=field)
    def column(row: Any) -> SafeString | None:
        return link(getattr(row, field))

    column.__name__ = field
    return column


def sized(field: str, heading: str = "") -> Column:
    """A column for so many bytes; the exact count is its title."""

    @admin.display(description=heading or field.replace("_", " "), ordering=field)
    def column(row: Any) -> SafeString | None:
        count = getattr(row, field)
        if count is None:
            return None
        return format_html('<span title="{} bytes">{}</span>', f"{count:,}", words.size(count))

    column.__name__ = field
    return column


def film_cell(video: Video) -> SafeString:
    """A film as a list shows it: its poster and its title, leading to its page here."""
    return format_html(
        '<a class="film-cell" href="{}">{}<span>{}</span></a>',
        reverse("admin:library_video_change", args=[quote(video.pk)]),
        small_poster(video),
        video.title,
    )


def small_poster(video: Video) -> SafeString:
    if not video.has_poster:
        return format_html('<span class="small-poster">{}</span>', icons.icon("play"))
    address = reverse("library:poster", args=[video.pk])
    # Only decoration beside the title.
    return format_html(
        '<span class="small-poster"><img src="{}" alt="" loading="lazy"></span>', address
    )


def until(moment: datetime) -> SafeString:
    """How long until a moment; the exact time is its title."""
    seconds = (moment - timezone.now()).total_seconds()
    if seconds < 1:
        said = _("now")
    elif seconds < 90:
        said = _("in %(count)d s") % {"count": seconds}
    else:
        said = _("in %(time)s") % {"time": words.minutes(seconds)}
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        *(
            moment.isoformat(timespec="seconds"),
            date_format(moment.astimezone(UTC), "j F Y, H:i:s") + " UTC",
            said,
        ),
    )


def counted(model: type[Model], by: str, among: QuerySet | None = None) -> Coalesce:
    """
    How many rows of `model` point here by `by`, or of those `among` them; a subquery, so that
    no join multiplies it.
    """
    among = model._default_manager.all() if among is None else among
    rows = among.order_by().filter(**{by: OuterRef("pk")}).values(by)
    return Coalesce(Subquery(rows.annotate(count=Count("pk")).values("count")), 0)
