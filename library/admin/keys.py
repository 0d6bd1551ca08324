"""Recovery kits: when the films' keys were last saved. The keys themselves are nobody's to see."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext

from library.admin.facts import Facts
from library.keys import kit
from library.models import RecoveryKit


@admin.register(RecoveryKit)
class RecoveryKitAdmin(Facts):
    list_display = ("made_at", "films", "library_key")
    date_hierarchy = "made_at"
    fieldsets = ((None, {"fields": ("made_at", "films", "library_key")}),)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if missing := kit.missing_keys():
            told = ngettext(
                "One encrypted film is in no recovery kit yet. To make one: %(command)s",
                "%(count)s encrypted films are in no recovery kit yet. To make one: %(command)s",
                missing,
            ) % {"count": f"{missing:,}", "command": "manage.py keys kit FOLDER"}
            self.message_user(request, told, messages.WARNING)
        return super().changelist_view(request, extra_context)
