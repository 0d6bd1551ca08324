"""The forms of the page on which a film is changed. They ask; the limits are the writers'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazily

from library.catalogue import tags
from library.models import Caption, Video, Visibility
from library.watching import captions, chapters, clock, languages

_SAMPLE = lazily("0:00 Opening\n1:30 The harbour\n12:05 Home")
_TAG_HINT = lazily("Its name, or as en, fr or pt-BR.")


def _words(**attrs: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"autocomplete": "off", **attrs})


class LanguageField(forms.CharField):
    """By its tag or by its name; a list proposes them."""

    def __init__(self, *, label: Any, required: bool = True) -> None:
        widget = _words(list="languages", spellcheck="false")
        super().__init__(label=label, required=required, widget=widget, help_text=_TAG_HINT)

    def clean(self, value: Any) -> str:
        return languages.meant(super().clean(value))


class AboutForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label=lazily("Title"), max_length=300)
    description = forms.CharField(
        label=lazily("Description"), required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    collection = forms.CharField(
        label=lazily("Collection"),
        required=False,
        widget=_words(list="collections"),
        help_text=lazily("Films that belong together. A new name makes a new one."),
    )
    tags = forms.CharField(
        label=lazily("Tags"),
        required=False,
        widget=_words(),
        help_text=lazily("With commas between."),
    )
    language = LanguageField(label=lazily("Language spoken"), required=False)
    visibility = forms.ChoiceField(
        label=lazily("Who may watch it"), choices=Visibility.choices, widget=forms.RadioSelect
    )

    @classmethod
    def of(cls, video: Video, data: Any = None) -> AboutForm:
        now = {
            "version": video.version,
            "title": video.title,
            "description": video.description,
            "collection": video.collection.name if video.collection else "",
            "tags": ", ".join(tags.of(video)),
            "language": languages.shown(video.language),
            "visibility": video.visibility,
        }
        return cls(data, initial=now, label_suffix="")

    def changes(self) -> dict[str, Any]:
        """What was sent; what the form came without stays as it is."""
        sent = {name: self.cleaned_data[name] for name in self.data if name in self.cleaned_data}
        version = sent.pop("version", None)
        if "tags" in sent:
            sent["tags"] = tags.typed(sent["tags"])
        return sent | ({"expected": version} if version is not None else {})


class CaptionForm(forms.Form):
    """Words to a film; where they are there already, a file is only needed for others."""

    file = forms.FileField(
        label=lazily("File"),
        widget=forms.ClearableFileInput(attrs={"accept": ".vtt,.srt,text/vtt,text/plain"}),
        help_text=lazily("WebVTT or SRT, at most 2 MiB."),
        error_messages={
            "required": lazily("Choose the file first."),
            "empty": lazily("This file is empty."),
        },
    )
    language = LanguageField(label=lazily("Language"))
    kind = forms.ChoiceField(
        label=lazily("What they are"),
        choices=Caption.Kind.choices,
        initial=Caption.Kind.SUBTITLES,
    )
    label = forms.CharField(
        label=lazily("Name in the player"),
        required=False,
        widget=_words(),
        help_text=lazily("Left empty, it is the name of the language."),
    )
    automatic = forms.BooleanField(label=lazily("Made by a program"), required=False)

    @classmethod
    def new(cls, data: Any = None, files: Any = None) -> CaptionForm:
        # Beside other forms on its page, which have a language too.
        return cls(data, files, label_suffix="", auto_id="new_%s")

    @classmethod
    def of(cls, caption: Caption, data: Any = None, files: Any = None) -> CaptionForm:
        """For words that are there."""
        now = {
            "language": languages.shown(caption.language),
            "kind": caption.kind,
            "label": "" if caption.label == languages.name(caption.language) else caption.label,
            "automatic": caption.automatic,
        }
        form = cls(data, files, initial=now, label_suffix="", prefix=caption.pk)
        form.fields["file"].required = False
        form.fields["file"].label = _("Another file, in place of these words")
        return form

    def clean_file(self) -> bytes | None:
        file: UploadedFile | None = self.cleaned_data.get("file")
        if file is None:
            return None
        if (file.size or 0) > captions.MOST_BYTES:
            raise forms.ValidationError(captions.TOO_LARGE)
        return file.read()


class ChaptersForm(forms.Form):
    chapters = forms.CharField(
        label=lazily("One chapter a line: when it begins, and its title"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "placeholder": _SAMPLE}),
    )

    @classmethod
    def of(cls, video: Video, data: Any = None) -> ChaptersForm:
        return cls(data, initial={"chapters": chapters.written(video)}, label_suffix="")


class PosterForm(forms.Form):
    moment = forms.CharField(
        label=lazily("Moment"),
        required=False,
        max_length=20,
        widget=_words(inputmode="text"),
        help_text=lazily("As in 1:30 or 0:01:30.5. Left empty, the library chooses."),
    )

    @classmethod
    def of(cls, video: Video, data: Any = None) -> PosterForm:
        now = "" if video.poster_at is None else clock.write(video.poster_at)
        return cls(data, initial={"moment": now}, label_suffix="")

    def clean_moment(self) -> float | None:
        typed = self.cleaned_data["moment"].strip()
        if not typed:
            return None
        second = clock.read(typed)
        if second is None:
            raise forms.ValidationError(_("This is no moment of a film. Write it as in 1:30."))
        return second
