"""Chapters as people write them, and as players are told."""

import pytest

from library.errors import Invalid
from library.models import Chapter, Event, Video
from library.watching import chapters, clock
from library.watching.chapters import Part

pytestmark = pytest.mark.django_db


def put(video, text):
    return chapters.put(video, chapters.read(text))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("754", 754),
        ("12:34", 754),
        ("0:12:34", 754),
        ("1:02:03.5", 3723.5),
        ("1:02,25", 62.25),
        ("90:00", 5400),
        ("1:60", None),
        ("1:60:00", None),
        ("-1", None),
        ("12:34pm", None),
        ("", None),
        ("٣", None),
    ],
)
def test_a_moment_is_read_as_people_write_it(text, seconds):
    assert clock.read(text) == seconds


@pytest.mark.parametrize("seconds", [0, 7, 59.5, 60, 754, 3599.999, 3600, 35999.25])
def test_a_moment_is_written_as_it_is_read(seconds):
    assert clock.read(clock.write(seconds)) == seconds


def test_a_list_of_lines_becomes_chapters(video):
    put(video, "0:00 Opening\n\n 1:30  The   harbour \r\n1:02:03.5 Home\n")
    assert chapters.describe(video) == [
        {"start": 0.0, "end": 90.0, "title": "Opening"},
        {"start": 90.0, "end": 3723.5, "title": "The harbour"},
        {"start": 3723.5, "end": 6000.0, "title": "Home"},
    ]


def test_what_is_written_reads_as_it_was(video):
    text = "0:00 Opening\n1:30 The harbour\n1:02:03.5 Home"
    put(video, text)
    assert chapters.written(video) == text


def test_another_list_takes_the_place_of_the_first_and_none_takes_them_away(video):
    put(video, "0:00 Opening\n1:30 The harbour")
    put(video, "0:10 Sea")
    assert Chapter.objects.get().title == "Sea"
    put(video, "")
    assert not Chapter.objects.exists()


def test_the_same_list_changes_nothing(video):
    put(video, "0:00 Opening")
    version = Video.objects.get().version
    put(video, "0:00 Opening")
    assert Video.objects.get().version == version == video.version + 1
    assert Event.objects.filter(type="video.chapters").count() == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Opening", "Line 1: it should begin with a time"),
        ("0:00 Opening\n\n2:00", "Line 3: a chapter needs a title"),
        ("1:00 One\n0:30 Two", "Line 2: it begins at 0:30, which is not after"),
        ("1:00 One\n60 Two", "Line 2: it begins at 1:00, which is not after"),
        ("2:00:00 Late", "Line 1: it begins at 2:00:00, but the film ends at 1:40:00"),
        (f"0:00 {'x' * 201}", "at most 200 characters"),
        ("0:00 a\x07b", "control characters"),
        ("\n".join(f"{n} {n}" for n in range(501)), "at most 500"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_changes_nothing(video, text, words):
    put(video, "0:00 Opening")
    with pytest.raises(Invalid, match=words) as refused:
        put(video, text)
    assert refused.value.facts["field"].startswith("chapters")
    assert Chapter.objects.get().title == "Opening"


@pytest.mark.parametrize("start", [float("nan"), float("inf"), -1.0])
def test_what_is_no_moment_is_refused(video, start):
    with pytest.raises(Invalid, match="Chapter 1: a chapter begins at a number of seconds"):
        chapters.put(video, [Part(start, "Opening")])


def test_of_a_file_what_makes_no_sense_is_left_out():
    found = [(5.0, "B"), (0.0, " A\x00 "), (5.0, "again"), (99.0, "late"), (7.0, ""), (-1.0, "x")]
    assert chapters.taken(found, 10.0) == [Part(0.0, "A"), Part(5.0, "B"), Part(7.0, "Chapter 3")]
    assert chapters.taken([(0.0, "All")], 10.0) == []
