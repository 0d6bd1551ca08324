"""
An evening with the library, as somebody new spends it, on a phone and before a wide window:
two films are brought, one gets captions, a sentence is looked for and found at its second, a
playlist is made, the film is left half-way and gone on with elsewhere, put in the trash and
taken out; and the same from the command line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from library import samples
from tests.browser.conftest import Visit
from tests.running import PASSWORD, ROOT, USERNAME, running

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
LONG = 90_000
STOPPED_AT = 24
SENTENCE_AT = 17
CAPTIONS = """1
00:00:02,000 --> 00:00:05,000
It was still dark when we left.

2
00:00:17,000 --> 00:00:20,500
The lighthouse keeper wrote every ship down.
"""
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
WIDE = {"viewport": {"width": 1600, "height": 1000}}


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> list[Path]:
    folder = tmp_path_factory.mktemp("evening")
    paths = [folder / "Keeper of the light.mp4", folder / "Salt.mp4"]
    samples.write_film(paths[0], seconds=40, width=480, height=270, scene="seconds")
    samples.write_film(paths[1], seconds=3, width=320, height=180, scene="fractal")
    return paths


@pytest.fixture
def library(tmp_path_factory):
    with running(tmp_path_factory.mktemp("evening") / "data") as server:
        yield server


@pytest.mark.parametrize("window", [PHONE, WIDE], ids=["phone", "wide"])
def test_an_evening_with_two_films(library, browser, films, tmp_path, window):
    visit = Visit(library, browser.new_context(**window))
    page = visit.open("/login/")
    visit.sign_in(page)
    _bring_both(page, films)
    _add_captions(page, tmp_path)
    _find_the_sentence(page)
    _make_a_playlist(page)
    _stop_half_way(page)

    other = Visit(library, browser.new_context(**window))
    elsewhere = other.open("/login/")
    other.sign_in(elsewhere)
    _go_on(elsewhere)
    other.close()

    _trash_and_take_back(page)
    visit.close()


def _library(page: Page) -> None:
    """By what is there to press: the bar at the bottom of a phone, or the name at the top."""
    page.get_by_role("link", name="Library").filter(visible=True).first.click()
    page.wait_for_url(lambda url: url.endswith("/"))


def _card(page: Page, title: str):
    return page.locator("#shelf .card").filter(has_text=title)


def _bring_both(page: Page, films: list[Path]) -> None:
    page.get_by_role("link", name="Upload").filter(visible=True).first.click()
    page.locator("#file").set_input_files(films)
    page.locator("#plan [data-go]").click()
    for film in films:
        row = page.locator(f'[data-row][aria-label="{film.stem}"]').first
        expect(row).to_contain_text("Stored", timeout=LONG)


def _add_captions(page: Page, folder: Path) -> None:
    words = folder / "keeper.srt"
    words.write_text(CAPTIONS)
    _library(page)
    card = _card(page, "Keeper of the light")
    card.locator(".card-menu > summary").click()
    card.get_by_role("link", name="Edit").click()
    captions = page.locator("#captions")
    captions.get_by_label("File").set_input_files(words)
    captions.get_by_label("Language").fill("en")
    captions.get_by_role("button", name="Add these captions").click()
    expect(page.locator(".caption-row")).to_contain_text("2 lines")


def _find_the_sentence(page: Page) -> None:
    search = page.get_by_role("searchbox")
    search.fill("keeper wrote ship")
    search.press("Enter")
    page.locator(".hit a").click()
    page.wait_for_url("**/watch/**")
    page.wait_for_function(
        "at => document.querySelector('video').currentTime >= at", arg=SENTENCE_AT
    )
    expect(page.locator("film-player")).to_contain_text("wrote every ship down")


def _make_a_playlist(page: Page) -> None:
    page.get_by_role("link", name="Add to a playlist").first.click()
    page.get_by_label("Find a playlist, or name a new one").fill("Evening")
    page.get_by_role("button", name="Create").click()
    expect(page.locator("body")).to_contain_text("Evening")
    _library(page)
    card = _card(page, "Salt")
    card.locator(".card-menu > summary").click()
    card.get_by_role("link", name="Add to a playlist").click()
    page.get_by_role("button", name="Evening").click()
    expect(page.locator(".toast, .messages")).to_contain_text("Evening")
    page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + "/playlists/")
    page.get_by_role("link", name="Evening").first.click()
    expect(page.locator("#entries > li")).to_have_count(2)


def _stop_half_way(page: Page) -> None:
    page.get_by_role("link", name="Play", exact=True).first.click()
    page.wait_for_function("() => document.querySelector('video')?.readyState >= 2")
    page.keyboard.press("k")
    page.wait_for_function("() => !document.querySelector('video').paused")
    page.evaluate("at => (document.querySelector('video').currentTime = at)", STOPPED_AT)
    with page.expect_response(lambda answer: "/progress/" in answer.url):
        page.keyboard.press("k")


def _go_on(page: Page) -> None:
    page.locator("#go-on").get_by_role("link", name="Keeper of the light").click()
    # A little before, so that one finds in again.
    page.wait_for_function(
        "at => Math.abs(document.querySelector('video').currentTime - at) <= 1.5",
        arg=STOPPED_AT - 3,
    )
    expect(page.locator("film-player")).to_contain_text("Resume")


def _trash_and_take_back(page: Page) -> None:
    _library(page)
    card = _card(page, "Salt")
    card.locator(".card-menu > summary").click()
    card.get_by_role("button", name="Move to trash").click()
    expect(_card(page, "Salt")).to_have_count(0)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(_card(page, "Salt")).to_have_count(1)


def test_the_same_evening_from_the_command_line(library, films, tmp_path):
    def filmedia(*arguments: str, given: str | None = None) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "filmedia.client", *arguments],
            cwd=tmp_path,
            env={**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    filmedia(
        "login", library.url, "--username", USERNAME, "--password-stdin", given=PASSWORD + "\n"
    )
    filmedia("upload", *map(str, films))
    listed = [json.loads(line) for line in filmedia("ls", "--json").splitlines()]
    ids = {film["title"]: film["id"] for film in listed}
    assert set(ids) == {"Keeper of the light", "Salt"}
    filmedia("get", ids["Salt"], "--output", "back.mp4")
    assert (tmp_path / "back.mp4").read_bytes() == films[1].read_bytes()
    filmedia("verify", ids["Salt"])
