import re

import pytest
from django.urls import reverse

from library import films
from library.models import DeviceToken, Video, Visibility
from tests.making import keep_poster, received_video, stored_video

pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def video(alice):
    return stored_video(alice, width=1280, height=720, duration=754.0, container="MP4")


@pytest.fixture
def as_alice(client, alice):
    client.force_login(alice, BACKEND)
    return client


@pytest.fixture
def as_mallory(client, mallory):
    client.force_login(mallory, BACKEND)
    return client


def address(name, video):
    return reverse(f"library:{name}", args=[video.pk])


def test_the_page_plays_and_tells_what_is_known(as_alice, video):
    page = as_alice.get(address("watch", video)).content.decode()
    assert re.search(r'src="/media/[\w-]+"', page)
    assert f'href="/stream/{video.pk}/?download=1"' in page
    for fact in ("12:34", "1280", "720", "MP4", video.sha256, video.piece_cid, "10 bytes"):
        assert fact in page
    assert "1 copy of every piece, on this machine" in page
    assert "Read back and compared" in page


@pytest.mark.parametrize(
    ("asked", "start"), [("?t=754", "#t=754"), ("?t=12m34s", "#t=754"), ("?t=00:12:34", "#t=754")]
)
def test_a_moment_in_the_address_is_where_it_begins_without_scripts(as_alice, video, asked, start):
    page = as_alice.get(address("watch", video) + asked).content.decode()
    assert re.search(rf'src="/media/[\w-]+{start}"', page)


@pytest.mark.parametrize("odd", ["?t=-1", "?t=%22%3E%3Cscript%3E", "?t=1e99", "?t="])
def test_an_odd_moment_is_the_beginning(as_alice, video, odd):
    page = as_alice.get(address("watch", video) + odd).content.decode()
    assert re.search(r'src="/media/[\w-]+"', page)


def test_mallory_sees_no_sign_of_a_private_film(as_mallory, video):
    for name in ("watch", "edit", "poster"):
        assert as_mallory.get(address(name, video)).status_code == 404
    for name in ("edit", "trash", "restore"):
        assert as_mallory.post(address(name, video), {"title": "Mine"}).status_code == 404
    video.refresh_from_db()
    assert (video.title, video.trashed_at) == ("Harbour at dawn", None)


def test_mallory_may_watch_what_members_may_but_change_nothing(as_mallory, video):
    films.change(video, visibility=Visibility.MEMBERS)
    page = as_mallory.get(address("watch", video)).content.decode()
    assert address("trash", video) not in page and address("edit", video) not in page
    assert as_mallory.get(address("edit", video)).status_code == 404
    for name in ("edit", "trash", "restore"):
        form = {"title": "Mine", "visibility": "private"}
        assert as_mallory.post(address(name, video), form).status_code == 404


def test_a_stranger_cannot_tell_a_private_film_from_none(client, video):
    nowhere = client.get("/watch/vid_nowhere/?t=5")
    somewhere = client.get(address("watch", video) + "?t=5")
    assert nowhere["Location"] == "/login/?next=/watch/vid_nowhere/%3Ft%3D5"
    assert somewhere["Location"] == nowhere["Location"].replace("vid_nowhere", video.pk)
    assert client.get(address("poster", video)).status_code == 404
    for name in ("edit", "trash", "restore"):
        assert client.post(address(name, video))["Location"].startswith("/login/")


def test_everybody_watches_a_public_film_without_signing_in(client, video):
    films.change(video, visibility=Visibility.PUBLIC)
    page = client.get(address("watch", video))
    assert page.status_code == 200
    assert "Move to trash" not in page.content.decode()


def test_an_owner_edits_and_the_change_is_remembered(as_alice, video):
    form = {"title": " Harbour  ", "description": "Gulls.\r\nPier.", "visibility": "members"}
    assert as_alice.post(address("edit", video), form)["Location"] == address("watch", video)
    video.refresh_from_db()
    assert (video.title, video.description) == ("Harbour", "Gulls.\nPier.")
    assert video.visibility == "members"
    event = video.events.get(type="video.changed")
    assert event.data == {"changed": ["description", "title", "visibility"]}


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"title": "  "}, id="no title"),
        pytest.param({"title": "x" * 301}, id="title too long"),
        pytest.param({"title": "a\x07b"}, id="control character"),
        pytest.param({"description": "x" * 10_001}, id="description too long"),
        pytest.param({"visibility": "everyone"}, id="unknown visibility"),
    ],
)
def test_a_wrong_edit_keeps_what_was_typed_and_changes_nothing(as_alice, video, wrong):
    form = {"title": "New", "description": "Words", "visibility": "members"} | wrong
    page = as_alice.post(address("edit", video), form)
    assert page.status_code == 200
    assert "field-error" in page.content.decode()
    video.refresh_from_db()
    assert (video.title, video.visibility) == ("Harbour at dawn", "private")


