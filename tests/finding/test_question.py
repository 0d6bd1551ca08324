"""What a list can be asked, and that an address says all of it."""

from datetime import UTC, datetime

import pytest
from django.http import QueryDict

from library import films, finding
from library.errors import Invalid
from library.models import Step, Video, Viewing
from tests.making import keep_caption, received_video

pytestmark = pytest.mark.django_db


def asked(user, query):
    return {video.title for video in finding.read(QueryDict(query)).apply(user)}


@pytest.fixture
def shelf(alice, mallory, admin):
    """Three films that differ in all that one can ask for."""
    at = [datetime(2026, 11, day, 12, tzinfo=UTC) for day in (1, 2, 3)]
    one = received_video(
        alice, b"1", title="One", duration=60, height=480, created_at=at[0], visibility="members"
    )
    two = received_video(
        alice, b"22", title="Two", duration=600, height=1080, created_at=at[1], kind="film"
    )
    three = received_video(
        mallory, b"333", title="Three", height=2160, created_at=at[2], visibility="public"
    )
    films.change(one, tags=["Alps", "Snow"], collection="Winter", language="de-CH")
    films.change(two, tags=["Sea"], collection="Summer", language="fr")
    films.change(three, tags=["Snow"])
    keep_caption(two, language="pt-BR")
    Video.objects.filter(pk=two.pk).update(state="at_risk")
    three.steps.update(state=Step.State.FAILED)
    Viewing.objects.create(user=admin, video=one, position=9, finished=True)
    Viewing.objects.create(user=admin, video=two, position=9, finished=False)
    Viewing.objects.create(user=alice, video=three, position=9, finished=True)
    return {"one": one, "two": two, "three": three}


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("tag=alps", "One"),
        ("tag=SNOW", "One Three"),
        ("tag=alps&tag=sea", "One Two"),
        ("tag=alps&tag=sea&collection=summer", "Two"),
        ("collection=winter&collection=Summer", "One Two"),
        ("owner=mallory", "Three"),
        ("owner=mallory&owner=alice", "One Two Three"),
        ("state=at_risk", "Two"),
        ("visibility=public&visibility=members", "One Three"),
        ("language=de", "One"),
        ("language=d", ""),
        ("captions=pt", "Two"),
        ("captions=pt-br&captions=none", "One Two Three"),
        ("captions=none", "One Three"),
        ("kind=film", "Two"),
        ("resolution=sd&resolution=uhd", "One Three"),
        ("resolution=full-hd", "Two"),
        ("watched=yes", "One"),
        ("watched=started", "Two"),
        ("watched=no", "Three"),
        ("attention=yes", "Two Three"),
        ("attention=no", "One"),
        ("length_over=60", "Two"),
        ("length_under=60.5", "One"),
        ("size_over=1&size_under=3", "Two"),
        ("added_after=2026-11-02", "Two Three"),
        ("added_before=2026-11-02T12:00:00Z", "One"),
        ("added_after=2026-11-02T14:00:00+02:00&added_before=2026-11-03", "Two"),
        ("q=snow&owner=alice", "One"),
        ("in=mine", ""),
        ("in=trash", ""),
    ],
)
def test_a_filter_lets_through_what_it_says(shelf, admin, query, titles):
    assert asked(admin, query) == set(titles.split())


def test_filters_show_nobody_more_than_they_may_see(shelf, mallory):
    everything = "tag=sea&tag=alps&tag=snow&q=o"
    assert asked(mallory, "") == {"One", "Three"}
    assert asked(mallory, "captions=pt") == asked(mallory, "q=two") == set()
    assert asked(mallory, everything) == {"One"}
    assert asked(mallory, "attention=yes") == {"Three"}
    assert asked(mallory, "watched=yes") == set()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("titel=x", "titel"),
        ("state=gone", "state"),
        ("state=stored&state=gone", "state"),
        ("resolution=8k", "resolution"),
        ("watched=maybe", "watched"),
        ("watched=yes&watched=no", "watched"),
        ("length_over=long", "length_over"),
        ("length_over=nan", "length_over"),
        ("length_over=-1", "length_over"),
        ("length_over=1_0", "length_over"),
        ("size_over=1.5", "size_over"),
        ("size_over=99999999999999999999", "size_over"),
        ("added_after=yesterday", "added_after"),
        ("added_after=2026-13-01", "added_after"),
        ("added_after=2026-11-28T10:00", "added_after"),
        ("tag=", "tag"),
        ("tag=%00", "tag"),
        ("q=a&q=b", "q"),
        ("in=attic", "in"),
        ("sort=price", "sort"),
        ("sort=relevance", "sort"),
        ("sort=-trashed_at", "sort"),
        ("piece_cid=x", "piece_cid"),
        ("&".join(f"tag=t{number}" for number in range(51)), "tag"),
    ],
)
def test_what_is_not_known_is_refused_by_name_and_told_kindly(alice, query, field):
    with pytest.raises(Invalid) as refusal:
        finding.read(QueryDict(query))
    assert refusal.value.facts["field"] == field
    question, problems = finding.understood(QueryDict(query))
    assert [problem.facts["field"] for problem in problems] == [field]
    list(question.apply(alice))


@pytest.mark.parametrize(
    "query",
    [
        "?q=harbour+%22at+dawn%22&in=mine&tag=alps&tag=%C3%A9t%C3%A9&state=stored&sort=-length",
        "?added_after=2026-11-28T10%3A00%3A00%2B01%3A00",
        "?length_over=90&watched=no&sort=title",
        "?",
    ],
)
def test_an_address_says_the_whole_question(query):
    question = finding.read(QueryDict(query[1:]))
    assert question.address == query
    assert finding.read(QueryDict(question.address[1:])) == question


def test_each_filter_is_a_chip_that_can_be_taken_away(shelf, alice, mallory):
    private = shelf["two"].collection_id
    query = f"tag=alps&tag=sea&length_over=600&collection={private}&q=x&sort=title"
    question = finding.read(QueryDict(query))
    words = {chip.words: chip.without for chip in finding.chips(question, alice)}
    assert set(words) == {"alps", "sea", "10 min", "Summer"}
    assert "tag=alps" not in words["alps"] and "tag=sea" in words["alps"]
    assert "q=x" in words["alps"] and "sort=title" in words["alps"]
    # Whose collection it is, and its name, is nobody else's business.
    assert private in {chip.words for chip in finding.chips(question, mallory)}


def test_taking_the_words_away_takes_their_order_too():
    question = finding.read(QueryDict("q=x&sort=relevance&tag=a"))
    assert question.without("q").address == "?tag=a"
    assert question.with_(sort="title", tag=["b", "c"]).address == "?q=x&tag=b&tag=c&sort=title"
