"""The page about oneself."""

import re

import pytest
from django.test import Client

from library.models import DeviceToken, User
from library.models.scopes import SCOPES
from library.watching import preferences

pytestmark = pytest.mark.django_db
URL = "/account/"
PASSWORD = "alice's long password"
CHOSEN = {
    "part": "me",
    "name": "Alice Rivers",
    "theme": "dark",
    "view": "table",
    "keys": "on",
    "captions_on": "on",
    "captions_language": "fr",
    "captions_size": "large",
    "captions_colour": "yellow",
    "captions_background": "solid",
    "captions_place": "top",
}


@pytest.fixture
def page(client, alice):
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    return client


def test_name_and_preferences_are_kept(page, alice):
    assert page.post(URL, CHOSEN).status_code == 302
    alice.refresh_from_db()
    assert alice.first_name == "Alice Rivers"
    kept = preferences.of(alice)
    assert (kept["theme"], kept["view"], kept["keys"]) == ("dark", "table", True)
    # What is not ticked is off.
    assert not (kept["autoplay"] or kept["history"] or kept["mini_player"])
    assert kept["captions"] == {
        "on": True,
        "language": "fr",
        "size": "large",
        "colour": "yellow",
        "background": "solid",
        "place": "top",
    }
    text = page.get(URL).content.decode()
    assert 'value="Alice Rivers"' in text
    assert re.search(r'value="dark"[^>]*checked', text)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"theme": "pink"}, id="a theme there is not"),
        pytest.param({"name": "x" * 101}, id="a name too long"),
        pytest.param({"captions_language": "klingon language"}, id="no language"),
    ],
)
def test_what_is_wrong_is_told_beside_it_and_nothing_changes(page, alice, wrong):
    answer = page.post(URL, CHOSEN | wrong)
    assert answer.status_code == 400
    assert answer.content.decode().count("field-error") == 1
    alice.refresh_from_db()
    assert (alice.first_name, alice.preferences) == ("", {})


def test_a_changed_password_signs_other_browsers_out_and_keeps_devices(page, alice):
    other = Client()
    other.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    DeviceToken.objects.create(user=alice, device="phone")
    new = "an even longer one for alice"
    answer = page.post(URL, {"part": "password", "old": PASSWORD, "new": new})
    assert answer.status_code == 302
    assert page.get(URL).status_code == 200
    assert other.get(URL).status_code == 302
    assert User.objects.get(pk=alice.pk).check_password(new)
    assert DeviceToken.objects.count() == 1


@pytest.mark.parametrize(("old", "new"), [("wrong", "an even longer one"), (PASSWORD, "12345")])
def test_a_password_is_not_changed_by_a_stranger_or_to_a_bad_one(page, alice, old, new):
    answer = page.post(URL, {"part": "password", "old": old, "new": new})
    assert answer.status_code == 400
    assert "field-error" in answer.content.decode()
    assert User.objects.get(pk=alice.pk).check_password(PASSWORD)


def test_a_token_is_shown_once_with_what_it_may_do(page, alice):
    given = {"part": "token", "device": "Backup", "scopes": ["videos:read", "stream"], "days": 30}
    answer = page.post(URL, given)
    assert "no-store" in answer["Cache-Control"]
    (secret,) = re.findall(r'<code id="secret">(\w+)</code>', answer.content.decode())
    told = Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {secret}"}).json()
    assert told["scopes"] == ["videos:read", "stream"]
    later = page.get(URL).content.decode()
    assert secret not in later
    assert "Backup" in later and str(SCOPES["stream"]) in later
    device = DeviceToken.objects.get()
    assert 29 <= (device.expiry - device.created).days <= 30


def test_a_token_for_nothing_or_for_an_administration_that_is_not_theirs_is_refused(page):
    for scopes in ([], ["admin"], ["shares:write"], ["nonsense"]):
        given = {"part": "token", "device": "Backup", "scopes": scopes, "days": 30}
        assert page.post(URL, given).status_code == 400
    assert not DeviceToken.objects.exists()


def test_a_device_is_signed_out_by_its_owner_alone(page, alice, mallory):
    own, _ = DeviceToken.objects.create(user=alice, device="phone")
    other, _ = DeviceToken.objects.create(user=mallory, device="phone")
    for device in (own, other):
        assert page.post(URL, {"part": "sign-out", "token": device.public_id}).status_code == 302
    assert list(DeviceToken.objects.all()) == [other]


def test_what_people_call_their_devices_is_text(page, alice):
    DeviceToken.objects.create(user=alice, device="<b>phone</b>")
    text = page.get(URL).content.decode()
    assert "&lt;b&gt;phone" in text and "<b>phone" not in text
