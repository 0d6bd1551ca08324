"""Tags: what they may be called, and that they are there as long as a film has them."""

import pytest

from library import films
from library.catalogue import naming, tags
from library.errors import Invalid
from library.models import Event, Tag
from tests.making import received_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(alice):
    return received_video(alice, title="Harbour")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        pytest.param("  two   words ", "two words", id="spare spaces"),
        pytest.param("Cafe\u0301", "Café", id="one form of Unicode"),
        pytest.param("日本", "日本", id="other scripts"),
        pytest.param("👩‍🚀", "👩‍🚀", id="a picture of several parts"),
    ],
)
def test_a_name_is_kept_in_one_form(typed, kept):
    assert tags.cleaned(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("", id="nothing"),
        pytest.param(" \t ", id="spaces"),
        pytest.param("\u0301", id="an accent alone"),
        pytest.param("\u200b", id="nothing that can be seen"),
        pytest.param("a,b", id="a comma"),
        pytest.param("a\x00b", id="a control character"),
        pytest.param("a\u202eb", id="what turns the direction"),
        pytest.param("a\ud800", id="half a character"),
        pytest.param("x" * 51, id="too long"),
        pytest.param("ß" * 50, id="too long once case does not count"),
    ],
)
def test_a_name_that_will_not_do_is_refused_with_its_field(typed):
    with pytest.raises(Invalid) as refused:
        tags.cleaned(typed)
    assert refused.value.facts["field"] == "tags"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Alps", "ALPS"), ("Café", "cafe"), ("Straße", "STRASSE"), ("so\u00adft", "soft")],
)
def test_names_that_differ_in_case_or_accents_only_are_one(one, other):
    assert naming.key(one) == naming.key(other)


def test_marks_of_other_scripts_make_another_word():
    assert naming.key("が") != naming.key("か")
    assert naming.key("कु") != naming.key("क")


def test_a_tag_is_written_as_it_was_first(alice, video):
    films.change(video, tags=["Alps"])
    other = received_video(alice)
    films.change(other, tags=["ALPS", "alps", "Snow"])
    assert sorted(tags.of(other)) == ["Alps", "Snow"]


def test_changing_tags_is_told_and_counts_the_version_up(video):
    films.change(video, tags=["alps", "snow"], title="Harbour")
    assert video.version == 2
    event = Event.objects.last()
    assert (event.type, event.data["changed"]) == ("video.changed", ["tags"])
    films.change(video, tags=["SNOW", "Alps"])
    video.refresh_from_db()
    assert video.version == 2
    assert Event.objects.last() == event


def test_a_film_has_a_bounded_number_of_tags(video):
    films.change(video, tags=[f"tag {n}" for n in range(30)])
    with pytest.raises(Invalid):
        tags.add(video, ["one more"])
    with pytest.raises(Invalid):
        films.change(video, title="New", tags=[f"tag {n}" for n in range(31)])
    video.refresh_from_db()
    assert (video.title, video.tags.count()) == ("Harbour", 30)


def test_tags_that_nobody_uses_vanish(alice, video):
    other = received_video(alice)
    films.change(video, tags=["alps", "snow"])
    films.change(other, tags=["alps"])
    assert tags.remove(video, ["SNOW", "alps", "never"]) == ["alps", "snow"]
    assert [tag.name for tag in Tag.objects.all()] == ["alps"]


def test_adding_says_what_is_new(video):
    films.change(video, tags=["alps"])
    assert tags.add(video, ["Alps", "snow"]) == ["snow"]
    assert tags.add(video, ["Alps"]) == []
    assert sorted(tags.of(video)) == ["alps", "snow"]


def test_counts_are_of_films_that_the_asker_sees(alice, mallory, video):
    films.change(video, tags=["alps", "secret"])
    films.change(received_video(alice, visibility="members"), tags=["alps"])
    films.change(trashed := received_video(alice), tags=["gone"])
    films.trash(trashed)

    def seen(user):
        return {tag.name: tag.films for tag in Tag.objects.seen_by(user)}

    assert seen(alice) == {"alps": 2, "secret": 1}
    assert seen(mallory) == {"alps": 1}
