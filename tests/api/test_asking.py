"""How requests are read: by names that are known, so many a minute, each with a name."""

import logging

import pytest
from django.core.cache import cache

from library.tracing import Named
from tests.making import stored_video
from tests.streaming.conftest import Asking

pytestmark = pytest.mark.django_db(transaction=True)

VIDEOS = "/api/v1/videos/"


@pytest.mark.parametrize(
    ("url", "names"),
    [
        (f"{VIDEOS}?stat=stored", ["stat"]),
        (f"{VIDEOS}?stat=stored&limit=5&titel=x", ["stat", "titel"]),
        ("/api/v1/me/?x=1", ["x"]),
        ("/api/v1/changes/?after=1", ["after"]),
        ("/api/v1/uploads/?q=1", ["q"]),
    ],
)
def test_an_unknown_parameter_is_refused_by_its_name(phone, url, names):
    answer = phone.get(url)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (400, "unknown-parameter")
    assert [error["pointer"] for error in told["errors"]] == [f"/{name}" for name in names]


def test_the_parameters_there_are_are_told(phone):
    assert "limit" in phone.get(f"{VIDEOS}?limti=5").json()["detail"]


@pytest.mark.parametrize(
    "url", [VIDEOS, "/api/v1/events/", "/api/v1/changes/?since=0", "/api/v1/playlists/"]
)
def test_a_limit_that_is_too_high_is_refused_rather_than_cut(phone, url):
    sign = "&" if "?" in url else "?"
    assert phone.get(f"{url}{sign}limit=200").status_code == 200
    for wrong in ("201", "0", "-1", "x", "1e3", ""):
        answer = phone.get(f"{url}{sign}limit={wrong}")
        assert answer.status_code == 400, wrong
        assert answer.json()["errors"][0]["pointer"] == "/limit"


def test_an_unknown_field_is_refused_by_its_name(phone):
    answer = phone.patch("/api/v1/me/", {"name": "Ann", "nmae": "x"}, format="json")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/nmae"]
    answer = phone.patch("/api/v1/me/", {"preferences": {"colour": "red"}}, format="json")
    assert answer.json()["errors"][0]["pointer"] == "/preferences/colour"


def test_preferences_are_set_one_by_one(phone):
    phone.patch("/api/v1/me/", {"preferences": {"theme": "dark"}}, format="json")
    told = phone.patch(
        "/api/v1/me/",
        {"name": " Ann  Lee ", "preferences": {"captions": {"on": True}}},
        format="json",
    ).json()
    assert told["name"] == "Ann Lee"
    assert (told["preferences"]["theme"], told["preferences"]["captions"]["on"]) == ("dark", True)


# --- how often


def test_every_answer_says_how_much_is_left(phone):
    first, second = phone.get("/api/v1/me/"), phone.get("/api/v1/me/")
    most, left = int(first["RateLimit-Limit"]), int(first["RateLimit-Remaining"])
    assert most - left == 1
    assert int(second["RateLimit-Remaining"]) in {left - 1, most - 1}  # a minute may have ended
    assert 1 <= int(first["RateLimit-Reset"]) <= 60


@pytest.fixture
def few(monkeypatch):
    from library.api.throttles import PersonThrottle

    monkeypatch.setattr(PersonThrottle, "THROTTLE_RATES", {"person": "3/day", "address": "999/day"})
    cache.clear()


def test_who_asks_too_often_learns_when_to_come_back(few, phone, stranger):
    for _ in range(3):
        assert phone.get("/api/v1/me/").status_code == 200
    answer = phone.get("/api/v1/me/")
    told = answer.json()
    assert (answer.status_code, told["code"]) == (429, "too-many-requests")
    assert answer["RateLimit-Remaining"] == "0"
    assert int(answer["Retry-After"]) == told["retry_after"] > 0
    # Somebody else is not counted with them.
    assert stranger.get("/api/v1/me/").status_code == 200


def test_who_jumps_about_in_a_film_three_hundred_times_never_meets_a_limit(phone, alice):
    video = stored_video(alice, bytes(range(256)) * 40)
    player = Asking(alice)
    for jump in range(300):
        window = f"bytes={jump * 20}-{jump * 20 + 9}"
        assert player(f"/stream/{video.pk}/", Range=window).status == 206
        told = phone.post(f"{VIDEOS}{video.pk}/progress/", {"position": jump}, format="json")
        assert told.status_code == 200
    assert phone.get(f"{VIDEOS}{video.pk}/playback/").status_code == 200
    assert int(told["RateLimit-Remaining"]) > 1000


def test_guessing_passwords_is_throttled_long_before(nobody, alice):
    wrong = {"username": "x", "password": "y", "device": "z"}
    for guess in range(31):
        answer = nobody.post(
            "/api/v1/auth/tokens/", wrong | {"username": f"user{guess}"}, format="json"
        )
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


# --- the name of a request


def test_a_problem_and_the_log_name_the_request(phone, caplog):
    answer = phone.get(f"{VIDEOS}vid_nowhere/")
    name = answer.json()["trace_id"]
    assert len(name) >= 8 and answer["X-Request-Id"] == name
    assert phone.get(f"{VIDEOS}vid_nowhere/").json()["trace_id"] != name
    given = phone.get(f"{VIDEOS}vid_nowhere/", headers={"X-Request-Id": "from-the-proxy-7"})
    assert given.json()["trace_id"] == "from-the-proxy-7"
    bad = phone.get(f"{VIDEOS}vid_nowhere/", headers={"X-Request-Id": "a b\x7f" * 30})
    assert " " not in bad["X-Request-Id"]


def test_a_line_of_the_log_has_it(rf):
    from django.http import HttpResponse

    from library.tracing import name_requests

    lines = []

    def view(request):
        line = logging.LogRecord("x", logging.INFO, "", 0, "words", None, None)
        Named().filter(line)
        lines.append(line.trace_id)
        return HttpResponse()

    answer = name_requests(view)(rf.get("/"))
    assert lines == [answer["X-Request-Id"]]
