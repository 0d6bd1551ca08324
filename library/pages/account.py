"""Signing in and out, being locked out, and making the first administrator."""

from __future__ import annotations

from typing import Any

from axes.helpers import get_cool_off
from django import forms
from django.contrib.auth import login, views
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from library import setup
from library.errors import NotFound, Refusal
from library.pages import words


class SignInForm(AuthenticationForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["username"].label = _("Name")

    # One sentence for every reason, so that names of accounts cannot be tried out.
    error_messages = {
        "invalid_login": _("This name and this password do not belong together."),
        "inactive": _("This name and this password do not belong together."),
    }


class SignIn(views.LoginView):
    template_name = "library/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(**more, set_up=setup.administrator_exists())


class SignOut(views.LogoutView):
    pass


def locked_out(
    request: HttpRequest, original_response: Any = None, credentials: Any = None
) -> HttpResponse:
    """What axes answers instead of trying another password."""
    cool_off = get_cool_off(request)
    assert cool_off is not None  # the settings say so
    response = render(
        request, "library/locked_out.html", {"wait": words.wait(cool_off)}, status=429
    )
    response["Retry-After"] = str(int(cool_off.total_seconds()))
    return response


class SetUpForm(forms.Form):
    username = forms.CharField(
        label=_("Name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least eight characters, and not one of the common ones."),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """The one-time link that `make run` prints: whoever has it becomes the administrator."""
    if not setup.link_is_valid(token):
        raise Http404
    form = SetUpForm(request.POST or None, label_suffix="")
    if form.is_valid():
        try:
            admin = setup.create_admin(token, **form.cleaned_data)
        except NotFound:
            raise Http404 from None
        except Refusal as refusal:
            form.add_error(None, refusal.detail)
        else:
            login(request, admin, backend="django.contrib.auth.backends.ModelBackend")
            return redirect("library:home")
    return render(request, "library/setup.html", {"form": form})


def sign_in_first(request: HttpRequest) -> HttpResponse:
    return redirect_to_login(request.get_full_path())
