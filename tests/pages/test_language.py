"""The language of the pages is one for all of the library."""

from __future__ import annotations

from django.apps import apps
from django.urls import reverse
from django.utils.functional import Promise


def test_pages_in_english_load_no_catalogue(client, db):
    page = client.get(reverse("library:login")).content.decode()
    assert '<html lang="en"' in page
    assert reverse("words") not in page


def test_pages_in_another_language_say_so_and_bring_its_words_for_scripts(client, db, settings):
    settings.LANGUAGE_CODE = "de"
    page = client.get(reverse("library:login")).content.decode()
    assert '<html lang="de"' in page
    assert f'<script src="{reverse("words")}"></script>' in page
    words = client.get(reverse("words"))
    assert words.headers["Content-Type"].startswith("text/javascript")
    assert "max-age=3600" in words.headers["Cache-Control"]
    assert b"django.ngettext" in words.content


def test_words_of_choices_are_translated_when_they_are_shown():
    plain = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("library").get_models()
        for field in model._meta.fields
        for _, words in field.choices or ()
        if not isinstance(words, Promise)
    }
    assert plain == {"Rendition.quality"}  # 480p is 480p everywhere
