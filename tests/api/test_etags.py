"""Answers that need not be sent again, and changes that are meant for one version."""

import pytest

from library.catalogue import collections, playlists
from library.models import Video
from tests.making import received_video

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def video(alice):
    return received_video(alice, b"a film of alice's", title="Harbour at dawn")


@pytest.fixture
def addresses(alice, video):
    shelf, order = collections.create(alice, "Alps"), playlists.create(alice, "Evenings")
    paths = ("videos", "tags", "collections", "playlists", "uploads", "events", "changes", "me")
    some = [f"/api/v1/{path}/" for path in paths]
    some += [f"/api/v1/videos/{video.pk}/", f"/api/v1/collections/{shelf.pk}/"]
    return [*some, f"/api/v1/playlists/{order.pk}/", "/api/v1/auth/tokens/", "/api/v1/schema/"]


def test_what_a_client_has_already_is_not_sent_again(phone, addresses):
    for url in addresses:
        # The first request writes down when the device was last seen.
        phone.get(url)
        first = phone.get(url)
        assert first.status_code == 200, url
        etag = first["ETag"]
        assert etag.startswith('"') and "private" in first["Cache-Control"], url
        assert {"Authorization", "Cookie"} <= set(first["Vary"].split(", ")), url
        again = phone.get(url, headers={"If-None-Match": f'"other", W/{etag}'})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag), url
        assert "RateLimit-Remaining" in again, url
        assert phone.get(url, headers={"If-None-Match": '"other"'}).status_code == 200, url


def test_another_answer_has_another_etag(phone, stranger, video):
    before = phone.get("/api/v1/videos/")["ETag"]
    assert stranger.get("/api/v1/videos/", headers={"If-None-Match": before}).status_code == 200
    Video.objects.update(title="Dusk")
    assert phone.get("/api/v1/videos/", headers={"If-None-Match": before}).status_code == 200


def test_head_tells_the_etag_of_get(phone, video):
    url = f"/api/v1/videos/{video.pk}/"
    assert phone.head(url)["ETag"] == phone.get(url)["ETag"]


def test_a_change_is_made_of_the_version_that_was_read(phone, video):
    url = f"/api/v1/videos/{video.pk}/"
    read = phone.get(url)["ETag"]
    first = phone.patch(url, {"title": "Dawn"}, format="json", headers={"If-Match": read})
    assert (first.status_code, first.json()["version"]) == (200, 2)
    late = phone.patch(url, {"title": "Dusk"}, format="json", headers={"If-Match": read})
    assert (late.status_code, late["ETag"]) == (412, '"v2"')
    assert (late.json()["code"], late.json()["current"]) == ("version-conflict", 2)
    assert Video.objects.get().title == "Dawn"
    # What the change answered is enough for the next one.
    again = {"If-Match": first["ETag"]}
    assert phone.delete(url, headers=again).status_code == 204


@pytest.mark.parametrize("given", ['"1"', '"v1"', "*"])
def test_a_version_alone_will_do(phone, video, given):
    answer = phone.patch(
        f"/api/v1/videos/{video.pk}/", {"title": "Dawn"}, format="json", headers={"If-Match": given}
    )
    assert answer.status_code == 200


def test_who_names_no_version_learns_how(phone, alice, video):
    shelf, order = collections.create(alice, "Alps"), playlists.create(alice, "Evenings")
    for url in (f"videos/{video.pk}", f"collections/{shelf.pk}", f"playlists/{order.pk}"):
        for method in (phone.patch, phone.delete):
            answer = method(f"/api/v1/{url}/", {}, format="json")
            assert (answer.status_code, answer.json()["code"]) == (428, "version-required"), url
            assert "If-Match" in answer.json()["detail"]


@pytest.mark.parametrize("given", ['W/"1"', "1", '"one"', '"1", "2"', '"v99999999999"', ""])
def test_what_is_no_version_is_refused(phone, video, given):
    url = f"/api/v1/videos/{video.pk}/"
    answer = phone.patch(url, {"title": "x"}, format="json", headers={"If-Match": given})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
