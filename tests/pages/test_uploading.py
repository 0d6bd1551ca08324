"""The upload page without scripts: a plain form."""

import io
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from library.models import Collection, Upload, Video
from library.uploads import queue, receiving
from tests.making import TEN_BYTES, stored_video

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/upload/"


@pytest.fixture
def as_alice(client, alice):
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    return client


def file(name="harbour.mp4", data=TEN_BYTES):
    return SimpleUploadedFile(name, data, "video/mp4")


def known(page):
    """What the page hands to its scripts."""
    found = re.search(r'<script id="known-uploads" type="application/json">(.*?)</script>', page)
    return json.loads(found[1])


def test_a_form_brings_a_film(as_alice, alice):
    answer = as_alice.post(PAGE, {"file": file(), "title": "Dawn", "visibility": "members"})
    video = Video.objects.get()
    # Where it would be said, were it refused.
    assert answer["Location"] == PAGE
    page = as_alice.get(PAGE).content.decode()
    assert "“Dawn” is received" in page and f'href="/watch/{video.pk}/"' in page
    assert (video.owner, video.title, video.visibility) == (alice, "Dawn", "members")
    assert (video.size, video.filename) == (10, "harbour.mp4")


def test_without_a_title_the_name_of_the_file_is_taken(as_alice):
    as_alice.post(PAGE, {"file": file("old_harbour.mp4")})
    assert Video.objects.get().title == "old harbour"


def test_several_files_are_several_films_named_by_their_files(as_alice):
    form = {"file": [file("a.mp4"), file("b.mp4", b"other")], "title": "Both?"}
    assert as_alice.post(PAGE, form)["Location"] == PAGE
    assert set(Video.objects.values_list("title", flat=True)) == {"a", "b"}
    assert "2 files are received" in as_alice.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        pytest.param({}, "Choose a file first.", id="no file"),
        pytest.param({"title": "x" * 301}, "at most 300 characters", id="title"),
        pytest.param({"visibility": "all"}, "visibility is one of", id="visibility"),
    ],
)
def test_a_refusal_is_a_sentence_on_the_page(as_alice, form, sentence):
    page = as_alice.post(PAGE, {"file": file(), **form} if form else {})
    assert page.status_code == 400
    assert sentence in page.content.decode()
    assert not Video.objects.exists()


def test_a_file_that_is_too_large_or_finds_no_room_is_refused_at_once(as_alice, settings):
    settings.UPLOAD_MAX_SIZE = 5
    assert "takes files of up to 5 bytes" in as_alice.post(PAGE, {"file": file()}).content.decode()
    settings.UPLOAD_MAX_SIZE, settings.DISK_KEEP_FREE = 10**9, 2**60
    assert "no room" in as_alice.post(PAGE, {"file": file()}).content.decode()
    assert not Upload.objects.exists()


def test_the_page_promises_no_more_than_there_is_room_for(as_alice, alice, settings):
    settings.UPLOAD_MAX_SIZE = 5000
    assert "Up to 5 kB each" in as_alice.get(PAGE).content.decode()
    settings.UPLOAD_MAX_SIZE = 10**18
    assert "Up to 1000 PB each" not in as_alice.get(PAGE).content.decode()
    settings.DISK_KEEP_FREE = 2**60
    assert "no room for more films" in as_alice.get(PAGE).content.decode()


def test_what_is_said_in_the_form_is_said_of_the_film(as_alice, alice):
    form = {"description": "Fog.", "collection": "Coast", "tags": "sea, dawn", "language": "fr"}
    as_alice.post(PAGE, {"file": file(), **form})
    video = Video.objects.get()
    assert (video.description, video.collection.name, video.language) == ("Fog.", "Coast", "fr")
    assert sorted(tag.name for tag in video.tags.all()) == ["dawn", "sea"]


def test_a_word_that_cannot_be_kept_refuses_the_film(as_alice):
    page = as_alice.post(PAGE, {"file": file(), "language": "no language"})
    assert page.status_code == 400 and "BCP 47" in page.content.decode()
    assert not Video.objects.exists()


