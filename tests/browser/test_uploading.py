"""Films on their way, as a person in a browser sees them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

STORED = "Stored, read back and compared."
LONG = 60_000


def slow_network(page, bytes_a_second):
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": bytes_a_second,
        },
    )


def test_a_film_is_left_in_the_middle_resumed_watched_and_named(member, film):
    visit, page = member
    size = film.stat().st_size
    page.get_by_role("link", name="Upload").first.click()
    slow_network(page, 5_000_000)
    page.locator("#file").set_input_files(film)
    row = page.locator("[data-row]").first
    expect(row.locator("[data-words]")).to_contain_text(re.compile(r"MB of .* MB · .*/s"))
    page.wait_for_function("document.querySelector('[data-bar]').position > 0.3", timeout=LONG)
    # A browser only asks somebody who has done something with the page.
    page.get_by_role("heading", level=1).click()
    with page.expect_event("dialog") as asked:
        page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    with page.expect_event("close"):
        asked.value.accept()

    # Coming back: the server knows how far it is, and no byte of it is sent again.
    page = visit.open("/upload/")
    row = page.locator("[data-row]").first
    expect(row.locator("[data-words]")).to_contain_text(
        re.compile(r"Waiting for file — [3-9]\d % already here")
    )
    here = page.request.get(visit.library.url + "/api/v1/uploads/").json()["items"][0]["offset"]
    assert 0.3 * size <= here < size
    visit.offsets.clear()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose the files again").click()
    chooser.value.set_files(film)
    expect(row.locator("[data-words]")).to_have_text(STORED, timeout=LONG)
    assert visit.offsets[0] >= here
    assert visit.offsets == sorted(set(visit.offsets))

    row.get_by_role("link", name="Open").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("harbour at dawn")
    video = page.locator("video")
    page.wait_for_function("document.querySelector('video').readyState >= 1")
    assert video.evaluate("v => Math.round(v.duration)") == 30
    video.evaluate("v => { v.currentTime = v.duration - 0.5; }")
    page.wait_for_function(
        "(v => !v.seeking && v.readyState >= 2)(document.querySelector('video'))"
    )
    assert video.evaluate("v => v.currentTime") > 29
    assert video.evaluate("v => v.error") is None
    assert re.fullmatch(r"bafkzcib[a-z2-7]+", page.locator("#piece-cid").inner_text())
    expect(page.locator("#evidence")).to_contain_text("Read back and compared")

    # And it is in the library, with its poster, found by its PieceCID.
    cid = page.locator("#piece-cid").inner_text()
    page.get_by_role("searchbox").fill(cid)
    page.keyboard.press("Enter")
    card = page.locator(".card")
    expect(card).to_have_count(1)
    assert card.locator("img").evaluate("i => i.decode().then(() => i.naturalWidth)") > 100


def test_two_lanes_a_pause_and_a_title_typed_on_the_way(member, medium_film, tmp_path):
    visit, page = member
    page.goto(page.url + "upload/")
    rows = page.locator("[data-row]")
    before = rows.count()
    slow_network(page, 4_000_000)
    films = [tmp_path / f"{name}.mp4" for name in ("one", "two", "three")]
    for path in films:
        path.write_bytes(medium_film.read_bytes() + path.name.encode())
    page.locator("#file").set_input_files(films)
    first, second, third = (rows.nth(index) for index in range(3))
    expect(third.locator("[data-words]")).to_contain_text("Waiting for its turn")
    expect(first.locator("[data-words]")).to_contain_text("/s")
    first.get_by_role("button", name="Pause").click()
    expect(first.locator("[data-words]")).to_contain_text(re.compile(r"Paused by you\. \d+ %"))
    # Its lane is free now.
    expect(third.locator("[data-words]")).to_contain_text(re.compile("MB of"), timeout=LONG)
    title = first.get_by_label("Title")
    title.fill("The first of three")
    title.press("Tab")
    page.once("dialog", lambda dialog: dialog.accept())
    second.get_by_role("button", name="Cancel").click()
    expect(rows).to_have_count(before + 2)
    first.get_by_role("button", name="Go on").click()
    slow_network(page, -1)
    expect(first.locator("[data-words]")).to_have_text(STORED, timeout=LONG)
    page.goto(visit.library.url + "/?q=first+of+three")
    expect(page.locator(".card")).to_have_count(1)


def test_what_is_no_film_is_refused_with_a_sentence(member, tmp_path):
    _, page = member
    page.goto(page.url + "upload/")
    fake = tmp_path / "holiday.mp4"
    fake.write_bytes(b"PK\x03\x04" + bytes(5000))
    empty, text = tmp_path / "empty.mp4", tmp_path / "notes.txt"
    empty.touch()
    text.write_text("not a film")
    page.locator("#file").set_input_files([fake, empty, text])
    objections = page.locator("#objections")
    expect(objections).to_contain_text("“empty.mp4” is not sent. It is empty.")
    expect(objections).to_contain_text("“notes.txt” is not sent. It is no film")
    row = page.locator("[data-row]").first
    expect(row).to_have_attribute("data-tone", "bad", timeout=LONG)
    expect(row.locator("[data-words]")).not_to_be_empty()
    count = page.locator("[data-row]").count()
    row.get_by_role("button", name="Remove from the list").click()
    expect(page.locator("[data-row]")).to_have_count(count - 1)
    page.reload()
    expect(page.locator("[data-row]")).to_have_count(count - 1)


def test_the_same_bytes_again_are_offered_the_ways_out(member, short_film, tmp_path):
    _, page = member
    page.goto(page.url + "upload/")
    path = tmp_path / "gulls.mp4"
    path.write_bytes(short_film.read_bytes() + b"of this test")
    page.locator("#file").set_input_files(path)
    row = page.locator("[data-row]").first
    expect(row.locator("[data-words]")).to_have_text(STORED, timeout=LONG)
    page.locator("#file").set_input_files(path)
    again = page.locator("[data-row]").first
    expect(again.locator("[data-duplicate]")).to_be_visible(timeout=LONG)
    expect(again.locator("[data-duplicate]")).to_contain_text("already have these bytes as “gulls”")
    expect(again.get_by_role("link", name="Open that film")).to_be_visible()
    count = page.locator("[data-row]").count()
    again.get_by_role("button", name="Move this one to the trash").click()
    expect(page.locator("[data-row]")).to_have_count(count - 1)
    page.goto(page.url.replace("upload/", "?in=trash"))
    page.get_by_role("button", name="Restore").first.click()
    expect(page.get_by_role("status").first).to_contain_text("back in the library")


DROP = """async () => {
  const transfer = new DataTransfer();
  transfer.items.add(new File(["dropped bytes"], "dropped.mp4", { type: "video/mp4" }));
  const event = (name) =>
    new DragEvent(name, { dataTransfer: transfer, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event("dragover"));
  const marked = document.querySelector(".dropping") !== null;
  document.body.dispatchEvent(event("drop"));
  const pasted = new DataTransfer();
  pasted.items.add(new File(["pasted bytes"], "pasted.mp4", { type: "video/mp4" }));
  document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: pasted }));
  return marked;
}"""


def test_files_can_be_dropped_anywhere_or_pasted(member):
    _, page = member
    page.goto(page.url + "upload/")
    before = page.locator("[data-row]").count()
    assert page.evaluate(DROP)
    expect(page.locator("[data-row]")).to_have_count(before + 2)
    sizes = page.locator("[data-size]").all_inner_texts()
    assert {"13 bytes", "12 bytes"} <= set(sizes)


def test_a_file_that_is_arriving_already_is_not_sent_again(member, medium_film, tmp_path):
    visit, page = member
    film = tmp_path / "twice.mp4"
    film.write_bytes(medium_film.read_bytes() + b"twice")
    page.goto(page.url + "upload/")
    slow_network(page, 400_000)
    page.locator("#file").set_input_files(film)
    expect(page.locator("[data-row] [data-words]").first).to_contain_text("/s")
    other = visit.open("/upload/")
    row = other.locator("[data-row]").first
    expect(row.locator("[data-words]")).to_contain_text("from another window", timeout=LONG)
    for tab in (other, page):
        tab.locator("#file").set_input_files(film)
        expect(tab.locator("#objections")).to_contain_text("It is in the list already.")
    slow_network(page, -1)
    expect(row.locator("[data-words]")).to_have_text(STORED, timeout=LONG)
    uploads = page.request.get(visit.library.url + "/api/v1/uploads/").json()["items"]
    assert [upload["filename"] for upload in uploads].count("twice.mp4") == 1


def test_another_file_of_the_same_name_is_asked_about(member, medium_film, tmp_path):
    _, page = member
    page.goto(page.url + "upload/")
    slow_network(page, 3_000_000)
    path = tmp_path / "reel.mp4"
    path.write_bytes(medium_film.read_bytes())
    page.locator("#file").set_input_files(path)
    page.wait_for_function("document.querySelector('[data-bar]').position > 0.2", timeout=LONG)
    page.goto(page.url)
    row = page.locator("[data-row]").first
    expect(row.locator("[data-words]")).to_contain_text("Waiting for file")
    path.write_bytes(b"edited since")
    page.locator("#file").set_input_files(path)
    expect(row.locator("[data-words]")).to_contain_text("The file changed")
    expect(row.get_by_role("button", name="Start over")).to_be_visible()
    row.get_by_role("button", name="Start over").click()
    expect(page.locator("[data-row]").first.locator("[data-size]")).to_have_text("12 bytes")


def test_stages_are_followed_by_asking_when_sockets_fail(visits, short_film, tmp_path):
    visit = visits()
    visit.context.add_init_script(
        "window.WebSocket = class { constructor() { setTimeout(() => this.onclose()); }"
        " send() {} close() {} };"
    )
    page = visit.open("/login/?next=/upload/")
    visit.sign_in(page)
    expect(page.locator("#offline")).to_be_visible()
    path = tmp_path / "asked.mp4"
    path.write_bytes(short_film.read_bytes())
    page.locator("#file").set_input_files(path)
    row = page.locator("[data-row]").first
    expect(row.locator("[data-words]")).to_have_text(STORED, timeout=LONG)


def test_stages_appear_on_the_watch_page_by_themselves(member, short_film, tmp_path):
    _, page = member
    page.goto(page.url + "upload/")
    path = tmp_path / "live.mp4"
    path.write_bytes(short_film.read_bytes() + bytes(8))
    page.locator("#file").set_input_files(path)
    page.locator("[data-row]").first.get_by_role("link", name="Open").click(timeout=LONG)
    expect(page.locator("video")).to_be_visible(timeout=LONG)
    expect(page.locator("#evidence")).to_contain_text("Read back and compared", timeout=LONG)
