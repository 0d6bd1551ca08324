"""Whoever watches can check the film by themselves, and is told of what the library knows."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from filmedia.filecoin.piece import BLOCK_SIZE, block_root
from tests.browser.playing import opened, until
from tests.browser.scene import bring
from tests.running import Running, polling

pytestmark = [pytest.mark.slow, pytest.mark.pages, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="session")
def kept(library, medium_film) -> dict[str, str]:
    """A film of some blocks, stored on this machine, as the API tells it."""
    with library.client() as client:
        return stored(client, bring(client, "Pier", medium_film))


def stored(client: httpx.Client, video: str) -> dict[str, str]:
    for _ in polling(60):
        film = client.get(f"/api/v1/videos/{video}/").json()
        if film["state"] == "stored":
            return film
    raise AssertionError(f"not stored: {film}")


def begun(page: Page) -> Page:
    page.get_by_role("tab", name="Proof").click()
    page.get_by_role("button", name="Check in my browser").click()
    return page


def count(film) -> int:
    return -(-film["size"] // BLOCK_SIZE)


def shelved(library: Running, film) -> Path:
    [path] = (library.data / "pieces").glob(f"*/{film['pieces'][0]['piece_cid']}")
    return path


def test_a_film_is_checked_to_its_piece_cid(visits, library, kept):
    assert count(kept) > 2
    page = begun(opened(visits(), f"/watch/{kept['id']}/"))
    blocks = count(kept)
    expect(page.locator("#check-said")).to_have_text(
        f"Verified: every block is right, {blocks} of {blocks}, "
        "and together they are what the PieceCID names."
    )
    way = page.locator(".check-way")
    expect(
        page.get_by_role("heading", name=f"From block 1 of {blocks} up to the PieceCID")
    ).to_be_visible()
    first = shelved(library, kept).read_bytes()[:BLOCK_SIZE]
    expect(way).to_contain_text(f"Bytes 0 to {BLOCK_SIZE - 1:,}")
    expect(way).to_contain_text(block_root(first).hex())
    expect(way.locator("li").last).to_contain_text(kept["piece_cid"])
    expect(way.locator("[data-kind=bad]")).to_have_count(0)
    expect(page.locator("#check-wrong")).to_be_hidden()
    expect(page.get_by_role("button", name="Verified", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Check again")).to_be_visible()


def test_a_damaged_piece_turns_red_and_the_block_is_named(visits, library, kept):
    path = shelved(library, kept)
    place = 2 * BLOCK_SIZE + 4321
    flip(path, place)
    try:
        page = begun(opened(visits(), f"/watch/{kept['id']}/"))
        wrong = page.get_by_role("alert").filter(has_text="Block 3 is wrong")
        expect(wrong).to_contain_text(f"{2 * BLOCK_SIZE:,} to {3 * BLOCK_SIZE - 1:,}")
        expect(wrong).to_contain_text("Tell admin the number of the block")
        expect(page.locator("#check-said")).to_contain_text(
            f"Wrong: 1; could not be read: 0; right: {count(kept) - 1} of {count(kept)}"
        )
        expect(page.get_by_role("heading", name="From block 3 of")).to_be_visible()
        expect(page.locator(".check-way [data-kind=bad]")).to_have_count(2)
        mark = page.get_by_role("button", name="A copy was wrong")
        mark.click()
        expect(page.get_by_role("tab", name="Proof")).to_have_attribute("aria-selected", "true")
    finally:
        flip(path, place)


def flip(path: Path, place: int) -> None:
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 1]))


def test_an_encrypted_film_is_checked_as_it_is_stored(member, library, short_film):
    _, page = member
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
        film = stored(client, client.get(answer.headers["Location"]).json()["video"])
    assert shelved(library, film).read_bytes() != short_film.read_bytes()
    page.goto(f"{library.url}/watch/{film['id']}/")
    begun(page)
    expect(page.locator("#check")).to_contain_text("This film is stored encrypted.")
    expect(page.locator("#check-said")).to_contain_text("Verified: every block is right")


def test_what_is_watched_is_checked_first(visits, kept):
    page = opened(visits(), f"/watch/{kept['id']}/?t=9")
    begun(page)
    expect(page.locator("#check-way h3")).to_have_text(
        f"From block {count(kept)} of {count(kept)} up to the PieceCID"
    )


def test_it_is_stopped_and_begun_again_by_keys(visits, kept):
    visit = visits()
    page = opened(visit, f"/watch/{kept['id']}/")

    def hold(route: Route) -> None:
        """It is left without an answer."""

    visit.context.route("**/piece/*", hold)
    page.get_by_role("tab", name="Proof").click()
    page.get_by_role("button", name="Check in my browser").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#check-count")).to_contain_text(f"0 of {count(kept)} blocks")
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#check-said")).to_contain_text("Stopped.")
    expect(page.get_by_role("button", name="Check again")).to_be_focused()
    visit.context.unroute("**/piece/*")
    page.keyboard.press("Enter")
    expect(page.locator("#check-said")).to_contain_text("Verified: every block is right")


def test_roots_that_are_not_the_films_are_believed_in_nothing(visits, library, kept):
    visit = visits()
    page = opened(visit, f"/watch/{kept['id']}/")
    headers = {"ETag": f'"{kept["piece_cid"]}"'}
    body = bytes(32 * count(kept))
    visit.context.route("**/block-roots/", lambda r: r.fulfill(body=body, headers=headers))
    begun(page)
    expect(page.locator("#check-wrong")).to_contain_text("do not make up the PieceCID")
    expect(page.locator("#check-way")).to_be_hidden()


def test_the_mark_turns_red_when_a_copy_is_lost_and_back_when_it_is_mended(member, library, kept):
    _, page = member
    page.goto(f"{library.url}/watch/{kept['id']}/")
    until(page, "video.readyState >= 2")
    expect(page.get_by_role("button", name="Verified when stored")).to_be_visible()
    try:
        tell(library, kept, "copy.lost", "Its bytes are others.")
        expect(page.get_by_role("button", name="A copy was wrong")).to_be_visible()
        expect(page.locator("[data-note=wrong]")).to_be_visible()
    finally:
        tell(library, kept, "video.verified", "")
    expect(page.get_by_role("button", name="Verified when stored")).to_be_visible()


def tell(library: Running, film, event: str, fault: str) -> None:
    done = library.manage(
        "shell",
        "-c",
        "from library import events\n"
        "from library.models import Copy, Video\n"
        f"film = Video.objects.get(pk={film['id']!r})\n"
        f"Copy.objects.filter(piece__video=film).update(fault={fault!r})\n"
        f"events.record({event!r}, video=film, piece=0, provider='local', fault={fault!r})",
    )
    assert done.returncode == 0, done.stderr


def test_statistics_tell_an_editor_from_where_bytes_come(member, visits, library, kept):
    _, page = member
    page.goto(f"{library.url}/watch/{kept['id']}/")
    until(page, "video.readyState >= 2")
    page.keyboard.press("Control+Shift+D")
    told = page.get_by_label("Statistics")
    expect(told).to_contain_text("shelf: this machine's own folder")
    expect(told).to_contain_text("when it was stored; read as it lies there")
    expect(told).to_contain_text(re.compile(r"Sent to you so far\s*shelf [\d.]+ [kM]B"))
    expect(told).to_contain_text(re.compile(r"Blocks asked for twice\s*0"))
    expect(told).to_contain_text("Time to begin")
    page = opened(visits(), f"/watch/{kept['id']}/")
    page.keyboard.press("Control+Shift+D")
    expect(page.get_by_label("Statistics")).to_contain_text("Verified")
    expect(page.get_by_label("Statistics")).not_to_contain_text("Comes from")
    expect(page.get_by_label("Statistics")).not_to_contain_text("Sent to you")