def test_films_are_listed_in_the_order_in_which_they_go(as_alice, alice):
    one, two, three = (receiving.begin(alice, length=10, title=title) for title in "abc")
    queue.order(alice, [three.pk, one.pk])
    page = as_alice.get(PAGE).content.decode()
    assert [upload["id"] for upload in known(page)] == [three.pk, one.pk, two.pk]


def test_the_last_five_that_are_finished_are_apart_from_what_is_on_its_way(as_alice, alice):
    for number in range(6):
        stored_video(alice, b"film %d" % number, title=f"Film {number}")
    in_trash = stored_video(alice, b"film in the trash", title="In the trash")
    Video.objects.filter(pk=in_trash.pk).update(trashed_at=timezone.now())
    arriving = receiving.begin(alice, length=10, title="Arriving")
    page = as_alice.get(PAGE).content.decode()
    queued, _ = page.split('id="finished"')
    assert arriving.pk in queued and "Film" not in queued.split('id="rows"')[1]
    titles = [upload["title"] for upload in known(page)]
    assert titles == ["Arriving", "Film 5", "Film 4", "Film 3", "Film 2", "Film 1"]
    assert "In the trash" not in page


def test_what_may_be_chosen_is_ones_own(as_alice, alice, mallory):
    Collection.objects.create(owner=alice, name="Alps", key="alps")
    Collection.objects.create(owner=mallory, name="Secret", key="secret")
    page = as_alice.get(PAGE).content.decode()
    assert '<option value="Alps">' in page and "Secret" not in page


def test_a_refused_film_is_shown_to_have_failed_its_check(as_alice, alice):
    begun = receiving.begin(alice, length=10, title="Not a film")
    refused = {"state": Upload.State.REFUSED, "offset": 10, "problem": "This is a ZIP archive."}
    Upload.objects.filter(pk=begun.pk).update(**refused)
    page = as_alice.get(PAGE).content.decode()
    assert 'data-step="receive" data-state="done"' in page
    assert 'data-step="check" data-state="failed"' in page
    assert "This is a ZIP archive." in page


@pytest.mark.parametrize("name", ["../../etc/passwd.mp4", "..\\x.mp4", "🎞.mp4", "n" * 400 + ".mp4"])
def test_odd_file_names_are_kept_as_words_only(as_alice, name):
    assert as_alice.post(PAGE, {"file": file(name)}).status_code == 302
    assert "/" not in Video.objects.get().filename


def test_nobody_sends_a_file_without_signing_in(client):
    assert client.post(PAGE, {"file": file()})["Location"] == "/login/?next=/upload/"
    assert not Upload.objects.exists()


def test_the_form_needs_its_token(alice):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    assert strict.post(PAGE, {"file": file()}).status_code == 403
    assert not Upload.objects.exists()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', str(strict.get(PAGE).content))
    form = {"file": file(), "csrfmiddlewaretoken": token[1]}
    assert strict.post(PAGE, form).status_code == 302


def test_the_page_lists_my_uploads_and_nobody_elses(as_alice, alice, mallory):
    mine = receiving.begin(alice, length=100, title="Half here", fingerprint="f")
    receiving.begin(mallory, length=100, title="Somebody else's")
    ended = receiving.begin(alice, length=100, title="Ended")
    receiving.cancel(ended)
    page = as_alice.get(PAGE).content.decode()
    assert [upload["id"] for upload in known(page)] == [mine.pk]
    assert "Half here" in page and "Somebody else" not in page and "Ended" not in page
    assert "0 % already here" in page


def test_titles_are_text_also_for_the_scripts(as_alice, alice):
    receiving.begin(alice, length=100, title="</script><script>alert(1)</script>")
    page = as_alice.get(PAGE).content.decode()
    assert "<script>alert" not in page
    assert known(page)[0]["title"] == "</script><script>alert(1)</script>"


def test_without_scripts_a_finished_film_is_in_the_state_that_it_is_in(as_alice, alice):
    receiving.receive(
        upload := receiving.begin(alice, length=len(TEN_BYTES), title="Dawn"),
        io.BytesIO(TEN_BYTES),
        offset=0,
    )
    Video.objects.filter(pk=upload.video_id).update(
        state=Video.State.AT_RISK, state_reason="A block is wrong."
    )
    assert "At risk. A block is wrong." in as_alice.get(PAGE).content.decode()
