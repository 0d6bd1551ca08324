"""The library page in a real browser: found, filtered, selected, moved about in with keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from library import samples
from tests.browser.conftest import Visit
from tests.browser.scene import bring
from tests.running import polling, running

pytestmark = [pytest.mark.slow, pytest.mark.pages, pytest.mark.xdist_group("browser")]
COUNT = 30


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """Of two pages of films, each with a storyboard."""
    folder = tmp_path_factory.mktemp("shelf")
    with running(folder / "data") as server, server.client() as client:
        for number in range(COUNT):
            path = folder / f"film-{number}.mp4"
            samples.write_film(path, seconds=1, width=64 + 2 * number, height=64)
            bring(client, f"Film {number:02}", path)
        for _ in polling(180):
            found = client.get("/api/v1/videos/", params={"state": "stored"}).json()
            if found["total"] == COUNT:
                break
        yield server


@pytest.fixture
def shelf(library, browser):
    visit = Visit(library, browser.new_context())
    visit.context.set_default_timeout(15_000)
    page = visit.open("/login/")
    visit.sign_in(page)
    yield visit, page
    visit.close()


def _titles(page) -> list[str]:
    return page.locator("#shelf .card-title").all_inner_texts()


def _focused(page) -> str:
    return page.evaluate("document.activeElement.textContent.trim()")


def test_more_comes_below_and_is_there_again_after_going_back(shelf):
    _, page = shelf
    page.set_viewport_size({"width": 1024, "height": 700})
    assert len(_titles(page)) == 24
    page.get_by_role("link", name="Load more").click()
    expect(page.locator("#shelf .card")).to_have_count(COUNT)
    assert len(set(_titles(page))) == COUNT, "each film once"
    assert _focused(page) == "Film 05", "the keys go on with the first that came"
    expect(page.get_by_role("link", name="Load more")).to_have_count(0)
    last = page.get_by_role("link", name="Film 00")
    last.scroll_into_view_if_needed()
    top = page.evaluate("scrollY")
    assert top > 0
    last.click()
    page.wait_for_url("**/watch/**")
    page.go_back()
    expect(page.locator("#shelf .card")).to_have_count(COUNT)
    page.wait_for_function("top => Math.abs(scrollY - top) < 200", arg=top)


def test_a_new_film_appears_and_what_was_loaded_stays(shelf, tmp_path):
    visit, page = shelf
    page.get_by_role("link", name="Load more").click()
    expect(page.locator("#shelf .card")).to_have_count(COUNT)
    page.locator("[data-pick]").nth(1).check(force=True)
    path = tmp_path / "late.mp4"
    samples.write_film(path, seconds=1, width=320, height=64)
    with visit.library.client() as client:
        late = bring(client, "Late film", path)
        expect(page.get_by_role("link", name="Late film")).to_be_visible()
        expect(page.locator("#shelf .card")).to_have_count(COUNT + 1)
        expect(page.locator("#totals")).to_contain_text(f"{COUNT + 1} films")
        expect(page.locator("#bulk-bar")).to_contain_text("1 film")
        client.delete(f"/api/v1/videos/{late}/", headers={"If-Match": "*"})
        # Its poster may be asked for in the moment in which it goes.
        visit.expected = "404"
        client.post(f"/api/v1/videos/{late}/erase/")
        expect(page.locator("#shelf .card")).to_have_count(COUNT)


def test_films_are_reached_selected_and_moved_to_the_trash_with_the_keys(shelf):
    _, page = shelf
    page.set_viewport_size({"width": 1024, "height": 700})
    page.get_by_role("link", name="Film 29").focus()
    page.keyboard.press("ArrowRight")
    assert _focused(page) == "Film 28"
    page.keyboard.press("ArrowDown")
    assert _focused(page) == "Film 25"
    page.keyboard.press("x")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#bulk-bar")).to_contain_text("3 films")
    page.keyboard.press("a")
    expect(page.locator("#bulk-bar")).to_contain_text(f"{COUNT} films")
    page.keyboard.press("Escape")
    expect(page.locator("#bulk-bar")).to_be_hidden()
    title = _focused(page)
    page.keyboard.press(".")
    expect(page.get_by_role("link", name="Play", exact=True).filter(visible=True)).to_be_focused()
    page.keyboard.press("Escape")
    page.get_by_role("link", name=title).focus()
    page.keyboard.press("Delete")
    toast = page.locator(".toast")
    expect(toast).to_contain_text(f"“{title}” is in the trash")
    expect(page.get_by_role("link", name=title)).to_have_count(0)
    # The keys go on with the film that came after it.
    assert _focused(page) == f"Film {int(title.removeprefix('Film ')) - 1:02}"
    toast.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name=title)).to_be_visible()


def test_a_film_is_shared_with_one_key(shelf):
    _, page = shelf
    page.locator("#shelf .card-title a").first.focus()
    page.keyboard.press("s")
    expect(page.get_by_role("dialog", name="Share")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_label("Link")).to_have_value(page.url.split("#")[0])


def test_every_place_is_reached_from_a_phone_and_from_a_tablet(shelf):
    _, page = shelf
    for width in (390, 820):
        page.set_viewport_size({"width": width, "height": 800})
        for place in ("Playlists", "Collections"):
            page.locator("#account-menu > summary").click()
            page.locator("#account-menu").get_by_role("link", name=place).click()
            expect(page.get_by_role("heading", level=1, name=place)).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("u")
    page.wait_for_url("**/upload/")


def test_a_stretch_is_selected_with_the_mouse(shelf):
    _, page = shelf
    boxes = page.locator("[data-pick]")
    boxes.nth(1).click(force=True)
    boxes.nth(4).click(force=True, modifiers=["Shift"])
    expect(page.locator("#bulk-bar")).to_contain_text("4 films")
    page.get_by_role("button", name=f"Select all {COUNT}").click()
    expect(page.locator("#bulk-bar")).to_contain_text(f"{COUNT} films")
    page.get_by_role("button", name="Select none").click()
    expect(page.locator("#bulk-bar")).to_be_hidden()


def test_the_view_that_was_chosen_is_there_the_next_time(shelf):
    visit, page = shelf
    page.get_by_role("link", name="As a table").click()
    expect(page.locator("table.films")).to_be_visible()
    page.goto(visit.library.url + "/")
    expect(page.locator("table.films")).to_be_visible()
    page.get_by_role("link", name="As a grid").click()
    expect(page.locator("ul.grid")).to_be_visible()


def test_filters_are_chosen_and_taken_away_one_by_one(shelf):
    _, page = shelf
    page.locator(".filters > summary").click()
    page.get_by_label("Shorter than").select_option("10 minutes")
    page.get_by_label("State").select_option("Stored")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**state=stored**")
    chips = page.get_by_role("list", name="What is asked for").get_by_role("link")
    expect(chips).to_have_count(2)
    chips.first.click()
    expect(chips).to_have_count(1)


def test_a_storyboard_plays_under_the_pointer_and_ends_with_it(shelf):
    _, page = shelf
    card = page.locator("#shelf .card").first
    card.hover()
    expect(card.locator("canvas")).to_be_visible()
    page.locator("h1").hover()
    expect(card.locator("canvas")).to_have_count(0)


def test_a_page_that_cannot_be_had_anew_keeps_what_it_shows(shelf):
    visit, page = shelf
    visit.expected = "503"
    page.get_by_role("link", name="Film 29").click()
    page.wait_for_url("**/watch/**")
    address = page.url
    page.route(address, lambda route: route.fulfill(status=503, body="restarting"))
    with visit.library.client() as client:
        film = f"/api/v1/videos/{address.rstrip('/').rpartition('/')[2]}/"

        def call_it(title):
            tag = client.get(film).headers["ETag"]
            client.patch(film, json={"title": title}, headers={"If-Match": tag}).raise_for_status()

        call_it("Another name")
        stale = page.locator("#stale")
        expect(stale).to_contain_text("What you see is as of")
        expect(page.get_by_role("heading", level=1)).to_have_text("Film 29")
        page.unroute(address)
        stale.get_by_role("button", name="Try again").press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Another name")
        expect(stale).to_be_hidden()
        call_it("Film 29")
        expect(page.get_by_role("heading", level=1)).to_have_text("Film 29")


def test_a_table_shows_where_the_next_films_will_be(shelf):
    _, page = shelf
    page.goto(page.url + "?view=table")
    held = []
    page.route("**/?*page=2*", lambda route: held.append(route))
    page.get_by_role("link", name="Load more").click()
    expect(page.locator("#shelf tr.skeleton")).to_have_count(4)
    held[0].continue_()
    expect(page.locator("#shelf tr.card-row")).to_have_count(COUNT)
    expect(page.locator("#shelf tr.skeleton")).to_have_count(0)


def test_a_list_that_cannot_be_had_anew_says_as_of_when_it_is(shelf):
    visit, page = shelf
    visit.expected = "ERR_FAILED|WebSocket"
    page.route("**/?page=2", lambda route: route.abort())
    page.get_by_role("link", name="Load more").click()
    expect(page.locator("#stale")).to_contain_text("What you see is as of")
    assert len(_titles(page)) == 24, "what was there is there"
    page.unroute("**/?page=2")
    page.locator("#stale").get_by_role("button", name="Try again").click()
    expect(page.locator("#stale")).to_be_hidden()
