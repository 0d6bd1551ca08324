"""Languages as people write them, and as they are kept."""

import pytest

from library.errors import Invalid
from library.watching import languages


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("fr", "fr"),
        (" FR ", "fr"),
        ("pt_br", "pt-BR"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("ger", "de"),
        ("es-419", "es-419"),
        ("de-1996", "de-1996"),
        ("sl-rozaj-x-mine", "sl-rozaj-x-mine"),
    ],
)
def test_a_tag_is_spelled_as_it_should_be(given, kept):
    assert languages.checked(given) == kept


@pytest.mark.parametrize("wrong", ["", "f", "français", "en us", "en-", "<b>", "x" * 36, "en\0"])
def test_what_is_no_tag_is_refused(wrong):
    with pytest.raises(Invalid, match="BCP 47"):
        languages.checked(wrong)


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        ("French", "fr"),
        ("  français ", "fr"),
        ("Deutsch", "de"),
        ("Brazilian  Portuguese", "pt-BR"),
        ("Klingon", "Klingon"),
    ],
)
def test_a_language_is_known_by_what_people_call_it(said, tag):
    assert languages.meant(said) == tag


@pytest.mark.parametrize("tag", ["fr", "pt-BR", "zh-Hans", "de-AT", "tlh", "", "nb"])
def test_what_a_field_shows_is_read_as_what_it_was(tag):
    assert languages.meant(languages.shown(tag)) == tag


def test_every_language_to_choose_from_is_one():
    for own, _ in languages.known():
        assert languages.is_tag(languages.meant(own)), own


def test_a_language_without_a_name_is_called_by_its_tag():
    assert languages.name("tlh") == "tlh"
    assert languages.name("fr-CA") == "Français (CA)"
