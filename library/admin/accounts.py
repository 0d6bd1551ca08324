"""Accounts, and the devices they are signed in on."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.admin.utils import quote
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.admin import UserAdmin
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazily

from library.admin.facts import Facts, counted, link_to_list, linked
from library.models import DeviceToken, Upload, User, Video

POWERS = ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(User)
class AccountAdmin(UserAdmin):
    """
    Only superusers give powers, and only they change the accounts of those who have some:
    otherwise whoever may change accounts could take them.
    """

    list_display = (
        "username",
        "email",
        "is_active",
        "is_staff",
        "films",
        "date_joined",
        "last_login",
    )
    date_hierarchy = "date_joined"
    readonly_fields = ("last_login", "date_joined", "films", "uploads", "devices")
    fieldsets = (
        *(UserAdmin.fieldsets or ()),
        (lazily("Theirs"), {"fields": ("films", "uploads", "devices")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).annotate(film_count=counted(Video, "owner"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields + (() if _is_superuser(request) else POWERS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, str] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": _("People"), **(extra_context or {})})

    @admin.display(ordering="film_count")
    def films(self, user: Any) -> SafeString:
        return link_to_list(Video, user.film_count, owner__id__exact=user.pk)

    @admin.display
    def uploads(self, user: User) -> SafeString:
        return link_to_list(Upload, user.uploads.count(), owner__id__exact=user.pk)

    @admin.display
    def devices(self, user: User) -> SafeString:
        count = DeviceToken.objects.filter(user=user).count()
        return link_to_list(DeviceToken, count, user__id__exact=user.pk)


class _DeviceList(ChangeList):
    def url_for_result(self, result: Any) -> str:
        return reverse("admin:library_devicetoken_change", args=[quote(result.public_id)])


@admin.register(DeviceToken)
class DeviceAdmin(Facts):
    """
    Devices go by their public id everywhere here. A token is made by signing in on the
    device, never here, and the digest of it, which is the row's key, is shown nowhere.
    """

    list_display = ("device", linked("user"), "created", "expiry", "last_used_at")
    list_filter = ("created", "expiry")
    list_select_related = ("user",)
    search_fields = ("device", "user__username", "=public_id")
    date_hierarchy = "created"
    fields = ("device", "public_id", "user", "created", "expiry", "last_used_at")
    actions = ("revoke",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return _DeviceList

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> DeviceToken | None:
        return self.get_queryset(request).filter(public_id=object_id).first()

    @admin.display(description="")
    def action_checkbox(self, obj: DeviceToken) -> SafeString:
        return format_html(
            '<input type="checkbox" class="action-select" name="{}" value="{}" aria-label="{}">',
            ACTION_CHECKBOX_NAME,
            obj.public_id,
            _("Select %(device)s") % {"device": obj},
        )

    def response_action(
        self, request: HttpRequest, queryset: QuerySet, *args: Any
    ) -> HttpResponse | None:
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        keys = DeviceToken.objects.filter(public_id__in=chosen).values_list("pk", flat=True)
        form = request.POST.copy()
        form.setlist(ACTION_CHECKBOX_NAME, list(keys))
        request.POST = form  # type: ignore[assignment]
        return super().response_action(request, queryset, *args)

    @admin.action(description=lazily("Sign out of this library"), permissions=["act"])
    def revoke(self, request: HttpRequest, devices: QuerySet[DeviceToken]) -> None:
        assert request.user.pk is not None  # who may act has an account
        for device in devices:
            LogEntry.objects.create(
                user_id=request.user.pk,
                content_type=ContentType.objects.get_for_model(DeviceToken),
                object_id=device.public_id,
                object_repr=str(device)[:200],
                action_flag=DELETION,
            )
        count = devices.delete()[0]
        told = _("Signed out: %(count)d.") % {"count": count}
        self.message_user(request, told, messages.SUCCESS)


def _is_superuser(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_superuser


def _may_touch(request: HttpRequest, account: User | None) -> bool:
    powerful = account is not None and (account.is_staff or account.is_superuser)
    return _is_superuser(request) or not powerful
