"""The figures: what they tell, and to whom."""

from collections import Counter

import pytest
from prometheus_client.parser import text_string_to_metric_families as parsed

from library.models import DeviceToken, Video
from streaming.cache.counters import Counters
from streaming.doors import watched
from streaming.doors.crowd import Crowd
from streaming.doors.figures import Figures
from streaming.doors.reports import Reporter
from tests.making import stored_video
from tests.streaming.conftest import FILM

pytestmark = pytest.mark.django_db
TOKEN = "a token of at least thirty-two letters"
FROM_ELSEWHERE = {"X-Forwarded-For": "203.0.113.7"}


@pytest.fixture
def register(monkeypatch):
    """A process that has sent nothing yet."""
    figures = Figures(Crowd())
    monkeypatch.setattr("streaming.doors.delivery.figures", figures)
    monkeypatch.setattr(watched, "figures", figures)
    # Those of this process have what other tests did in it.
    monkeypatch.setattr(watched, "counters", Counters())
    monkeypatch.setattr(watched, "counts", Counter)
    fresh = watched.Register()
    monkeypatch.setattr("streaming.doors.delivery.register", fresh)
    monkeypatch.setattr("streaming.metrics.views.register", fresh)
    return fresh


@pytest.fixture
def figures(client, register):
    """Every sample by its name and labels."""

    def read(**headers):
        answer = client.get("/metrics", headers=headers)
        assert answer.status_code == 200
        samples = [one for family in parsed(answer.content.decode()) for one in family.samples]
        return {(one.name, *sorted(one.labels.values())): one.value for one in samples}

    return read


def test_they_tell_what_was_sent_and_what_is_kept(figures, film, as_alice):
    before = figures()
    assert before["filmedia_films", "stored"] == 1
    assert before["filmedia_streams_open",] == 0
    as_alice(f"/stream/{film.pk}/", Range="bytes=0-99999")
    after = figures()
    assert after["filmedia_stream_bytes_total", "shelf"] == 100_000
    assert after["filmedia_first_byte_seconds_count",] == 1
    assert after["filmedia_first_byte_seconds_bucket", "+Inf"] == 1
    assert after["filmedia_steps", "failed"] == 0
    assert {name for name, *_ in after} >= {
        "filmedia_streams_waiting",
        "filmedia_streams_refused_total",
        "filmedia_cache_hits_total",
        "filmedia_cache_misses_total",
        "filmedia_cache_evictions_total",
        "filmedia_cache_saved_bytes_total",
        "filmedia_cache_bytes",
        "filmedia_fetches_in_flight",
        "filmedia_uploads_receiving",
        "filmedia_steps_due",
    }


def test_they_are_those_of_all_processes_together(figures, film, as_alice):
    one, other = Counters(hits=3, misses=1, in_flight=2), Counters(hits=10)
    sources = {("provider 7", "wrong"): 2, ("provider 7", "blocks"): 5}
    crowd = Crowd()
    crowd.waiting = 4
    Reporter("host:1", Figures(crowd), one, lambda: sources).write()
    Reporter("host:2", Figures(Crowd()), other, dict).write()
    as_alice(f"/stream/{film.pk}/")
    told = figures()
    assert told["filmedia_cache_hits_total",] == 13
    assert told["filmedia_fetches_in_flight",] == 2
    assert told["filmedia_streams_waiting",] == 4
    assert told["filmedia_source_faults_total", "provider 7", "wrong"] == 2
    assert told["filmedia_source_blocks_total", "provider 7"] == 5
    assert ("filmedia_source_faults_total", "provider 7", "blocks") not in told
    assert told["filmedia_stream_bytes_total", "shelf"] == len(FILM)


def status(client, **headers):
    return client.get("/metrics", headers=headers).status_code


def test_whoever_runs_the_library_may_read_them_from_anywhere(client, admin, alice):
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    assert status(client, **FROM_ELSEWHERE) == 404
    client.force_login(admin, "django.contrib.auth.backends.ModelBackend")
    assert status(client, **FROM_ELSEWHERE) == 200


def test_a_token_may_read_them_where_it_has_the_powers_of_staff(client, admin, alice):
    def by_token(user, **fields):
        _, token = DeviceToken.objects.create(user=user, device="a scraper", **fields)
        return status(client, Authorization=f"Bearer {token}", **FROM_ELSEWHERE)

    assert by_token(admin) == 200
    assert by_token(admin, scopes=["stream", "videos:read"]) == 404
    assert by_token(alice) == 404


def test_a_scraper_has_a_token_of_its_own(client, settings):
    settings.METRICS_TOKEN = ""
    assert status(client, Authorization="Bearer ", **FROM_ELSEWHERE) == 404
    settings.METRICS_TOKEN = TOKEN
    assert status(client, Authorization=f"Bearer {TOKEN}", **FROM_ELSEWHERE) == 200
    assert status(client, Authorization=f"Bearer {TOKEN}s", **FROM_ELSEWHERE) == 404
    assert status(client, Authorization=f"Bearer {TOKEN}s") == 404


@pytest.mark.parametrize(
    "header", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"]
)
def test_this_machine_reads_them_unless_somebody_stands_in_between(client, header, settings):
    assert status(client) == 200
    assert status(client, **{header: "somebody"}) == 404
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 404
    # A proxy on this machine may say nothing at all.
    settings.SITE_URL = "https://films.example"
    assert status(client) == 404


def test_a_rendition_is_no_film_of_its_own(figures, film, alice):
    rendition = stored_video(alice, b"the same in small")
    Video.objects.filter(pk=rendition.pk).update(rendition_of=film)
    assert figures()["filmedia_films", "stored"] == 1
