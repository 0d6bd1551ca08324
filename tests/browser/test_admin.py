"""
An administrator at work, in a real browser: from "something is wrong" to "Stored", and what
goes on at this moment.
"""

from __future__ import annotations

import shutil
from base64 import b64encode

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import MIB
from tests.running import PASSWORD, USERNAME, polling, running

pytestmark = [pytest.mark.slow, pytest.mark.pages, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """One of its own: what is broken here should break nobody else's tests."""
    folder = tmp_path_factory.mktemp("administration") / "data"
    with running(folder, worker=False, UPLOAD_CHUNK_SIZE=str(MIB)) as server:
        yield server


@pytest.fixture
def worker(library):
    """Starts the library anew with a worker beside it, or without one."""

    def restart(*, works: bool) -> None:
        library.stop()
        library.worker = works
        library.start()

    return restart


@pytest.fixture
def idle(library, worker):
    """Nobody works, so that what is brought stays Received. Ask for it before a page is open."""
    if library.worker:
        worker(works=False)


def sign_in(page) -> None:
    page.get_by_label("Username").fill(USERNAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda url: "/login/" not in url)


@pytest.fixture
def desk(visits, library):
    """An administrator's browser, at the first page of the administration."""
    visit = visits()
    page = visit.open("/admin/")
    sign_in(page)
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    return visit, page


def received(library, path, title: str) -> str:
    """Send a film; its id."""
    words = {"title": title, "filename": path.name}
    with library.client() as client:
        answer = client.post(
            "/api/v1/uploads/",
            content=path.read_bytes(),
            headers={
                "Upload-Length": str(path.stat().st_size),
                "Content-Type": "application/offset+octet-stream",
                "Upload-Metadata": ",".join(
                    f"{name} {b64encode(word.encode()).decode()}" for name, word in words.items()
                ),
            },
        )
        assert answer.status_code == 201, answer.text
        return client.get(answer.headers["Location"]).json()["video"]


def until_step_failed(library, video: str) -> None:
    with library.client() as client:
        for _ in polling(60):
            stages = client.get(f"/api/v1/videos/{video}/").json()["stages"]
            if any(stage["state"] == "failed" for stage in stages):
                return
    raise AssertionError(f"nothing failed: {stages}")


def test_an_admin_finds_out_why_an_upload_failed_and_mends_it_with_one_button(
    library, worker, desk, short_film
):
    video = received(library, short_film, "Sea wall")
    # The disk with the staged bytes is away when the worker comes for them.
    staging = library.data / "staging"
    away = library.data.parent / "a disk that is not there"
    staging.rename(away)
    worker(works=True)
    until_step_failed(library, video)

    visit, page = desk
    # The page looked and listened again while the library was started anew.
    visit.expected = "Failed to load resource|WebSocket connection to"
    page.reload()
    trouble = page.get_by_role("listitem").filter(has_text="1 step was given up")
    expect(trouble).to_contain_text("Sea wall")
    trouble.get_by_role("link", name="Show the steps").click()
    row = page.get_by_role("row").filter(has_text="Sea wall")
    expect(row).to_contain_text("Given up")
    row.get_by_role("link", name="Sea wall").click()

    reason = page.locator(".trouble-box")
    expect(reason).to_contain_text("Check: given up")
    expect(reason).to_contain_text("neither in staging nor on the shelf")
    expect(reason).to_contain_text("Bring the data folder back from a backup and try again")

    # The operator does what the sentence says, and then the one button.
    shutil.rmtree(staging, ignore_errors=True)
    away.rename(staging)
    reason.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Will be tried again: 1.")).to_be_visible()
    expect(page.locator(".film-state")).to_contain_text("Stored", timeout=60_000)
    expect(page.locator(".trouble-box")).to_have_count(0)
    story = page.locator(".story")
    expect(story).to_contain_text("Check was given up")
    expect(story).to_contain_text("Check was asked for again, by hand.")
    expect(story).to_contain_text("Read back: every byte is right.")
    page.get_by_role("link", name="Overview").click()
    expect(page.locator("#lately")).to_be_visible()
    expect(page.locator(".attention").get_by_text("was given up")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_administration_fits_from_a_small_phone_to_a_wide_screen(
    library, visits, short_film, theme
):
    video = received(library, short_film, "Wide")
    visit = visits(color_scheme=theme)
    page = visit.open("/admin/")
    sign_in(page)
    film = f"video/{video.replace('_', '_5F')}/change/"
    lists = ["video/", "step/", "upload/", "stream/", "job/", "user/", "event/", "copy/"]
    for address in ["/admin/", *[f"/admin/library/{name}" for name in [film, *lists]]]:
        page.goto(library.url + address)
        for width in (320, 390, 1024, 1600):
            page.set_viewport_size({"width": width, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{address} is {wide} wide at {width}"


def test_lists_are_narrowed_and_looked_at_by_keyboard_alone(library, idle, desk, short_film):
    received(library, short_film, "Keyboard")
    page = desk[1]
    page.get_by_role("link", name="Films", exact=True).press("Enter")
    menu = page.locator("summary", has_text="State").first
    menu.press("Enter")
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    expect(page.get_by_role("link", name="Received", exact=True)).to_be_hidden()
    menu.press("Enter")
    page.get_by_role("link", name="Received", exact=True).press("Enter")
    expect(page.locator("summary", has_text="State: Received")).to_be_visible()
    page.get_by_role("link", name="Keyboard").first.press("Enter")
    expect(page.get_by_role("heading", name="Keyboard", level=1)).to_be_visible()


def test_who_watches_and_what_arrives_is_seen_without_loading_again(library, desk, short_film):
    video = received(library, short_film, "Watched")
    page = desk[1]
    page.goto(library.url + "/admin/library/stream/")
    expect(page.get_by_text("Nobody is watching")).to_be_visible()
    with library.client() as client:
        assert client.get(f"/stream/{video}/").status_code == 200
    expect(page.get_by_role("link", name="Watched")).to_be_visible(timeout=30_000)
    page.goto(library.url + "/admin/library/upload/")
    with library.client() as client:
        made = client.post(
            "/api/v1/uploads/",
            headers={"Upload-Length": "1000000", "Upload-Metadata": "title U2xvdw=="},
        )
        expect(page.get_by_role("link", name="Slow")).to_be_visible()
        client.patch(
            made.headers["Location"],
            content=bytes(400_000),
            headers={"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"},
        )
    expect(page.get_by_text("40 %, 400 kB of 1 MB")).to_be_visible()
    page.get_by_role("link", name="Cancel…").click()
    expect(page.get_by_text("The 400 kB that are here are let go.")).to_be_visible()
    page.get_by_role("button", name="Cancel the upload").click()
    expect(page.get_by_text("It is cancelled.")).to_be_visible()
