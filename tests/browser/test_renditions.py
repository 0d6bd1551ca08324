"""Qualities in a real browser, and the playlists as FFmpeg's HLS reader takes them."""

from __future__ import annotations

import time

import av
import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.playing import go_to, opened, until, video
from tests.running import PASSWORD, USERNAME

pytestmark = [pytest.mark.slow, pytest.mark.pages, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def client(library):
    with httpx.Client(base_url=library.url, timeout=60) as client:
        words = {"username": USERNAME, "password": PASSWORD, "device": "a test"}
        token = client.post("/api/v1/auth/tokens/", json=words).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


@pytest.fixture(scope="module")
def rendered(client, shown):
    """The film's id, once a worker has made it smaller."""
    film = shown.address.rstrip("/").rpartition("/")[2]
    address = f"/api/v1/videos/{film}/renditions/"
    answer = client.post(address, json={"qualities": ["240p"]})
    assert answer.status_code == 202, answer.text
    until = time.monotonic() + 120
    while True:
        (item,) = client.get(address).json()["items"]
        if item["state"] == "stored":
            return film
        assert item["state"] in {"waiting", "received"}, item
        assert time.monotonic() < until, item
        time.sleep(0.2)


# What a page says of how far a rendition is, as it says it.
HEARD = """
window.heard = [];
new MutationObserver(() => {
  const words = document.querySelector("[data-making-words]")?.textContent;
  if (words && words !== window.heard.at(-1)) window.heard.push(words);
}).observe(document, { childList: true, subtree: true, characterData: true });
"""


def test_pages_tell_how_far_a_rendition_is_and_that_it_is_there_by_themselves(member, shown):
    visit, _ = member
    visit.context.add_init_script(HEARD)
    watching = visit.open(shown.address)
    page = visit.open(f"{shown.address}edit/")
    part = page.locator("#renditions")
    part.get_by_role("checkbox", name="240p").check()
    part.get_by_role("button", name="Make the renditions").click()
    expect(page.locator("#rendition-rows")).to_contain_text("Stored", timeout=60_000)
    expect(watching.locator("#evidence [data-making]")).to_have_count(0, timeout=10_000)
    for one in (page, watching):
        heard = one.evaluate("window.heard")
        assert any(words.endswith("% made") and words != "0 % made" for words in heard), heard


def test_another_quality_keeps_place_play_speed_and_captions(visits, shown, rendered):
    page = opened(visits(), shown.address)
    original = video(page, "src")
    other = f"video.src !== {original!r} && video.readyState >= 2"
    page.keyboard.press("c")
    modes = "[...document.querySelector('video').textTracks].map(track => track.mode).join()"
    captions = page.evaluate(modes)
    page.evaluate("document.querySelector('film-player').setSpeed(1.5)")
    go_to(page, 20)
    page.keyboard.press("k")
    until(page, "!video.paused && video.currentTime > 20")
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("radio", name="240p").check(force=True)
    until(page, f"{other} && !video.paused && video.currentTime > 20")
    assert video(page, "currentTime") < 35
    assert video(page, "playbackRate") == 1.5
    assert page.evaluate(modes) == captions
    page.get_by_role("radio", name="Original").check(force=True)
    until(
        page,
        f"video.src.split('#')[0] === {original.partition('#')[0]!r} && video.currentTime > 20",
    )
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    until(page, "video.paused")
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("radio", name="240p").check(force=True)
    until(page, f"{other} && video.currentTime > 20")
    assert video(page, "paused")
    expect(page.locator("#undecodable")).to_be_hidden()


def test_where_the_original_cannot_be_decoded_a_quality_plays_at_the_same_moment(
    visits, shown, rendered
):
    visit = visits()
    visit.context.route(
        "**/media/**", lambda route: route.fulfill(body="no film", content_type="video/mp4")
    )
    page = visit.open(f"{shown.address}?t=20")
    button = page.get_by_role("button", name="Play it in 240p")
    expect(button).to_be_visible()
    original = video(page, "src")
    visit.context.unroute("**/media/**")
    button.click()
    until(page, f"video.src !== {original!r} && !video.paused && video.currentTime > 20")
    assert video(page, "currentTime") < 35
    expect(page.locator("#undecodable")).to_be_hidden()
    assert page.evaluate("document.querySelector('[name=fp-quality][value=\"240p\"]').checked")
    # Not on the button that is gone.
    expect(page.locator(".fp-play")).to_be_focused()


def test_where_no_quality_plays_whoever_may_change_the_film_is_led_to_making_one(
    member, visits, library, shown
):
    nothing = {"body": "no film", "content_type": "video/mp4"}
    visit, page = member
    visit.context.route("**/media/**", lambda route: route.fulfill(**nothing))
    page.goto(f"{library.url}/watch/{shown.other}/")
    lead = page.locator("#undecodable").get_by_role("link", name="Choose a quality")
    expect(lead).to_be_visible()
    lead.click()
    expect(page.get_by_role("button", name="Make the renditions")).to_be_visible()
    visitor = visits()
    visitor.context.route("**/media/**", lambda route: route.fulfill(**nothing))
    page = visitor.open(f"/watch/{shown.other}/")
    expect(page.locator("#undecodable")).to_be_visible()
    expect(page.get_by_role("link", name="Choose a quality")).to_have_count(0)


def test_ffmpeg_plays_the_playlist_to_its_end_and_jumps_in_it(client, library, rendered):
    token = client.headers["Authorization"]
    address = f"{library.url}/stream/{rendered}/hls/master.m3u8"
    # A signed address ends with no ending that FFmpeg knows.
    anything = {"allowed_extensions": "ALL", "extension_picky": "0"}
    options = {"headers": f"Authorization: {token}\r\n", **anything}
    with av.open(address, options=options) as played:
        assert played.format.name == "hls"
        stream = played.streams.video[0]
        times = [frame.time for frame in played.decode(stream)]
    assert stream.codec_context.height == 180
    assert times == sorted(times)
    assert times[-1] - times[0] == pytest.approx(40, abs=0.5)
    with av.open(address, options=options) as played:
        stream = played.streams.video[0]
        played.seek(30 * av.time_base)
        first = next(played.decode(stream))
        assert first.key_frame
        assert 24 < first.time - times[0] <= 30.1
