"""What the list of films can be narrowed down to, beside its columns."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from library.admin import attention
from library.models import Caption, Video


class _OneOfTwo(admin.SimpleListFilter):
    """A question with two answers: `yes` is the first."""

    answers: tuple[tuple[str, Any], tuple[str, Any]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(self.answers)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Video]) -> QuerySet[Video]:
        if self.value() not in dict(self.answers):
            return queryset
        return self.narrowed(queryset, self.value() == self.answers[0][0])

    def narrowed(self, queryset: QuerySet[Video], yes: bool) -> QuerySet[Video]:
        raise NotImplementedError


class NeedsAttention(_OneOfTwo):
    """At risk, with a step that was given up, or with fewer copies than wanted."""

    title, parameter_name = _("needs attention"), "attention"
    answers = (("yes", _("Needs attention")), ("no", _("Is well")))

    def narrowed(self, queryset: QuerySet[Video], yes: bool) -> QuerySet[Video]:
        return queryset.filter(attention.needing() if yes else ~attention.needing())


class WithCopies(_OneOfTwo):
    title, parameter_name = _("copies"), "copies"
    answers = (("few", _("Fewer than wanted")), ("all", _("As many as wanted")))

    def narrowed(self, queryset: QuerySet[Video], yes: bool) -> QuerySet[Video]:
        return queryset.filter(attention.few_copies() if yes else ~attention.few_copies())


class InTrash(_OneOfTwo):
    title, parameter_name = _("where"), "where"
    answers = (("library", _("In the library")), ("trash", _("In the trash")))

    def narrowed(self, queryset: QuerySet[Video], yes: bool) -> QuerySet[Video]:
        return queryset.filter(trashed_at__isnull=yes)


class StoredHow(_OneOfTwo):
    title, parameter_name = _("how it is stored"), "stored"
    answers = (("encrypted", _("Encrypted")), ("open", _("Open")))

    def narrowed(self, queryset: QuerySet[Video], yes: bool) -> QuerySet[Video]:
        return queryset.filter(key__isnull=not yes)


class WithCaptions(_OneOfTwo):
    title, parameter_name = _("captions"), "captions"
    answers = (("yes", _("With captions")), ("no", _("Without captions")))

    def narrowed(self, queryset: QuerySet[Video], yes: bool) -> QuerySet[Video]:
        captions = Exists(Caption.objects.filter(video=OuterRef("pk")))
        return queryset.filter(captions if yes else ~captions)
