"""The list of films over the API, page by page, in each of its orders."""

from datetime import UTC, datetime, timedelta

import pytest

from library import films
from library.finding import SORTS, Question
from library.models import Video, Viewing
from tests.making import keep_caption, received_video

pytestmark = pytest.mark.django_db

VIDEOS = "/api/v1/videos/"
AT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def nine(alice):
    """Films of which three are always alike, and some lack what is ordered by."""
    made = []
    for number in range(9):
        video = received_video(
            alice,
            bytes(1 + number // 3),
            title=["Éclair", "eclair", "Zebra"][number % 3],
            filename="f.mp4",
            created_at=AT + timedelta(days=number // 4),
            duration=[None, 12.1, 1e9][number % 3],
        )
        if number % 2:
            films.change(video, description="an eclair")
            Viewing.objects.create(user=alice, video=video, at=AT + timedelta(days=number // 3))
        made.append(video)
    return made


def walk(client, query, limit=2, between=lambda: None):
    seen, address = [], f"{VIDEOS}?{query}&limit={limit}"
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.content
        seen += [item["id"] for item in answer.json()["items"]]
        cursor = answer.json()["next_cursor"]
        assert (cursor is not None) == ("Link" in answer)
        link = answer.get("Link", "")
        address = link.partition(">")[0][1:] if link else None
        assert not link or ('rel="next"' in link and query.split("&")[0] in link)
        between()
    return seen


@pytest.mark.parametrize(
    ("sort", "words"),
    [
        (sort, words)
        for sort in SORTS
        for words in ("", "eclair")
        if sort != "-trashed_at" and (words or sort != "relevance")
    ],
)
def test_pages_have_every_film_once_in_each_order(phone, alice, nine, sort, words):
    expected = [video.pk for video in Question(words, sort=sort).apply(alice)]
    assert len(expected) >= (6 if words else 9)
    assert walk(phone, f"q={words}&sort={sort}") == expected


def test_pages_of_the_trash_have_an_order_of_their_own(phone, alice, nine):
    for video in nine:
        films.trash(video)
    Video.objects.update(trashed_at=AT)
    assert sorted(walk(phone, "in=trash")) == sorted(video.pk for video in nine)


@pytest.mark.parametrize("sort", ["-added_at", "title", "-size", "last_watched"])
def test_what_comes_and_goes_meanwhile_moves_nothing(phone, alice, nine, sort):
    expected = [video.pk for video in Question(sort=sort).apply(alice)]
    new = iter(range(100))

    def meanwhile():
        received_video(alice, bytes(9), title="AAA", created_at=AT + timedelta(days=99))
        # One that was shown already.
        if next(new) == 0:
            films.trash(Video.objects.get(pk=expected[0]))

    seen = walk(phone, f"sort={sort}", between=meanwhile)
    assert [pk for pk in seen if pk in set(expected)] == expected
    assert len(seen) == len(set(seen))


def test_a_cursor_of_another_order_is_refused(phone, nine):
    cursor = phone.get(f"{VIDEOS}?sort=title&limit=2").json()["next_cursor"]
    answer = phone.get(f"{VIDEOS}?sort=size&limit=2&cursor={cursor}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/cursor"


def test_the_total_is_exact_or_says_more_than(phone, nine, monkeypatch):
    from library.api import paging

    told = phone.get(f"{VIDEOS}?q=eclair&limit=1").json()
    assert (told["total"], told["more_than"]) == (7, None)
    monkeypatch.setattr(paging, "COUNTED", 5)
    told = phone.get(f"{VIDEOS}?q=eclair&limit=1").json()
    assert (told["total"], told["more_than"]) == (None, 5)


def test_what_was_found_is_told_with_its_place(phone, alice, stranger):
    video = received_video(alice, b"x", title="Harbour")
    keep_caption(video, "The last ferry")
    (item,) = phone.get(f"{VIDEOS}?q=ferry").json()["items"]
    assert item["hit"] == {
        "where": "captions",
        "words": [{"text": "The last ", "match": False}, {"text": "ferry", "match": True}],
        "start": 1.0,
        "language": "en",
    }
    assert phone.get(VIDEOS).json()["items"][0]["hit"] is None
    assert phone.get(f"{VIDEOS}?q={video.pk}").json()["items"][0]["hit"] is None
    assert stranger.get(f"{VIDEOS}?q=ferry").json()["items"] == []


def test_a_page_of_hits_asks_as_much_as_one_hit(phone, alice, django_assert_max_num_queries):
    for number in range(12):
        video = received_video(alice, bytes([number]), title=f"Film {number}")
        films.change(video, tags=["harbour"] if number % 2 else [])
        keep_caption(video, "at the harbour")
    with django_assert_max_num_queries(12) as captured:
        items = phone.get(f"{VIDEOS}?q=harbour").json()["items"]
    assert {item["hit"]["where"] for item in items} == {"tags", "captions"}
    assert len(items) == 12 and captured
