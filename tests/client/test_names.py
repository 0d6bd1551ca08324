"""A name that a server tells is never a path."""

from pathlib import Path

import pytest

from filmedia.client import names


@pytest.mark.parametrize(
    ("told", "name"),
    [
        pytest.param("harbour.mp4", "harbour.mp4", id="as it is"),
        pytest.param("Ærø 🎬.mp4", "Ærø 🎬.mp4", id="in any script"),
        pytest.param(
            "../../.ssh/authorized_keys", "_.._.ssh_authorized_keys", id="out of the folder"
        ),
        pytest.param("/etc/passwd", "_etc_passwd", id="absolute"),
        pytest.param("..\\..\\x.mp4", "_.._x.mp4", id="as Windows has it"),
        pytest.param(".bashrc", "bashrc", id="hidden"),
        pytest.param("-rf", "rf", id="like an option"),
        pytest.param("~root", "root", id="like a home"),
        pytest.param("a\x00b\n.mp4", "a b .mp4", id="control characters"),
        pytest.param("CON.mp4", "_CON.mp4", id="a device of Windows"),
        pytest.param("\u202e4pm.exe", "4pm.exe", id="turned around"),
        pytest.param("..", "", id="the folder above"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_name_stays_in_its_folder(told, name):
    assert names.safe(told) == name
    assert Path(names.safe(told) or "x").name == (names.safe(told) or "x")


def test_a_long_name_keeps_its_ending_and_fits_any_disk():
    name = names.safe("🎬" * 300 + ".mp4")
    assert name.endswith("🎬.mp4")
    assert len(name.encode()) <= 200


def test_a_film_without_a_name_is_called_by_its_title_or_id():
    film = {"id": "vid_1", "filename": "", "title": "A/B", "media_type": "video/mp4"}
    assert names.of(film) == "A_B.mp4"
    assert names.of({**film, "title": "…/…"[1:2]}) == "_.mp4"
    assert names.of({**film, "title": "", "media_type": "x"}) == "vid_1"
