"""The network that films are on: providers, data sets, what was added and removed, the ledger."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as lazily

from filmedia.filecoin.money import amounts
from library.admin.facts import Facts, FactsInline, counted, link_to_list, linked
from library.models import Addition, Copy, DataSet, Payment, Provider, Reading, Removal
from library.network import states


class DataSetInline(FactsInline):
    model = DataSet
    fields = ("number", "state", "beam", "last_proven_at", "read_at")


@admin.register(Provider)
class ProviderAdmin(Facts):
    list_display = (
        "title",
        "network",
        "tier",
        "active",
        "excluded",
        "held",
        "failures",
        "answered_at",
        "error",
    )
    list_filter = ("network", "endorsed", "approved", "active", "excluded")
    search_fields = ("name", "=number", "service_url")
    actions = ("leave_out", "take_in")
    inlines = (DataSetInline,)
    fieldsets = (
        (None, {"fields": ("name", "network", "number", "service_url", "tier", "active")}),
        (lazily("Takes"), {"fields": ("min_piece_size", "max_piece_size", "unfit")}),
        (
            lazily("How it is"),
            {"fields": ("excluded", "failures", "silent_since", "error", "answered_at", "seen_at")},
        ),
        (lazily("On chain"), {"fields": ("service_provider", "payee")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Provider]:
        held = counted(Copy, "holder")
        return super().get_queryset(request).annotate(copy_count=held)

    @admin.action(description=lazily("Give it no new pieces"), permissions=["act"])
    def leave_out(self, request: HttpRequest, chosen: QuerySet[Provider]) -> None:
        chosen.update(excluded=True)
        self.message_user(
            request, lazily("They get nothing new. What they hold stays."), messages.SUCCESS
        )

    @admin.action(description=lazily("Let it have new pieces again"), permissions=["act"])
    def take_in(self, request: HttpRequest, chosen: QuerySet[Provider]) -> None:
        chosen.update(excluded=False)
        self.message_user(request, lazily("They may be chosen again."), messages.SUCCESS)

    @admin.display
    def tier(self, row: Provider) -> str:
        return "endorsed" if row.endorsed else "approved" if row.approved else "not approved"

    @admin.display(ordering="copy_count", description=lazily("pieces"))
    def held(self, row: Any) -> SafeString:
        return link_to_list(Copy, row.copy_count, holder__id__exact=row.pk)


@admin.register(DataSet)
class DataSetAdmin(Facts):
    list_display = ("__str__", linked("provider"), "state", "beam", "proofs", "read_at")
    list_filter = ("state", "beam", "provider")
    list_select_related = ("provider",)
    search_fields = ("=number", "provider__name", "owner")
    fieldsets = (
        (None, {"fields": ("provider", "number", "state", "beam", "proofs")}),
        (lazily("Whose"), {"fields": ("owner", "client_data_set_id", "transaction", "created_at")}),
        (
            lazily("Proofs, in epochs"),
            {
                "fields": (
                    *("activation", "deadline", "proven_this_period", "last_proven"),
                    *("last_proven_at", "missed", "leaf_count", "end_epoch"),
                    *("read_epoch", "read_at", "compared_at"),
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[DataSet]:
        """With what was last read of the chain, so that no row asks for it by itself."""
        name = Concat(OuterRef("provider__network"), Value(":chain"))
        read = Reading.objects.filter(pk=name).values("value")[:1]
        return super().get_queryset(request).annotate(chain=Subquery(read))

    @admin.display
    def proofs(self, row: Any) -> str:
        chain = json.loads(row.chain) if isinstance(row.chain, str) else row.chain
        return states.proofs_of(row, chain or {}).sentence


@admin.register(Addition)
class AdditionAdmin(Facts):
    list_display = (
        linked("data_set"),
        "count",
        "state",
        "cost",
        "attempts",
        "block",
        "drawn_at",
        "error",
    )
    list_filter = ("state", "help")
    list_select_related = ("data_set__provider",)
    search_fields = ("=transaction", "=confirmed_transaction", "=nonce", "error")
    date_hierarchy = "drawn_at"
    fieldsets = (
        (None, {"fields": ("data_set", "state", "count", "cost", "creates")}),
        (
            lazily("On chain"),
            {"fields": ("transaction", "confirmed_transaction", "block", "block_hash")},
        ),
        (lazily("Tries"), {"fields": ("nonce", "attempts", "next_try_at", "error", "help")}),
        (lazily("Times"), {"fields": ("drawn_at", "sent_at", "landed_at", "settled_at")}),
    )

    @admin.display(description=lazily("pieces"))
    def count(self, row: Addition) -> int:
        return len(row.cids)

    @admin.display(description=lazily("fee"), ordering="fee")
    def cost(self, row: Addition) -> str:
        return amounts.shown(int(row.fee))


@admin.register(Removal)
class RemovalAdmin(Facts):
    list_display = ("piece_id", linked("data_set"), "title", "reason", "state", "asked_at", "error")
    list_filter = ("state",)
    list_select_related = ("data_set__provider",)
    search_fields = ("title", "=piece_cid", "=transaction")
    fields = (
        *("data_set", "piece_id", "piece_cid", "title", "reason", "state", "transaction"),
        *("attempts", "next_try_at", "error", "asked_at", "gone_at"),
    )


@admin.register(Payment)
class PaymentAdmin(Facts):
    list_display = ("at", "kind", "paid", "note", "transaction")
    list_filter = ("kind", "network")
    list_select_related = ("data_set__provider",)
    search_fields = ("=transaction", "note")
    date_hierarchy = "at"
    fields = ("at", "kind", "paid", "network", "transaction", "data_set", "note", "reference")

    @admin.display(description=lazily("USDFC"), ordering="amount")
    def paid(self, row: Payment) -> str:
        return amounts.exact(int(row.amount))
