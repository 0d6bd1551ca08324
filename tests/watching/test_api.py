"""Watching over the API: progress, captions, chapters, the poster."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from library.models import Caption, Chapter, Step, Video, Viewing
from library.moments import moment
from library.watching import captions, viewings
from tests.making import keep_caption, said

pytestmark = pytest.mark.django_db
VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n"


def send(client, method, address, body):
    return getattr(client, method)(
        f"/api/v1/{address}", json.dumps(body), content_type="application/json"
    )


class TestProgress:
    def test_is_told_as_it_is_kept_now(self, as_alice, video):
        at = timezone.now() - timedelta(hours=1)
        body = {"position": 754.2, "device": "Firefox on Linux", "at": moment(at)}
        answer = send(as_alice, "post", f"videos/{video.pk}/progress/", body)
        assert answer.json() == {
            "position": 754.2,
            "finished": False,
            "at": moment(at),
            "device": "Firefox on Linux",
        }
        older = {"position": 10.0, "at": moment(at - timedelta(hours=1))}
        answer = send(as_alice, "post", f"videos/{video.pk}/progress/", older)
        assert answer.json()["position"] == 754.2

    def test_is_forgotten(self, as_alice, video):
        send(as_alice, "post", f"videos/{video.pk}/progress/", {"position": 754.2})
        assert as_alice.delete(f"/api/v1/videos/{video.pk}/progress/").status_code == 204
        assert as_alice.get(f"/api/v1/videos/{video.pk}/playback/").json()["resume"] is None

    @pytest.mark.parametrize(
        "odd",
        [
            {},
            [],
            {"position": -1},
            {"position": "soon"},
            {"position": True, "at": 3},
            {"position": 10**400},
            {"position": 1e308},
            {"position": 5, "at": "yesterday"},
            {"position": 5, "device": "x" * 1001},
            {"position": 5, "device": "\ud800"},
        ],
    )
    def test_that_is_none_is_refused(self, as_alice, video, odd):
        answer = send(as_alice, "post", f"videos/{video.pk}/progress/", odd)
        assert answer.status_code == 400, answer.content
        assert not Viewing.objects.exists()

    def test_of_many_films_is_told_one_by_one(self, as_alice, alice, video, public):
        items = [
            {"video": video.pk, "position": 100},
            {"video": "vid_nowhere", "position": 100},
            {"video": public.pk, "position": -3},
            {"video": public.pk, "position": 200, "finished": True},
            "nonsense",
            {"video": "\0", "position": 100},
        ]
        answer = send(as_alice, "post", "progress/", items)
        assert answer.status_code == 200, answer.content
        told = answer.json()["items"]
        kept = [item["kept"] and item["kept"]["position"] for item in told]
        assert kept == [100, None, None, 200, None, None]
        assert [bool(item["problem"]) for item in told] == [False, True, True, False, True, True]
        assert viewings.of(alice, public).finished

    def test_of_two_hundred_films_at_most(self, as_alice, video):
        items = [{"video": video.pk, "position": 100}] * 201
        assert send(as_alice, "post", "progress/", items).status_code == 400

    def test_of_all_films_is_forgotten_at_once(self, as_alice, alice, video, public):
        viewings.keep(alice, video, 100)
        viewings.keep(alice, public, 100)
        assert as_alice.delete("/api/v1/progress/").status_code == 204
        assert not Viewing.objects.exists()


def test_films_to_go_on_with_are_told_with_what_remains(as_alice, alice, video):
    viewings.keep(alice, video, 1000, device="phone")
    (item,) = as_alice.get("/api/v1/continue/").json()["items"]
    assert item["video"]["id"] == video.pk
    assert (item["position"], item["remaining"], item["device"]) == (1000, 5000, "phone")
    assert as_alice.delete(f"/api/v1/continue/{video.pk}/").status_code == 204
    assert as_alice.get("/api/v1/continue/").json()["items"] == []


class TestCaptions:
    def test_are_added_as_text(self, as_alice, video):
        body = {"language": "fr", "text": VTT, "automatic": True}
        answer = send(as_alice, "post", f"videos/{video.pk}/captions/", body)
        assert answer.status_code == 201, answer.content
        told = answer.json()
        assert (told["label"], told["kind"], told["automatic"]) == ("Français", "subtitles", True)
        assert (told["count"], told["url"]) == (1, f"/captions/{told['id']}.vtt")
        assert as_alice.get(answer["Location"]).json() == told
        listed = as_alice.get(f"/api/v1/videos/{video.pk}/captions/").json()["items"]
        assert [one["id"] for one in listed] == [told["id"]]

    def test_are_added_as_a_file(self, as_alice, video):
        srt = "1\n00:00:01,000 --> 00:00:02,000\nZoë\n".encode("cp1252")
        body = {"language": "fr", "kind": "captions", "file": SimpleUploadedFile("a.srt", srt)}
        answer = as_alice.post(f"/api/v1/videos/{video.pk}/captions/", body)
        assert answer.status_code == 201, answer.content
        assert said() == ["Zoë"]

    @pytest.mark.parametrize(
        ("body", "status", "pointer"),
        [
            ({"language": "fr"}, 400, "text"),
            ({"text": VTT}, 400, "language"),
            ({"language": "<fr>", "text": VTT}, 400, "language"),
            ({"language": "fr", "text": "Dear Sir,"}, 400, "file"),
            ({"language": "fr", "text": ""}, 400, "file"),
            ({"language": "fr", "text": VTT, "kind": "songs"}, 400, "kind"),
            ({"language": "fr", "text": VTT, "colour": "red"}, 400, "colour"),
            ({"language": "fr", "text": VTT, "label": "\ud800"}, 400, ""),
            ({"language": "fr", "text": "x" * (captions.MOST_BYTES + 1)}, 413, ""),
        ],
    )
    def test_that_are_wrong_are_refused_by_what_is_wrong(
        self, as_alice, video, body, status, pointer
    ):
        answer = send(as_alice, "post", f"videos/{video.pk}/captions/", body)
        assert answer.status_code == status, answer.content
        assert pointer in answer.content.decode()

    def test_there_are_already_are_not_added_again(self, as_alice, video):
        keep_caption(video, language="fr")
        body = {"language": "fr", "text": VTT}
        answer = send(as_alice, "post", f"videos/{video.pk}/captions/", body)
        assert answer.status_code == 409

    def test_are_changed_and_taken_away(self, as_alice, video):
        caption = keep_caption(video, "Hello", language="fr")
        change = {"label": "Pour tous", "text": VTT.replace("Hello", "Salut")}
        answer = send(as_alice, "patch", f"captions/{caption.pk}/", change)
        assert answer.json()["label"] == "Pour tous"
        assert said() == ["Salut"]
        assert as_alice.delete(f"/api/v1/captions/{caption.pk}/").status_code == 204
        assert not Caption.objects.exists()

    def test_tell_the_line_that_is_wrong(self, as_alice, video):
        body = {"language": "fr", "text": "1\n00:00:01 --> later\nHi\n"}
        answer = send(as_alice, "post", f"videos/{video.pk}/captions/", body)
        assert "Line 2: these times cannot be read" in answer.json()["detail"]


class TestChapters:
    def test_are_put_as_a_list(self, as_alice, video):
        items = [{"start": 0, "title": "Opening"}, {"start": 90.5, "title": "The harbour"}]
        answer = send(as_alice, "put", f"videos/{video.pk}/chapters/", {"items": items})
        assert answer.json() == as_alice.get(f"/api/v1/videos/{video.pk}/chapters/").json()
        assert [part["end"] for part in answer.json()["items"]] == [90.5, 6000]

    @pytest.mark.parametrize(
        "items",
        [
            [{"start": 5, "title": "a"}, {"start": 5, "title": "b"}],
            [{"start": 1e300, "title": "a"}],
            [{"start": 10**400, "title": "a"}],
            [{"start": "nan", "title": "a"}],
            [{"start": 1, "title": " "}],
            [{"start": 1, "title": "a\ud800"}],
            [{"start": 1}],
            [{"start": 1, "title": "x" * 201}],
            [{"start": n, "title": "x"} for n in range(501)],
            {},
            None,
        ],
    )
    def test_that_are_none_are_refused(self, as_alice, video, items):
        answer = send(as_alice, "put", f"videos/{video.pk}/chapters/", {"items": items})
        assert answer.status_code == 400, answer.content
        assert not Chapter.objects.exists()


class TestThePoster:
    def test_is_asked_for_and_made_by_a_worker(self, as_alice, video):
        answer = send(as_alice, "put", f"videos/{video.pk}/poster/", {"poster_at": 61.5})
        assert (answer.status_code, answer.json()) == (202, {"poster_at": 61.5})
        assert Video.objects.get().poster_at == 61.5
        assert video.steps.get(kind=Step.Kind.POSTER).state == Step.State.WAITING

    @pytest.mark.parametrize("odd", [-1, 6001, "nan", "x", 10**400, []])
    def test_of_no_moment_of_the_film_is_refused(self, as_alice, video, odd):
        answer = send(as_alice, "put", f"videos/{video.pk}/poster/", {"poster_at": odd})
        assert answer.status_code == 400, answer.content
        assert not video.steps.filter(kind=Step.Kind.POSTER).exists()

    def test_is_the_librarys_choice_again(self, as_alice, video):
        send(as_alice, "put", f"videos/{video.pk}/poster/", {"poster_at": 61.5})
        send(as_alice, "put", f"videos/{video.pk}/poster/", {"poster_at": None})
        assert Video.objects.get().poster_at is None

    def test_of_a_plain_file_cannot_be_made(self, as_alice, video):
        Video.objects.filter(pk=video.pk).update(kind="file")
        answer = send(as_alice, "put", f"videos/{video.pk}/poster/", {"poster_at": 1})
        assert answer.status_code == 409
