"""The player in a real browser, used as people do: with a mouse, with keys, with a finger."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.playing import bar, go_to, opened, until, video

pytestmark = [pytest.mark.slow, pytest.mark.pages, pytest.mark.xdist_group("browser")]


def test_a_mouse_plays_jumps_drags_and_mutes(visits, shown):
    page = opened(visits(), shown.address)
    page.locator("video").click(position={"x": 300, "y": 80})
    until(page, "!video.paused && video.currentTime > 0")
    page.mouse.click(*bar(page, 0.5))
    until(page, "Math.abs(video.currentTime - 20) < 2")
    page.get_by_role("button", name="Pause").click()
    until(page, "video.paused")
    page.mouse.move(*bar(page, 0.5))
    page.mouse.down()
    page.mouse.move(*bar(page, 0.8))
    assert video(page, "currentTime") < 25, "a drag shows, and only its end jumps"
    page.mouse.up()
    until(page, "Math.abs(video.currentTime - 32) < 1")
    page.get_by_role("button", name="Back 10 seconds").click()
    until(page, "Math.abs(video.currentTime - 22) < 1")
    page.get_by_role("button", name="Mute").click()
    assert video(page, "muted")
    page.get_by_role("button", name="Show the time that remains").click()
    expect(page.get_by_role("button", name="Show the time that has passed")).to_contain_text(
        "\N{MINUS SIGN}0:1"
    )


def test_the_seek_bar_shows_a_picture_a_time_and_a_chapter(visits, shown):
    page = opened(visits(), shown.address)
    page.mouse.move(*bar(page, 0.75))
    preview = page.locator(".fp-preview")
    expect(preview).to_have_text(re.compile(r"0:(29|30)Harbour"))
    expect(page.locator(".fp-tile")).to_be_visible()
    assert "/storyboard/" in page.locator(".fp-tile").evaluate("tile => tile.style.backgroundImage")
    page.mouse.move(10, 10)
    expect(preview).to_be_hidden()
    slider = page.get_by_role("slider", name="Position")
    page.keyboard.press("Tab")
    slider.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    until(page, "Math.abs(video.currentTime - 35) < 0.5")
    expect(preview).to_contain_text("0:35")
    expect(slider).to_have_attribute("aria-valuetext", "35 seconds of 40 seconds, chapter Harbour")
    page.keyboard.press("PageUp")
    until(page, "video.currentTime === 20")
    page.keyboard.press("Escape")
    expect(preview).to_be_hidden()


def test_the_keys_of_the_sheet_do_what_it_says(visits, shown):
    page = opened(visits(), shown.address)
    page.keyboard.press("5")
    until(page, "Math.abs(video.currentTime - 20) < 0.5")
    for key, at in (
        ("l", 30),
        ("j", 20),
        ("ArrowRight", 25),
        ("Shift+ArrowLeft", 24),
        ("PageUp", 20),
        ("0", 0),
    ):
        page.keyboard.press(key)
        until(page, f"Math.abs(video.currentTime - {at}) < 0.5")
    page.keyboard.press(".")
    until(page, "Math.abs(video.currentTime - 0.04) < 0.01")
    for key, fact in (
        ("ArrowDown", "video.volume === 0.95"),
        ("m", "video.muted"),
        (">", "video.playbackRate === 1.25"),
        ("<", "video.playbackRate === 1"),
        ("k", "!video.paused"),
        ("Space", "video.paused"),
        ("f", "document.fullscreenElement?.contains(video)"),
        ("f", "!document.fullscreenElement"),
        ("t", "document.documentElement.classList.contains('theatre')"),
    ):
        page.keyboard.press(key)
        until(page, fact)
    page.keyboard.press("Control+Shift+D")
    expect(page.get_by_label("Statistics")).to_contain_text("h264")
    page.keyboard.press("v")
    expect(page.get_by_role("tab", name="Proof")).to_be_focused()
    page.reload()
    until(page, "document.documentElement.classList.contains('theatre')")


def test_menus_keep_the_focus_and_give_it_back(visits, shown):
    page = opened(visits(), shown.address)
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("m")
    assert not video(page, "muted"), "a menu keeps the keys"
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    opener = page.get_by_role("button", name="Settings")
    opener.focus()
    page.keyboard.press("Enter")
    menu = page.get_by_role("dialog", name="Settings")
    expect(menu.get_by_role("radio", name="1", exact=True)).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert menu.evaluate("menu => menu.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_a_speed_is_chosen_or_typed(visits, shown):
    page = opened(visits(), shown.address)
    page.get_by_role("button", name="Settings").click()
    menu = page.get_by_role("dialog", name="Settings")
    menu.get_by_role("radio", name="1.5", exact=True).check(force=True)
    assert video(page, "playbackRate") == 1.5
    typed = menu.get_by_label("Another speed")
    typed.fill("1.1")
    typed.press("Enter")
    until(page, "video.playbackRate === 1.1")
    typed.fill("9")
    typed.press("Tab")
    until(page, "video.playbackRate === 2")
    assert video(page, "preservesPitch")
    expect(typed).to_have_value("2")


def test_captions_are_chosen_shown_and_remembered(visits, shown):
    page = opened(visits(), shown.address)
    go_to(page, 5)
    page.keyboard.press("c")
    line = page.locator(".fp-captions").first
    expect(line).to_have_text("Line 4")
    page.get_by_role("button", name="Captions").click()
    menu = page.get_by_role("dialog", name="Captions")
    expect(menu.locator("label").filter(has_text="Français")).to_contain_text("auto-made")
    menu.get_by_role("radio", name="Français").check()
    menu.get_by_role("radio", name="Huge").check(force=True)
    page.keyboard.press("Escape")
    expect(line).to_have_text("Ligne 4")
    expect(line.locator("span")).to_have_attribute("lang", "fr")
    page.reload()
    until(page, "video.readyState >= 2")
    go_to(page, 9)
    expect(line).to_have_text("Ligne 8")
    expect(line).to_have_attribute("data-size", "huge")
    page.keyboard.press("Shift+C")
    expect(line).to_have_text("Line 8")


def test_a_film_goes_on_where_another_device_left_it(visits, shown):
    first = visits(
        user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    )
    page = first.open("/login/")
    first.sign_in(page)
    page.goto(first.library.url + shown.address)
    until(page, "video.readyState >= 2")
    page.keyboard.press("k")
    until(page, "!video.paused && video.currentTime > 0")
    go_to(page, 24)
    with page.expect_response("**/progress/") as kept:
        page.keyboard.press("k")
    assert kept.value.status == 200
    left = kept.value.json()["position"]
    second = visits()
    page = second.open("/login/")
    second.sign_in(page)
    page.goto(second.library.url + shown.address)
    until(page, "video.readyState >= 2")
    assert video(page, "currentTime") == pytest.approx(left - 3, abs=0.1)
    card = page.get_by_role("group", name="Where to begin")
    expect(card).to_contain_text("Resume at 0:24")
    expect(card).to_contain_text("Last watched on Firefox on Linux")
    card.get_by_role("button", name="Start over").click()
    until(page, "!video.paused && video.currentTime < 3")
    expect(card).to_be_hidden()


def test_without_an_account_the_browser_remembers(visits, shown):
    page = opened(visits(), shown.address)
    page.keyboard.press("k")
    until(page, "!video.paused && video.currentTime > 0")
    go_to(page, 24)
    page.keyboard.press("k")
    page.wait_for_function("() => localStorage.getItem('filmedia.positions')")
    page.reload()
    until(page, "video.readyState >= 2")
    assert video(page, "currentTime") == pytest.approx(21, abs=0.7)
    page.goto(page.url + "?t=0m10s")
    until(page, "video.currentTime === 10")
    page.get_by_role("button", name="Go to where you were, 0:24").click()
    until(page, "!video.paused && video.currentTime >= 21")


def test_who_keeps_no_history_leaves_no_trace(visits, shown):
    visit = visits()
    kept = json.dumps({"history": False})
    visit.context.add_init_script(f"localStorage.setItem('filmedia.preferences', '{kept}')")
    page = opened(visit, shown.address)
    page.keyboard.press("k")
    until(page, "!video.paused && video.currentTime > 0")
    go_to(page, 24)
    page.keyboard.press("k")
    until(page, "video.paused")
    page.reload()
    until(page, "video.readyState >= 2")
    assert video(page, "currentTime") == 0
    assert page.evaluate("() => localStorage.getItem('filmedia.positions')") is None


@pytest.mark.parametrize("moment", ["?t=12", "?t=0m12s", "?t=00:00:12", "#t=12"])
def test_a_link_begins_at_its_moment(visits, shown, moment):
    page = visits().open(shown.address + moment)
    until(page, "video.currentTime === 12")


def test_a_link_to_a_part_stops_where_the_part_ends(visits, shown):
    page = opened(visits(), f"{shown.address}?cc=fr#t=12,13")
    page.keyboard.press("k")
    until(page, "video.paused && video.currentTime >= 13")
    assert video(page, "currentTime") == pytest.approx(13, abs=0.1)
    expect(page.locator(".fp-flash")).to_have_text("The shared part ends here")
    expect(page.locator(".fp-captions").first).to_have_text("Ligne 12")
    page.keyboard.press("k")
    until(page, "video.currentTime > 13.2")


def test_a_link_to_share_names_the_moment_and_the_end(visits, shown):
    page = opened(visits(), shown.address)
    go_to(page, 7)
    page.get_by_role("button", name="Share").click()
    dialog = page.get_by_role("dialog", name="Share")
    dialog.get_by_label("Start at").check()
    link = dialog.get_by_label("Link")
    expect(link).to_have_value(re.compile(rf"{shown.address}\?t=7$"))
    dialog.get_by_label("Where it stops").fill("0:09")
    expect(link).to_have_value(re.compile(rf"{shown.address}#t=7,9$"))
    dialog.get_by_label("Where it stops").fill("0:03")
    expect(dialog.get_by_role("alert")).to_have_text("It has to stop after it starts.")


def test_a_list_goes_on_by_itself_and_by_keys(visits, shown):
    page = opened(visits(), shown.in_list)
    page.keyboard.press("Shift+N")
    page.wait_for_url(f"**/watch/{shown.other}/?list=*")
    until(page, "video.readyState >= 2")
    page.keyboard.press("Shift+P")
    page.wait_for_url(f"**{shown.in_list}")
    # Who goes on to a film wants to see it.
    until(page, "!video.paused && video.currentTime > 0")
    go_to(page, 39.5)
    until(page, "video.ended")
    expect(page.get_by_role("button", name="Play now")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Play now")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("k")
    until(page, "!video.paused")
    go_to(page, 39.5)
    until(page, "video.ended")
    page.wait_for_url(f"**/watch/{shown.other}/?list=*")


def test_the_system_knows_what_plays(visits, shown):
    page = opened(visits(), shown.in_list)
    told = page.evaluate("() => [navigator.mediaSession.metadata].map(m => [m.title, m.album])[0]")
    assert told == ["gulls", "Evening"]


def test_a_small_player_stays_while_one_reads_and_can_be_closed(visits, shown):
    page = opened(visits(viewport={"width": 1000, "height": 420}), shown.address)
    page.keyboard.press("k")
    until(page, "!video.paused && video.currentTime > 0")
    page.mouse.wheel(0, 2000)
    until(page, "document.querySelector('[data-mini]')")
    page.locator(".player-frame").hover()
    page.get_by_role("button", name="Close the small player").click()
    until(page, "video.paused && !document.querySelector('[data-mini]')")
    page.mouse.wheel(0, -4000)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("switch", name="Small player while scrolling").click(force=True)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, "!video.paused")
    page.mouse.wheel(0, 2000)
    until(page, "scrollY > 100")
    assert page.locator("[data-mini]").count() == 0


def test_the_transcript_is_searched_followed_and_clicked(visits, shown):
    page = opened(visits(), shown.address)
    page.get_by_role("tab", name="Transcript").click()
    page.get_by_role("button", name="0:30 Line 30").click()
    until(page, "video.currentTime === 30")
    expect(page.locator("#transcript-lines [aria-current]")).to_contain_text("Line 30")
    page.get_by_label("Search in what is said").fill("line 1")
    expect(page.locator("#transcript-words")).to_have_text("5 lines with these words")
    page.get_by_label("Language").select_option("Français (auto-made)")
    expect(page.locator("#transcript-words")).to_have_text("No line has these words.")
    page.get_by_role("tab", name="Chapters").click()
    page.get_by_role("link", name="Harbour").click()
    until(page, "video.currentTime === 20")
    expect(page.get_by_role("link", name="Harbour")).to_have_attribute("aria-current", "true")


def test_an_address_of_the_transcript_shows_its_lines(visits, shown):
    page = visits().open(f"{shown.address}#transcript")
    expect(page.get_by_role("button", name="0:30 Line 30")).to_be_visible()


def test_a_transcript_that_did_not_come_is_asked_for_again(visits, shown):
    visit = visits()
    visit.expected = "Failed to load resource"
    page = opened(visit, shown.address)
    page.route("**/captions/*", lambda route: route.abort())
    page.get_by_role("tab", name="Transcript").click()
    expect(page.locator("#transcript-words")).to_have_text("The words cannot be loaded now.")
    page.unroute("**/captions/*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name="0:30 Line 30")).to_be_visible()
    expect(page.locator("#transcript-again")).to_be_hidden()


def test_two_taps_skip_and_one_in_the_middle_plays(visits, shown):
    visit = visits(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = opened(visit, shown.address)
    box = page.locator(".player-frame").bounding_box()
    right = (box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.45)
    for _ in range(2):
        page.touchscreen.tap(*right)
    until(page, "Math.abs(video.currentTime - 10) < 0.5")
    page.get_by_role("button", name="Play", exact=True).tap()
    until(page, "!video.paused")
    page.get_by_role("button", name="Settings").tap()
    expect(page.get_by_role("dialog", name="Settings")).to_be_visible()
    until(
        page,
        "document.querySelector('dialog[open]').getBoundingClientRect().bottom === innerHeight",
    )


def test_who_does_not_want_keys_of_one_letter_has_none(visits, shown):
    visit = visits()
    kept = json.dumps({"keys": False})
    visit.context.add_init_script(f"localStorage.setItem('filmedia.preferences', '{kept}')")
    page = opened(visit, shown.address)
    page.keyboard.press("m")
    page.keyboard.press("ArrowRight")
    until(page, "video.currentTime === 5")
    assert not video(page, "muted")


def test_without_scripts_the_browser_plays_it(visits, shown):
    page = visits(java_script_enabled=False).open(shown.address)
    player = page.locator("video")
    assert player.get_attribute("controls") is not None
    assert player.locator("track").count() == 2
    expect(page.locator(".fp-controls")).to_have_count(0)
    expect(page.locator("#transcript").get_by_role("link", name="Français")).to_be_visible()
    page.get_by_role("link", name="Harbour").click()
    page.wait_for_url("**t=20")
