"""What people read in templates is marked for translation."""

import re

import pytest

from tests.running import ROOT

# The administration of Django has its own words, and the API's page is read by programmers.
TEMPLATES = sorted([*(ROOT / "templates").glob("*.html"), *(ROOT / "templates/library").glob("*")])
# Names of things and of keys, and what people type: the same in every language.
SAME = r"(· )?filmedia|JSON|CSV|USDFC|[\d.]+ [kM]B/s|https://\S+"
MARKED = r"{% blocktranslate.*?{% endblocktranslate %}|{% comment %}.*?{% endcomment %}|{#.*?#}"
CODE = r"<(code|kbd)\b.*?</\1>"
TAG = r"<(?:[^<>{]|{%.*?%}|{{.*?}}|{)*>"


def unmarked(text: str) -> list[str]:
    text = re.sub(f"{MARKED}|{CODE}", "\0", text, flags=re.DOTALL)
    said = re.findall(r"""\b(?:aria-label|title|data-label|placeholder)="([^"{}]+)""", text)
    said += re.sub(f"{TAG}|{{%.*?%}}|{{{{.*?}}}}", "\0", text, flags=re.DOTALL).split("\0")
    words = (one.strip() for one in said)
    return [one for one in words if re.search("[A-Za-z]{2}", one) and not re.fullmatch(SAME, one)]


@pytest.mark.parametrize("page", TEMPLATES, ids=lambda path: path.stem)
def test_every_word_is_marked(page):
    assert not unmarked(page.read_text())


def test_words_that_are_not_marked_are_found():
    assert unmarked('<p title="Here">{% translate "There" %} and there</p>') == [
        "Here",
        "and there",
    ]
