"""Bringing captions to a film, as its owner does it: by mouse, and by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.running import polling

pytestmark = [pytest.mark.slow, pytest.mark.pages, pytest.mark.xdist_group("browser")]

GOOD = "1\n00:00:00,500 --> 00:00:01,500\nGulls over the pier\n"
WRONG = "1\n00:00:01,500 --> 00:00:00,500\nGulls\n"


def file(text: str) -> dict:
    return {"name": "gulls.srt", "mimeType": "application/x-subrip", "buffer": text.encode()}


@pytest.fixture
def film(library, short_film):
    """A film with small pictures, and its id."""
    with library.client() as client:
        answer = client.post(
            "/api/v1/uploads/",
            content=short_film.read_bytes(),
            headers={
                "Upload-Length": str(short_film.stat().st_size),
                "Content-Type": "application/offset+octet-stream",
                "Upload-Metadata": "filename Z3VsbHMubXA0",
            },
        )
        assert answer.status_code == 201, answer.text
        video = client.get(answer.headers["Location"]).json()["video"]
        for _ in polling(60):
            if client.get(f"/api/v1/videos/{video}/playback/").json()["storyboard"]:
                return video
        raise AssertionError("no storyboard was made")


def captions_of(library, video: str) -> list:
    with library.client() as client:
        return client.get(f"/api/v1/videos/{video}/captions/").json()["items"]


def fill(page: Page, text: str, language: str) -> None:
    adding = page.locator(".adding")
    adding.get_by_label("File").set_input_files(file(text))
    adding.get_by_label("Language").fill(language)


def test_captions_are_added_mended_and_removed(library, member, film):
    _, page = member
    page.goto(f"{library.url}/watch/{film}/edit/")
    expect(page.get_by_text("This film has no captions yet")).to_be_visible()

    fill(page, WRONG, "french")
    page.get_by_role("button", name="Add these captions").click()
    expect(page.get_by_text("Line 2: this ends before it begins.")).to_be_visible()
    # What was typed is still there; a file has to be chosen anew.
    expect(page.locator(".adding").get_by_label("Language")).to_have_value("french")

    fill(page, GOOD, "french")
    page.get_by_role("button", name="Add these captions").click()
    row = page.locator(".caption-row")
    expect(row.get_by_role("heading")).to_have_text("Français")
    expect(page.get_by_text("This film has no captions yet")).to_have_count(0)
    (told,) = captions_of(library, film)
    assert (told["language"], told["kind"]) == ("fr", "subtitles")

    row.locator("summary", has_text="Change").click()
    row.get_by_label("Name in the player").fill("Pour tous")
    row.get_by_role("button", name="Save").click()
    expect(row.get_by_role("heading")).to_have_text("Pour tous")

    row.locator("summary", has_text="Remove").click()
    page.get_by_role("button", name="Remove these captions").click()
    expect(row).to_have_count(0)
    assert captions_of(library, film) == []


def test_captions_are_added_by_keyboard_alone(library, member, film):
    _, page = member
    page.goto(f"{library.url}/watch/{film}/edit/#captions")
    page.locator(".adding").get_by_label("File").set_input_files(file(GOOD))
    page.locator(".adding").get_by_label("File").focus()
    page.keyboard.press("Tab")
    page.keyboard.type("de")
    for _ in range(4):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Add these captions")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".caption-row").get_by_role("heading")).to_have_text("Deutsch")


def test_captions_are_added_without_scripts(library, visits, film):
    visit = visits(java_script_enabled=False)
    page = visit.open("/login/")
    visit.sign_in(page)
    page.goto(f"{library.url}/watch/{film}/edit/")
    fill(page, GOOD, "en")
    page.get_by_role("button", name="Add these captions").click()
    expect(page.locator(".caption-row").get_by_role("heading")).to_have_text("English")


def test_a_poster_is_chosen_by_looking(library, member, film):
    _, page = member
    page.goto(f"{library.url}/watch/{film}/edit/#poster")
    slider = page.get_by_label("Look for a picture")
    slider.focus()
    page.keyboard.press("End")
    expect(page.get_by_label("Moment")).to_have_value("0:02")
    expect(page.locator("[data-tile]")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "0:01")
    page.get_by_role("button", name="Make the poster").click()
    expect(page.get_by_label("Moment")).to_have_value("0:01")


def test_chapters_are_written_a_line_each(library, member, film):
    _, page = member
    page.goto(f"{library.url}/watch/{film}/edit/#chapters")
    field = page.get_by_label("One chapter a line")
    field.fill("0:00 Pier\nGulls")
    page.get_by_role("button", name="Save the chapters").click()
    expect(page.get_by_text("Line 2: it should begin with a time")).to_be_visible()
    expect(field).to_have_value("0:00 Pier\nGulls")
    field.fill("0:00 Pier\n0:01 Gulls")
    page.get_by_role("button", name="Save the chapters").click()
    expect(page.get_by_text("The chapters are saved.").first).to_be_attached()
    with library.client() as client:
        told = client.get(f"/api/v1/videos/{film}/playback/").json()["chapters"]
    assert [part["title"] for part in told] == ["Pier", "Gulls"]
