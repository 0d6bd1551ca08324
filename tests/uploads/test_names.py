"""What people and browsers call their files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.errors import Invalid
from library.uploads import names


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        pytest.param("harbour.mp4", "harbour.mp4", id="plain"),
        pytest.param("../../etc/passwd", "passwd", id="a path upwards"),
        pytest.param("C:\\films\\dawn.mov", "dawn.mov", id="a path of another system"),
        pytest.param("..", "", id="the folder above"),
        pytest.param("a\x00b\n.mp4", "ab.mp4", id="control characters"),
        pytest.param("🎬 première.mkv", "🎬 première.mkv", id="emoji and accents"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_file_name_is_mended(given_name, kept):
    assert names.filename(given_name) == kept


def test_a_file_name_of_4000_characters_keeps_its_ending():
    kept = names.filename("x" * 4000 + ".mp4")
    assert len(kept) == 255
    assert kept.endswith("x.mp4")


@given(st.text())
def test_no_file_name_can_be_a_path(text):
    kept = names.filename(text)
    assert "/" not in kept
    assert "\\" not in kept
    assert "\x00" not in kept
    assert kept not in {".", ".."}
    assert len(kept) <= 255


def test_a_title_comes_from_the_person_or_else_from_the_file():
    assert names.title("  Dawn ", "x.mp4") == "Dawn"
    assert names.title("", "harbour_at_dawn.mp4") == "harbour at dawn"
    assert names.title("", "") == "Untitled"
    assert names.title("   ", ".mp4") == ".mp4"


@pytest.mark.parametrize("title", ["x" * 301, "a\x00b", "a\nb"])
def test_a_title_that_cannot_be_kept_is_refused_rather_than_changed(title):
    with pytest.raises(Invalid):
        names.title(title)
