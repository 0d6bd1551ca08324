"""What a person chose for themselves."""

import json

import pytest

from library.errors import Invalid
from library.watching import preferences

pytestmark = pytest.mark.django_db


def test_everybody_begins_with_the_same(alice):
    assert preferences.of(alice) == preferences.DEFAULTS
    assert alice.preferences == {}


def test_only_what_was_chosen_is_kept(alice):
    preferences.change(alice, {"theme": "dark"})
    alice.refresh_from_db()
    assert alice.preferences == {"theme": "dark"}
    assert preferences.of(alice) == preferences.DEFAULTS | {"theme": "dark"}


def test_changes_are_merged_key_by_key(alice):
    preferences.change(alice, {"captions": {"on": True, "language": "pt-BR"}})
    preferences.change(alice, {"captions": {"size": "huge"}, "keys": False})
    told = preferences.of(alice)
    assert told["keys"] is False
    assert told["captions"] == preferences.DEFAULTS["captions"] | {
        "on": True,
        "language": "pt-BR",
        "size": "huge",
    }


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"theme": "pink"}, "preferences/theme"),
        ({"theme": ["dark"]}, "preferences/theme"),
        ({"keys": 1}, "preferences/keys"),
        ({"keys": "true"}, "preferences/keys"),
        ({"captions": True}, "preferences/captions"),
        ({"captions": {"size": "enormous"}}, "preferences/captions/size"),
        ({"captions": {"language": "<b>"}}, "preferences/captions/language"),
        ({"captions": {"font": "x"}}, "preferences/captions/font"),
        ({"sort": "title"}, "preferences/sort"),
        ({"<script>": 1}, "preferences"),
        ([], "preferences"),
        (None, "preferences"),
    ],
)
def test_what_is_wrong_is_refused_by_its_name_and_nothing_changes(alice, given, pointer):
    preferences.change(alice, {"view": "table"})
    with pytest.raises(Invalid) as refused:
        preferences.change(alice, {"theme": "dark", **given} if isinstance(given, dict) else given)
    assert refused.value.facts["field"] == pointer
    alice.refresh_from_db()
    assert alice.preferences == {"view": "table"}


@pytest.mark.parametrize("kept", [[], {"theme": 3, "captions": "no", "gone": 1}, None])
def test_what_is_kept_by_rules_of_before_does_no_harm(alice, kept):
    alice.preferences = kept
    assert preferences.of(alice) == preferences.DEFAULTS


def test_every_page_knows_them(as_alice, alice):
    preferences.change(alice, {"theme": "dark"})
    page = as_alice.get("/").content.decode()
    told = page.split('<script id="preferences" type="application/json">')[1].split("</script>")[0]
    assert json.loads(told) == preferences.of(alice)


def test_whoever_is_not_signed_in_keeps_theirs_in_the_browser(client):
    assert b'id="preferences"' not in client.get("/login/").content


def test_the_api_tells_and_changes_them(as_alice, alice):
    change = {"preferences": {"captions": {"on": True}}}
    answer = as_alice.patch("/api/v1/me/", json.dumps(change), content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert as_alice.get("/api/v1/me/").json()["preferences"] == preferences.of(
        type(alice).objects.get()
    )
    wrong = {"preferences": {"captions": {"on": "yes"}}}
    answer = as_alice.patch("/api/v1/me/", json.dumps(wrong), content_type="application/json")
    assert answer.status_code == 400
    assert "preferences/captions/on" in answer.content.decode()
