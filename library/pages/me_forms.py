"""The forms of the page about oneself. They ask; the limits are the writers'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from library.models import User
from library.models.scopes import SCOPES
from library.watching import preferences

_LOOK = "captions_"
_THEMES = (
    ("system", _("As the system")),
    ("light", _("Light")),
    ("dark", _("Dark")),
)
_SIZES = (
    ("small", _("Small")),
    ("medium", _("Medium")),
    ("large", _("Large")),
    ("huge", _("Huge")),
)
_COLOURS = (
    ("white", _("White")),
    ("yellow", _("Yellow")),
    ("cyan", _("Cyan")),
    ("green", _("Green")),
)
_BACKGROUNDS = (("none", _("None")), ("shade", _("A shade")), ("solid", _("Solid")))
_PLACES = (("bottom", _("At the bottom")), ("top", _("At the top")))
_DAYS = ((7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (365, _("A year")))


def _yes(label: Any, help_text: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, help_text=help_text, required=False)


def _one_of(label: Any, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices)


def _one_at_sight(label: Any, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect)


class Form(forms.Form):
    """The ids of its fields begin with its name: there are several on the page."""

    name_of_form = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"label_suffix": "", "auto_id": f"{self.name_of_form}-%s"}
        super().__init__(*args, **kwargs)


class MeForm(Form):
    name_of_form = "me"

    name = forms.CharField(
        label=_("Your name"),
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    theme = _one_at_sight(_("Appearance"), _THEMES)
    view = _one_at_sight(
        _("The library shows films as"), (("grid", _("Cards")), ("table", _("Table")))
    )
    keys = _yes(_("Single keys do something"), _("“?” shows which. Off, they only type."))
    autoplay = _yes(_("Play the next film of a playlist by itself"))
    history = _yes(
        _("Remember where I stopped"), _("On all devices. Off, nothing new is remembered.")
    )
    mini_player = _yes(_("Keep a film in a corner while I read on below"))
    captions_on = _yes(_("Show captions where there are some"))
    captions_language = forms.CharField(
        label=_("Language"),
        required=False,
        max_length=35,
        help_text=_("As en, fr or pt-BR. Empty: whichever there is."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    captions_size = _one_of(_("Size"), _SIZES)
    captions_colour = _one_of(_("Colour"), _COLOURS)
    captions_background = _one_of(_("Background"), _BACKGROUNDS)
    captions_place = _one_of(_("Place"), _PLACES)

    @classmethod
    def of(cls, user: User, data: Any = None) -> MeForm:
        chosen = preferences.of(user)
        look = {f"{_LOOK}{name}": value for name, value in chosen.pop("captions").items()}
        return cls(data, initial={"name": user.first_name, **chosen, **look})

    def chosen(self) -> dict[str, Any]:
        """As `library.watching.preferences` takes them."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "name"}
        look = {name: given.pop(name) for name in list(given) if name.startswith(_LOOK)}
        return {**given, "captions": {name.removeprefix(_LOOK): look[name] for name in look}}

    def main(self) -> list[forms.BoundField]:
        return [self[name] for name in ("name", "theme", "view")]

    def switches(self) -> list[forms.BoundField]:
        return [self[name] for name in ("keys", "autoplay", "history", "mini_player")]

    def look(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.startswith(_LOOK)]


class PasswordForm(Form):
    name_of_form = "password"

    old = forms.CharField(
        label=_("The password you have now"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=_("The new one"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least eight characters, and not one of the common ones."),
    )


class TokenForm(Form):
    name_of_form = "token"

    device = forms.CharField(
        label=_("What it is for"),
        max_length=1000,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("A device or a program, by a name that you will know again."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), widget=forms.CheckboxSelectMultiple
    )
    days = forms.TypedChoiceField(label=_("How long it lasts"), choices=_DAYS, coerce=int)

    @classmethod
    def of(cls, user: User, data: Any = None) -> TokenForm:
        form = cls(data, initial={"days": 90, "scopes": ["videos:read", "stream"]})
        offered = [
            (scope, sentence)
            for scope, sentence in SCOPES.items()
            # There is nothing yet that it would open.
            if scope != "shares:write" and (scope != "admin" or user.is_staff)
        ]
        form.fields["scopes"].choices = offered  # type: ignore[attr-defined]
        return form
