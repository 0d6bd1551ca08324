"""The sheet before many films are changed, and the pages of what became of them."""

import json
import re

import pytest

from library.jobs import working
from library.models import Job, Video
from tests.jobs.conftest import begun, done
from tests.making import received_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def videos(alice):
    return [received_video(alice, title=title) for title in ("Harbour", "Pier")]


@pytest.fixture
def at(client, alice):
    client.force_login(alice)
    return client


def sheet(client, videos, action, **fields):
    said = {"action": action, "video": [video.pk for video in videos], **fields}
    return client.post("/bulk/", said)


def test_the_sheet_says_what_will_be_done_and_does_nothing(at, mallory, videos):
    theirs = received_video(mallory, title="Theirs", visibility="members")
    html = sheet(at, [*videos, theirs], "trash").content.decode()
    assert "2 films can be changed." in html
    assert "1 of 3 cannot be changed: you are not the owner." in html
    assert "Theirs" in html
    assert not Job.objects.exists()


def test_what_is_confirmed_becomes_a_job(at, videos):
    answer = sheet(at, videos, "tag", tags="sea", confirmed="1", total="2")
    job = Job.objects.get()
    assert answer["Location"] == f"/jobs/{job.pk}/"
    done(job)
    html = at.get(answer["Location"]).content.decode()
    assert "Add tags: sea" in html and "2 films: changed" in html
    assert "Add tags: sea" in at.get("/jobs/").content.decode()


def test_what_has_to_be_said_first_is_asked_for_beside_its_field(at, videos):
    answer = sheet(at, videos, "tag", confirmed="1", total="2")
    assert answer.status_code == 400
    assert 'id="bulk-problem"' in answer.content.decode()
    assert not Job.objects.exists()


def test_a_list_that_has_changed_since_is_shown_again_first(at, alice, videos):
    said = {"action": "trash", "all": "1", "query": "", "confirmed": "1", "total": "2"}
    received_video(alice, title="Just arrived")
    answer = at.post("/bulk/", said)
    assert "The list has changed since you looked." in answer.content.decode()
    assert not Job.objects.exists()
    assert at.post("/bulk/", said | {"total": "3"}).status_code == 302


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"action": "paint", "video": "vid_1"},
        {"action": "trash"},
        {"action": "trash", "video": "\x00"},
        {"action": "trash", "all": "1", "query": "colour=red"},
    ],
)
def test_nonsense_leads_back_with_a_sentence(at, said):
    answer = at.post("/bulk/", said, follow=True)
    assert answer.redirect_chain[-1][0] == "/"
    assert 'class="notice error"' in answer.content.decode()


def test_a_job_is_stopped_and_taken_back_from_its_page(at, alice, videos):
    job = begun(alice, "trash", videos)
    html = at.get(f"/jobs/{job.pk}/").content.decode()
    assert f'action="/jobs/{job.pk}/cancel/"' in html and f"/jobs/{job.pk}/undo/" not in html
    at.post(f"/jobs/{job.pk}/cancel/")
    assert "Stopped" in at.get(f"/jobs/{job.pk}/").content.decode()
    second = done(begun(alice, "trash", videos))
    back = at.post(f"/jobs/{second.pk}/undo/")["Location"]
    assert working.take_one("a test")
    assert Video.objects.filter(trashed_at=None).count() == 2
    assert "Undo: Move to trash" in at.get(back).content.decode()


def test_a_manifest_is_downloaded_from_the_page_of_its_job(at, alice, videos):
    job = done(begun(alice, "manifest", videos))
    html = at.get(f"/jobs/{job.pk}/").content.decode()
    for address in re.findall(r'href="(/jobs/\w+/manifest\.\w+)"', html):
        answer = at.get(address)
        assert answer["Content-Disposition"].startswith("attachment")
    told = json.loads(at.get(f"/jobs/{job.pk}/manifest.json").content)
    assert [film["title"] for film in told["films"]] == ["Harbour", "Pier"]


def test_a_film_that_is_gone_or_of_somebody_else_is_no_link(at, alice, mallory, videos):
    job = done(begun(alice, "language", videos, language="fr"))
    Video.objects.filter(pk=videos[0].pk).update(owner=mallory)
    html = at.get(f"/jobs/{job.pk}/").content.decode()
    assert f'href="/watch/{videos[0].pk}/"' not in html
    assert f'href="/watch/{videos[1].pk}/"' in html