def test_a_film_goes_to_the_trash_and_back(as_alice, video):
    assert as_alice.get(address("trash", video)).status_code == 405
    assert as_alice.post(address("trash", video))["Location"] == "/"
    assert "Harbour at dawn" not in as_alice.get("/").content.decode().split('id="shelf"')[1]
    assert "Harbour at dawn" in as_alice.get("/?in=trash").content.decode()
    page = as_alice.get(address("watch", video)).content.decode()
    assert "In the trash" in page and "<video" not in page
    as_alice.post(address("restore", video))
    assert Video.objects.get().trashed_at is None
    types = set(video.events.values_list("type", flat=True))
    assert {"video.trashed", "video.restored"} <= types


def test_a_trashed_film_is_gone_for_everybody_else(client, mallory, video):
    films.change(video, visibility=Visibility.PUBLIC)
    films.trash(video)
    assert client.get(address("watch", video)).status_code == 302
    client.force_login(mallory, BACKEND)
    assert client.get(address("watch", video)).status_code == 404


def test_title_and_description_are_text_whatever_is_in_them(as_alice, video):
    films.change(video, title="<script>alert(1)</script>", description="<img src=x onerror=a>")
    for name in ("watch", "edit"):
        page = as_alice.get(address(name, video)).content.decode()
        assert "<script>alert" not in page and "<img src=x" not in page


def test_the_uploader_hears_of_the_same_bytes(as_alice, alice, video):
    again = received_video(alice, title="Again")
    page = as_alice.get(address("watch", again)).content.decode()
    assert "You already have these bytes as" in page and address("watch", video) in page


def test_the_same_bytes_of_somebody_else_stay_unsaid(as_mallory, mallory, video):
    again = received_video(mallory, title="Again")
    assert "already have" not in as_mallory.get(address("watch", again)).content.decode()


def test_a_plain_file_has_no_player(as_alice, alice):
    video = received_video(alice, kind=Video.Kind.FILE)
    page = as_alice.get(address("watch", video)).content.decode()
    assert "<video" not in page and "can be downloaded" in page


def test_a_film_that_is_being_checked_shows_its_stages(as_alice, alice):
    video = received_video(alice)
    page = as_alice.get(address("watch", video)).content.decode()
    assert "Being checked" in page and 'data-stage="verify"' in page


@pytest.fixture
def poster(video):
    keep_poster(video, b"\xff\xd8 a picture")
    return address("poster", video)


def test_a_poster_is_kept_by_its_viewer_alone(as_alice, poster):
    answer = as_alice.get(poster)
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"] == "private, no-cache"
    again = as_alice.get(poster, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("visibility", [Visibility.PRIVATE, Visibility.MEMBERS])
def test_nothing_but_public_posters_is_cached_publicly(as_alice, video, poster, visibility):
    films.change(video, visibility=visibility)
    assert "public" not in as_alice.get(poster)["Cache-Control"]


def test_a_public_poster_is_for_everybody_until_the_film_is_trashed(client, alice, video, poster):
    films.change(video, visibility=Visibility.PUBLIC)
    assert client.get(poster)["Cache-Control"].startswith("public, max-age=")
    films.trash(video)
    assert client.get(poster).status_code == 404
    client.force_login(alice, BACKEND)
    assert client.get(poster)["Cache-Control"] == "private, no-cache"


def test_a_phone_gets_the_poster_with_its_token(client, alice, mallory, poster):
    def asked_by(user):
        _, token = DeviceToken.objects.create(user, device="phone")
        return client.get(poster, headers={"Authorization": f"Bearer {token}"}).status_code

    assert (asked_by(alice), asked_by(mallory)) == (200, 404)
    wrong = client.get(poster, headers={"Authorization": "Bearer " + "0" * 64})
    assert wrong.status_code == 401


def test_a_film_without_a_poster_has_none(as_alice, video):
    assert as_alice.get(address("poster", video)).status_code == 404


@pytest.mark.parametrize("odd", ["..", "vid_%00", "vid_" + "x" * 500])
def test_odd_ids_are_nothing(as_alice, odd):
    for path in (f"/watch/{odd}/", f"/poster/{odd}/"):
        assert as_alice.get(path).status_code in {404, 400}


def test_a_film_in_the_trash_asks_for_nothing(as_alice, alice, video):
    sound = [{"kind": "audio", "codec": "aac"}]
    twin = stored_video(alice, duration=754.0, title="Twin", streams=sound)
    page = as_alice.get(address("watch", twin)).content.decode()
    assert 'id="no-captions"' in page and 'id="same-bytes"' in page
    films.trash(twin)
    page = as_alice.get(address("watch", twin)).content.decode()
    assert 'id="no-captions"' not in page and 'id="same-bytes"' not in page
    assert re.search(r'id="share-open"[^>]* hidden', page)


def test_a_film_at_risk_leads_staff_to_where_it_is_mended(as_alice, alice, admin, video):
    place = reverse("admin:library_video_change", args=[video.pk])
    Video.objects.filter(pk=video.pk).update(state=Video.State.AT_RISK)
    page = as_alice.get(address("watch", video)).content.decode()
    assert "Ask whoever runs this library." in page and place not in page
    as_alice.force_login(admin, BACKEND)
    page = as_alice.get(address("watch", video)).content.decode()
    assert "Ask whoever runs this library." not in page and place in page
