"""The import page in a real browser, in a library that runs: typed, fetched, watched."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.importing.serving import Serving
from tests.running import running

pytestmark = [pytest.mark.slow, pytest.mark.pages, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def elsewhere():
    with Serving() as serving:
        yield serving


@pytest.fixture(scope="module")
def library(tmp_path_factory, elsewhere):
    folder = tmp_path_factory.mktemp("importing") / "data"
    with running(folder, IMPORT_HOSTS=elsewhere.host) as server:
        yield server


def test_a_film_is_fetched_by_its_piececid_and_can_be_watched(visits, elsewhere, short_film):
    """By the keyboard alone."""
    visit = visits()
    page = visit.open("/import/")
    visit.sign_in(page)
    cid = elsewhere.keep(short_film.read_bytes())
    page.get_by_label("PieceCIDs").focus()
    page.keyboard.type(cid)
    page.keyboard.press("Tab")
    page.keyboard.type(elsewhere.url)
    page.keyboard.press("Tab")
    page.keyboard.type("Gulls from elsewhere")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is being fetched")).to_be_visible()
    film = page.get_by_role("link", name="Gulls from elsewhere")
    for _ in range(60):
        if film.count():
            break
        page.wait_for_timeout(250)
        page.reload()
    film.click()
    expect(page.get_by_role("heading", name="Gulls from elsewhere")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 820, 1280])
def test_it_fits_and_says_what_is_wrong(visits, elsewhere, width, scheme, tmp_path):
    visit = visits(viewport={"width": width, "height": 900}, color_scheme=scheme)
    visit.expected = "400"
    page = visit.open("/import/")
    visit.sign_in(page)
    cid = elsewhere.keep(b"0123456789" * width)
    elsewhere.pieces[cid] = bytes(10 * width)
    page.get_by_label("PieceCIDs").fill(cid)
    page.get_by_label("Where they can be read").fill("https://10.0.0.1")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("not of the public internet")
    page.get_by_label("Where they can be read").fill(elsewhere.url)
    page.get_by_label("Title").fill("A wrong one")
    page.get_by_role("button", name="Import", exact=True).click()
    wrong = page.locator(".import").first
    for _ in range(60):
        if wrong.get_attribute("data-state") == "failed":
            break
        page.wait_for_timeout(250)
        page.reload()
    expect(wrong).to_contain_text("gives other bytes than those of")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.screenshot(path=tmp_path / f"import-{width}-{scheme}.png", full_page=True)
