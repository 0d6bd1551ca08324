"""What the player says of itself while it waits, and when it cannot play: each with its cause."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.playing import go_to, opened, until, video

pytestmark = [pytest.mark.slow, pytest.mark.pages, pytest.mark.xdist_group("browser")]

# The address that the film plays from, or would without scripts.
STREAM = re.compile(r"/(media|stream)/")


def fails(page: Page, status: int, **headers: str) -> None:
    """From now on the source answers so, and the browser asks it anew."""

    def answer(route: Route) -> None:
        route.fulfill(status=status, headers=headers, body="")

    page.route(STREAM, answer)
    page.locator("video").evaluate("video => video.load()")


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (401, "You are signed out"),
        (403, "You may not watch this film"),
        (404, "This film is no longer here for you"),
        (410, "This film is no longer here for you"),
        (429, "Too many are asking at once"),
        (503, "No copy can be reached just now"),
    ],
)
def test_a_film_that_cannot_be_had_says_why(visits, shown, status, cause):
    visit = visits()
    visit.expected = str(status)
    page = opened(visit, shown.address)
    fails(page, status)
    face = page.get_by_role("alert").filter(has=page.get_by_role("heading", name=cause))
    expect(face).to_be_visible()
    # What lies under it cannot be reached.
    assert page.locator(".fp-controls").evaluate("controls => controls.inert")


def test_it_is_tried_again_by_itself_and_goes_on_at_the_same_place(visits, shown):
    visit = visits()
    visit.expected = "503"
    page = visit.open(shown.address)
    page.clock.install()
    page.reload()
    until(page, "video.readyState >= 2")
    page.keyboard.press("k")
    until(page, "!video.paused && video.currentTime > 0")
    go_to(page, 12)
    until(page, "video.currentTime > 12.1")
    fails(page, 503, **{"Retry-After": "30"})
    expect(page.locator(".fp-face[data-face=unreachable] [data-again]")).to_have_text(
        re.compile(r"in (30|29) s")
    )
    page.unroute(STREAM)
    page.clock.run_for(31_000)
    until(page, "!video.paused && video.readyState >= 2 && video.currentTime > 0")
    assert video(page, "currentTime") >= 12
    expect(page.locator(".fp-face[data-face=unreachable]")).to_be_hidden()


def test_signing_in_again_keeps_the_time(visits, shown):
    visit = visits()
    visit.expected = "401"
    page = opened(visit, shown.address)
    page.keyboard.press("k")
    until(page, "!video.paused")
    go_to(page, 17)
    until(page, "video.currentTime > 17.1")
    fails(page, 401)
    page.get_by_role("link", name="Sign in", exact=True).last.click()
    page.wait_for_url("**/login/?next=**")
    page.unroute(STREAM)
    visit.sign_in(page)
    page.wait_for_url(f"**{shown.address}?t=17")
    until(page, "video.currentTime === 17")


def test_waiting_is_shown_and_explained_after_a_while(visits, shown):
    visit = visits()
    page = visit.context.new_page()
    page.clock.install()
    held: list[Route] = []
    free: list[bool] = []
    page.route(STREAM, lambda route: route.continue_() if free else held.append(route))
    page.goto(visit.library.url + shown.address, wait_until="domcontentloaded")
    spinner = page.locator(".fp-spinner")
    expect(spinner).to_be_visible()
    page.clock.run_for(8_000)
    expect(spinner).to_contain_text("Still loading")
    free.append(True)
    for route in held:
        route.continue_()
    until(page, "video.readyState >= 2")
    expect(spinner).to_be_hidden()


def test_a_refused_autoplay_is_a_button_and_no_error(visits, shown):
    visit = visits()
    visit.context.add_init_script(
        f"sessionStorage.setItem('filmedia.play-on', '{shown.address}');"
        "HTMLMediaElement.prototype.play = () =>"
        " Promise.reject(new DOMException('no', 'NotAllowedError'))"
    )
    page = opened(visit, shown.address)
    expect(page.locator("film-player")).to_have_attribute("data-state", "autoplay-refused")
    expect(page.locator(".fp-big")).to_have_css("opacity", "1")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_controls_hide_while_nobody_needs_them(visits, shown):
    page = visits().open(shown.address)
    page.clock.install()
    page.reload()
    until(page, "video.readyState >= 2")
    frame = page.locator(".player-frame")
    awake = frame.and_(page.locator("[data-awake]"))
    page.clock.run_for(4_000)
    expect(awake).to_have_count(1)
    page.keyboard.press("k")
    until(page, "!video.paused")
    page.clock.run_for(4_000)
    expect(awake).to_have_count(0)
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Mute").focus()
    page.clock.run_for(4_000)
    expect(awake).to_have_count(1)
    page.get_by_role("button", name="Settings").press("Enter")
    page.clock.run_for(4_000)
    expect(awake).to_have_count(1)


def test_being_offline_is_said_and_goes_by_itself(visits, shown):
    visit = visits()
    page = opened(visit, shown.address)
    note = page.locator("[data-note=offline]")
    expect(note).to_be_hidden()
    visit.context.set_offline(True)
    expect(note).to_be_visible()
    assert video(page, "readyState") >= 2, "what is here plays on"
    visit.context.set_offline(False)
    expect(note).to_be_hidden()


def test_checked_bytes_are_told_in_words_and_lead_to_the_proof(visits, shown):
    visit = visits()

    def as_on_a_network(route: Route) -> None:
        answer = route.fetch()
        body = answer.text().replace('"verification": "none"', '"verification": "blocks"')
        route.fulfill(response=answer, body=body)

    visit.context.route(f"**{shown.address}", as_on_a_network)
    page = opened(visit, shown.address)
    mark = page.get_by_role("button", name="Verified", exact=True)
    mark.click()
    expect(page.get_by_role("tab", name="Proof")).to_have_attribute("aria-selected", "true")
