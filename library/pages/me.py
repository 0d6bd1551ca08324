"""
The page about oneself: name and preferences, password, devices and tokens.

Each part is a form of its own, and tells by `part` which one it is. A new token is shown on
the answer to its form, once, and never again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from library import devices, people
from library.errors import NotFound, Refusal
from library.models import DeviceToken, User
from library.models.scopes import SCOPES
from library.pages import said
from library.pages.me_forms import MeForm, PasswordForm, TokenForm


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)  # login_required saw to it
    if request.method != "POST":
        return _page(request, user)
    take = _PARTS.get(request.POST.get("part", ""), _me)
    return take(request, user)


def _me(request: HttpRequest, user: User) -> HttpResponse:
    form = MeForm.of(user, request.POST)

    def change() -> None:
        people.change(user, name=form.cleaned_data["name"], chosen=form.chosen())

    if not _done(form, change):
        return _page(request, user, me=form)
    said.success(request, _("Saved."))
    return redirect("library:account")


def _password(request: HttpRequest, user: User) -> HttpResponse:
    form = PasswordForm(request.POST)
    if not _done(form, lambda: people.change_password(user, **form.cleaned_data)):
        return _page(request, user, password=form)
    # Whoever is here stays; every other browser signs in anew.
    update_session_auth_hash(request, user)
    said.success(request, _("Your password is changed. Other browsers are signed out."))
    return redirect("library:account")


def _token(request: HttpRequest, user: User) -> HttpResponse:
    form = TokenForm.of(user, request.POST)
    made: list[tuple[DeviceToken, str]] = []

    def make() -> None:
        given = form.cleaned_data
        made.append(
            devices.sign_in(user, given["device"], scopes=given["scopes"], days=given["days"])
        )

    if not _done(form, make):
        return _page(request, user, token=form)
    device, secret = made[0]
    return _page(request, user, new={"device": device, "secret": secret})


def _sign_out(request: HttpRequest, user: User) -> HttpResponse:
    try:
        devices.sign_out(user, request.POST.get("token", "")[:40].replace("\0", ""))
    except NotFound:
        said.success(request, _("It was signed out already."))
    else:
        said.success(request, _("Signed out. Its token opens nothing any more."))
    return redirect("library:account")


_PARTS: dict[str, Callable[[HttpRequest, User], HttpResponse]] = {
    "me": _me,
    "password": _password,
    "token": _token,
    "sign-out": _sign_out,
}


def _page(request: HttpRequest, user: User, **given: Any) -> HttpResponse:
    """With the forms as they were sent, where something in them is wrong."""
    context = {
        "me": MeForm.of(user),
        "password": PasswordForm(),
        "token": TokenForm.of(user),
        "devices": [_told(device) for device in devices.of(user)],
        **given,
    }
    wrong = any(isinstance(form, forms.Form) for form in given.values())
    return render(request, "library/account.html", context, status=400 if wrong else 200)


def _told(device: DeviceToken) -> dict[str, Any]:
    all_of_them = set(device.scopes) >= set(SCOPES)
    return {
        "device": device,
        "may": [_("All that you may")]
        if all_of_them
        else [sentence for scope, sentence in SCOPES.items() if scope in device.scopes],
        "over": device.expiry is not None and device.expiry <= timezone.now(),
    }


def _done(form: forms.Form, do: Callable[[], object]) -> bool:
    """Do it, if the form is right; whatever is wrong stands in the form afterwards."""
    if not form.is_valid():
        return False
    try:
        do()
    except Refusal as refusal:
        field = str(refusal.facts.get("field", "")).removeprefix("preferences/").replace("/", "_")
        form.add_error(field if field in form.fields else None, refusal.detail)
    return form.is_valid()
