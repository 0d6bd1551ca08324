"""Playlists and many films at once, as people use them: with a mouse, and with keys alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.slow, pytest.mark.pages, pytest.mark.xdist_group("browser")]
MAKE = """
import pathlib, tempfile
from library import samples
from library.catalogue import playlists
from library.models import User
from library.uploads import receiving
admin = User.objects.get(username="admin")
made = []
for title in ("Anchor", "Buoy", "Cable", "Deck"):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "film.mp4"
        samples.write_film(path, seconds=2, width=160, height=90, scene="seconds")
        size = path.stat().st_size
        upload = receiving.begin(admin, length=size, title=title, filename=f"{title}.mp4")
        with path.open("rb") as file:
            receiving.receive(upload, file, offset=0, length=size)
        made.append(upload.video.pk)
playlist = playlists.create(admin, "Voyage")
playlists.add(playlist, made, admin)
print("made", playlist.pk, *made)
"""


@pytest.fixture(scope="module")
def voyage(library):
    """A playlist of four films: its id, and theirs."""
    done = library.manage("shell", "-c", MAKE)
    found = re.search(r"^made (\S+) (.+)$", done.stdout, re.MULTILINE)
    assert found, done.stdout + done.stderr
    return found[1], found[2].split()


@pytest.fixture
def playlist(library, voyage):
    """In the order it was made in, whatever a test did to it before."""
    pk, films = voyage
    with library.client() as client:
        address = f"/api/v1/playlists/{pk}/"
        client.post(f"{address}items/", json={"videos": films}).raise_for_status()
        client.put(f"{address}order/", json={"videos": films}).raise_for_status()
    return pk


def titles(page: Page) -> list[str]:
    return page.locator(".entry .entry-title").all_inner_texts()


def row(page: Page, title: str):
    return page.locator(".entry").filter(has=page.get_by_text(title, exact=True))


def expect_order(page: Page, *expected: str) -> None:
    expect(page.locator(".entry .entry-title")).to_have_text(list(expected))
    expect(page.locator(".entry .place")).to_have_text([str(n + 1) for n in range(len(expected))])


def expect_kept(page: Page, *expected: str) -> None:
    """Also where the server is asked anew."""
    expect_order(page, *expected)
    page.reload()
    expect_order(page, *expected)


def test_a_film_is_dragged_to_another_place(member, library, playlist):
    _, page = member
    page.goto(f"{library.url}/playlists/{playlist}/")
    handle = row(page, "Anchor").locator("[data-handle]")
    target = row(page, "Cable").bounding_box()
    handle.hover()
    page.mouse.down()
    page.mouse.move(target["x"] + 10, target["y"] + target["height"] - 4, steps=8)
    expect(page.locator(".entry .entry-title")).to_have_text(["Buoy", "Cable", "Anchor", "Deck"])
    page.mouse.up()
    expect_kept(page, "Buoy", "Cable", "Anchor", "Deck")


def test_escape_puts_back_what_is_being_dragged(member, library, playlist):
    _, page = member
    page.goto(f"{library.url}/playlists/{playlist}/")
    row(page, "Anchor").locator("[data-handle]").hover()
    page.mouse.down()
    target = row(page, "Deck").bounding_box()
    page.mouse.move(target["x"] + 10, target["y"] + target["height"] - 4, steps=8)
    expect(page.locator(".entry .entry-title").last).to_have_text("Anchor")
    page.keyboard.press("Escape")
    page.mouse.up()
    expect_kept(page, "Anchor", "Buoy", "Cable", "Deck")


def test_films_are_ordered_with_keys_alone(member, library, playlist):
    _, page = member
    page.goto(f"{library.url}/playlists/{playlist}/")
    row(page, "Anchor").get_by_role("link", name="Anchor").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect_order(page, "Buoy", "Anchor", "Cable", "Deck")
    expect(page.locator("#live")).to_have_text("Anchor is at place 2 of 4 now.")
    # The focus went with the film, so the next key moves it on.
    expect(row(page, "Anchor").get_by_role("link", name="Anchor")).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect_order(page, "Buoy", "Cable", "Anchor", "Deck")
    row(page, "Deck").get_by_role("button", name="Move “Deck” up").focus()
    page.keyboard.press("Enter")
    expect_order(page, "Buoy", "Cable", "Deck", "Anchor")
    expect(row(page, "Deck").get_by_role("button", name="Move “Deck” up")).to_be_focused()
    menu = row(page, "Anchor").locator("summary")
    menu.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("1")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect_kept(page, "Anchor", "Buoy", "Cable", "Deck")


def test_an_order_that_the_server_did_not_take_goes_back(member, library, playlist):
    visit, page = member
    visit.expected = "Failed to load resource"
    page.goto(f"{library.url}/playlists/{playlist}/")
    expect_order(page, "Anchor", "Buoy", "Cable", "Deck")
    page.route("**/*", lambda route: route.abort())
    row(page, "Anchor").get_by_role("link", name="Anchor").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.get_by_text("The server cannot be reached.")).to_be_visible()
    expect_order(page, "Anchor", "Buoy", "Cable", "Deck")
    assert page.evaluate("document.activeElement.textContent") == "Anchor"
    assert not page.locator("#live").text_content()


def test_a_film_that_was_taken_out_comes_back_with_one_press(member, library, playlist):
    _, page = member
    page.goto(f"{library.url}/playlists/{playlist}/")
    row(page, "Buoy").locator("summary").click()
    row(page, "Buoy").get_by_role("button", name="Take out of the playlist").click()
    expect_order(page, "Anchor", "Cable", "Deck")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect_kept(page, "Anchor", "Buoy", "Cable", "Deck")


def test_without_scripts_the_buttons_move_films(visits, library, playlist):
    visit = visits(java_script_enabled=False)
    page = visit.open(f"/login/?next=/playlists/{playlist}/")
    visit.sign_in(page)
    row(page, "Anchor").get_by_role("button", name="Move “Anchor” down").click()
    expect_order(page, "Buoy", "Anchor", "Cable", "Deck")


def test_a_playlist_plays_through_from_film_to_film(member, library, playlist):
    _, page = member
    page.goto(f"{library.url}/playlists/{playlist}/")
    page.get_by_role("link", name="Play", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Anchor")
    beside = page.locator(".watch-list")
    expect(beside.locator("[aria-current]")).to_contain_text("Anchor")
    beside.get_by_role("link", name="Next").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Buoy")
    expect(beside).to_contain_text("2 of 4")


def test_a_film_is_added_from_the_library_with_keys_alone(member, library, voyage):
    _, page = member
    page.goto(f"{library.url}/?q=Cable")
    page.locator(".card-menu summary").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Add to a playlist").first.focus()
    page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog", name="Add to a playlist")
    expect(sheet.get_by_label("Find a playlist")).to_be_focused()
    page.keyboard.type("voy")
    expect(sheet.locator("[data-lists] li:visible")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(page.locator(".card-menu summary").first).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Add to a playlist").first.focus()
    page.keyboard.press("Enter")
    expect(sheet.get_by_label("Find a playlist")).to_be_focused()
    page.keyboard.type("Brand new")
    expect(sheet.get_by_role("button", name="Create “Brand new” and add")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("“Cable” is in “Brand new”.")
    assert "q=Cable" in page.url
    page.goto(f"{library.url}/playlists/")
    page.get_by_role("link", name="Brand new").click()
    assert titles(page) == ["Cable"]


def test_many_films_are_changed_at_once_and_changed_back(member, library, voyage):
    _, page = member
    page.goto(f"{library.url}/?q=Anchor")
    page.locator("[data-pick]").first.check(force=True)
    page.locator("#bulk-action").select_option("tag")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Add tags")
    page.get_by_label("Tags").fill("iron")
    page.get_by_role("button", name="Add tags: 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Add tags: iron")
    # The page follows the job without being loaded again.
    expect(page.locator(".job-items [data-state=done]")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Undo: Add tags")
    expect(page.locator(".job-items [data-state=done]")).to_have_count(1)
    page.goto(f"{library.url}/?tag=iron")
    expect(page.get_by_text("No film is like that")).to_be_visible()
