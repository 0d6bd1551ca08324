"""Films on their way, as a person in a browser sees them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.sending import (
    LONG,
    STORED,
    made,
    row_of,
    slow_network,
    until,
    until_received,
    upload,
    words_of,
)

pytestmark = [pytest.mark.slow, pytest.mark.pages, pytest.mark.xdist_group("browser")]


def test_a_film_is_left_in_the_middle_resumed_watched_and_named(member, film):
    visit, page = member
    # Where the browser's own dialog is used, Playwright can answer it.
    visit.context.add_init_script("delete window.showOpenFilePicker")
    size = film.stat().st_size
    page.get_by_role("link", name="Upload").first.click()
    slow_network(page, 5_000_000)
    upload(page, film)
    row = row_of(page, "harbour at dawn")
    expect(row.locator("[data-words]")).to_contain_text(re.compile(r"MB of .* MB · .*/s"))
    expect(page.locator("#total")).to_contain_text("Keep this page open")
    until_received(page, "harbour at dawn", 0.3)
    # A browser only asks somebody who has done something with the page.
    page.get_by_role("heading", level=1).click()
    with page.expect_event("dialog") as asked:
        page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    with page.expect_event("close"):
        asked.value.accept()

    # Coming back: the server knows how far it is, and no byte of it is sent again.
    page = visit.open("/upload/")
    row = row_of(page, "harbour at dawn")
    expect(row.locator("[data-words]")).to_contain_text(
        re.compile(r"Waiting for file — [3-9]\d % already here")
    )
    uploads = page.request.get(visit.library.url + "/api/v1/uploads/").json()["items"]
    here = next(one["offset"] for one in uploads if one["title"] == "harbour at dawn")
    assert 0.3 * size <= here < size
    visit.offsets.clear()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose the files again").click()
    chooser.value.set_files(film)
    row = row_of(page, "harbour at dawn")
    expect(row.locator("[data-words]")).to_have_text(STORED, timeout=LONG)
    assert visit.offsets[0] >= here
    assert visit.offsets == sorted(set(visit.offsets))

    row.get_by_role("link", name="Open").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("harbour at dawn")
    video = page.locator("video")
    until(page, "document.querySelector('video').readyState >= 1")
    assert video.evaluate("v => Math.round(v.duration)") == 30
    video.evaluate("v => { v.currentTime = v.duration - 0.5; }")
    until(page, "(v => !v.seeking && v.readyState >= 2)(document.querySelector('video'))")
    assert video.evaluate("v => v.currentTime") > 29
    assert video.evaluate("v => v.error") is None
    assert re.fullmatch(r"bafkzcib[a-z2-7]+", page.locator("#piece-cid").inner_text())
    expect(page.locator("#evidence")).to_contain_text("Read back and compared")

    # And it is in the library, with its poster.
    page.get_by_role("searchbox").fill("harbour at dawn")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=*")
    card = page.locator(".card")
    expect(card).to_have_count(1)
    assert card.locator("img").evaluate("i => i.decode().then(() => i.naturalWidth)") > 100


def test_two_at_once_a_pause_and_what_is_said_on_the_way(member, medium_film, tmp_path):
    visit, page = member
    page.goto(page.url + "upload/")
    slow_network(page, 1_500_000)
    upload(page, made(tmp_path, medium_film, "first", "second", "third"))
    first, second, third = (row_of(page, title) for title in ("first", "second", "third"))
    expect(words_of(third)).to_contain_text("Waiting for its turn")
    expect(words_of(first)).to_contain_text("/s")
    expect(words_of(second)).to_contain_text("/s")
    second.get_by_role("button", name="Cancel").click()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("The file on your device stays")
    expect(sheet.get_by_role("button", name="Keep it")).to_be_focused()
    sheet.get_by_role("button", name="Cancel the upload").click()
    expect(second).to_have_count(0)
    first.get_by_role("button", name="Pause").click()
    expect(words_of(first)).to_contain_text(re.compile(r"Paused by you\. \d+ %"))
    # Its lane is free now.
    expect(words_of(third)).to_contain_text(re.compile("MB of"), timeout=LONG)
    title = first.get_by_label("Title")
    title.fill("The first of three")
    title.press("Tab")
    first = row_of(page, "The first of three")
    expect(first.locator("[data-saved]")).to_have_text("Saved.")
    first.get_by_text("About this film").click()
    first.get_by_label("Collection").fill("Of three")
    first.get_by_label("Tags").fill("sea, winter")
    first.get_by_label("Tags").press("Tab")
    expect(first.locator("[data-saved]")).to_have_text("Saved.")
    # What the browser says of a refusal is expected.
    visit.expected = "status of 400"
    first.get_by_label("Language").fill("not a language")
    first.get_by_label("Language").press("Tab")
    expect(first.locator("[data-saved]")).to_contain_text("Not saved.")
    first.get_by_label("Language").fill("fr")
    first.get_by_label("Language").press("Tab")
    expect(first.locator("[data-saved]")).to_have_text("Saved.")
    first.get_by_role("button", name="Go on").click()
    slow_network(page, -1)
    expect(words_of(first)).to_have_text(STORED, timeout=LONG)
    told = page.request.get(visit.library.url + "/api/v1/uploads/").json()["items"]
    kept = next(one for one in told if one["title"] == "The first of three")
    assert kept["collection"]["name"] == "Of three"
    assert kept["tags"] == ["sea", "winter"] and kept["language"] == "fr"


def test_the_plan_says_what_files_are_before_a_byte_is_sent(member, short_film, tmp_path):
    visit, page = member
    page.goto(page.url + "upload/")
    before = page.locator("[data-row]").count()
    page.locator("#file").set_input_files(made(tmp_path, short_film, "plan_a", "plan_b"))
    plan = page.locator("#plan")
    item = plan.locator("[data-item]").first
    expect(item.get_by_label("Title")).to_have_value("plan a")
    expect(item.locator("[data-length]")).to_have_text("0:02")
    expect(item.locator("[data-pieces]")).to_have_text("1")
    expect(item.locator("[data-picture]")).to_be_visible()
    expect(plan.locator("[data-sum]")).to_contain_text("2 films")
    expect(page.locator("[data-row]")).to_have_count(before)
    assert visit.offsets == []
    shared = plan.get_by_role("group", name="For all of them")
    shared.get_by_label("Collection").fill("The plan")
    shared.get_by_label("Everybody who signs in").check()
    # What one has of its own stays its own.
    item.get_by_label("Who may watch this one").select_option("private")
    shared.get_by_label("Everybody", exact=True).check()
    other = plan.locator("[data-item]").nth(1)
    expect(other.get_by_label("Who may watch this one")).to_have_value("public")
    expect(item.get_by_label("Who may watch this one")).to_have_value("private")
    other.get_by_text("Say more of this one").click()
    other.get_by_label("Description").fill("The second one.")
    plan.get_by_role("button", name="Upload 2 films").click()
    expect(words_of(row_of(page, "plan b"))).to_have_text(STORED, timeout=LONG)
    expect(words_of(row_of(page, "plan a"))).to_have_text(STORED, timeout=LONG)
    told = page.request.get(visit.library.url + "/api/v1/uploads/").json()["items"]
    a, b = (next(one for one in told if one["title"] == title) for title in ("plan a", "plan b"))
    assert (a["visibility"], b["visibility"]) == ("private", "public")
    assert a["collection"]["name"] == b["collection"]["name"] == "The plan"
    assert (a["description"], b["description"]) == ("", "The second one.")


def test_what_is_no_film_is_refused_with_a_sentence(member, tmp_path):
    _, page = member
    page.goto(page.url + "upload/")
    fake = tmp_path / "holiday.mp4"
    fake.write_bytes(b"PK\x03\x04" + bytes(5000))
    empty, text, captions = (tmp_path / name for name in ("empty.mp4", "notes.txt", "alps.srt"))
    empty.touch()
    text.write_text("not a film")
    captions.write_text("1")
    upload(page, [fake, empty, text, captions])
    objections = page.locator("#objections")
    expect(objections).to_contain_text("“empty.mp4” is not sent. It is empty.")
    expect(objections).to_contain_text("“notes.txt” is not sent. It is no film")
    expect(objections).to_contain_text("“alps.srt” is not sent. It holds captions")
    row = row_of(page, "holiday")
    expect(row).to_have_attribute("data-state", "refused", timeout=LONG)
    expect(row.get_by_test_id("upload-refused")).to_contain_text("ZIP")
    # What is said of it is kept, though it came to nothing.
    row.get_by_label("Title").fill("No holiday")
    row.get_by_label("Title").press("Tab")
    expect(row_of(page, "No holiday").locator("[data-saved]")).to_have_text("Saved.")
    page.reload()
    row = row_of(page, "No holiday")
    row.get_by_role("button", name="Remove from the list").click()
    expect(row).to_have_count(0)
    page.reload()
    expect(page.locator("#queue-title")).to_be_attached()
    expect(row).to_have_count(0)


def test_the_same_bytes_are_marked_before_they_are_sent(member, short_film, tmp_path):
    visit, page = member
    page.goto(page.url + "upload/")
    (path,) = made(tmp_path, short_film, "marked")
    upload(page, path)
    expect(words_of(row_of(page, "marked"))).to_have_text(STORED, timeout=LONG)
    again = tmp_path / "another name.mp4"
    again.write_bytes(path.read_bytes())
    visit.offsets.clear()
    page.locator("#file").set_input_files(again)
    plan = page.locator("#plan")
    expect(plan).to_contain_text("Same as “marked”")
    plan.get_by_role("button", name="Nothing to upload").press("Enter")
    expect(page.locator("#file")).to_be_focused()
    page.locator("#file").set_input_files(again)
    plan.get_by_label("What becomes of it").select_option("store")
    plan.get_by_role("button", name="Upload this film").click()
    row = row_of(page, "another name")
    expect(row.locator("[data-duplicate]")).to_be_visible(timeout=LONG)
    expect(row.locator("[data-duplicate]")).to_contain_text("already have these bytes as “marked”")
    expect(row.get_by_role("link", name="Open that film")).to_be_visible()
    row.get_by_role("button", name="Move this one to the trash").click()
    expect(row).to_have_count(0)
    page.goto(page.url.replace("upload/", "?in=trash"))
    page.get_by_role("button", name="Restore").first.click()
    expect(page.get_by_role("status").filter(has_text="back in the library")).to_be_visible()


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
    assert page.evaluate(DROP)
    items = page.locator("#plan [data-item]")
    expect(items).to_have_count(2)
    sizes = items.locator("[data-size]").all_inner_texts()
    assert sorted(sizes) == ["12 bytes", "13 bytes"]
    page.get_by_role("button", name="Leave “dropped.mp4” out").click()
    expect(items).to_have_count(1)
    page.get_by_role("button", name="Do not upload").click()
    expect(page.locator("#plan")).to_be_hidden()


def test_a_folder_offers_its_name_as_the_collection(member, short_film, tmp_path):
    _, page = member
    folder = tmp_path / "Alps 2026"
    folder.mkdir()
    made(folder, short_film, "peak")
    (folder / ".DS_Store").write_bytes(b"x")
    page.goto(page.url + "upload/")
    page.locator("#folder").set_input_files(folder)
    expect(page.locator("#objections")).to_contain_text(".DS_Store")
    plan = page.locator("#plan")
    plan.get_by_role("button", name="Collect them as “Alps 2026”").click()
    shared = plan.get_by_role("group", name="For all of them")
    expect(shared.get_by_label("Collection")).to_have_value("Alps 2026")


def test_stages_appear_on_the_watch_page_by_themselves(member, short_film, tmp_path):
    _, page = member
    page.goto(page.url + "upload/")
    path = tmp_path / "live.mp4"
    path.write_bytes(short_film.read_bytes() + bytes(8))
    upload(page, path)
    row_of(page, "live").get_by_role("link", name="Open").click(timeout=LONG)
    expect(page.locator("video")).to_be_visible(timeout=LONG)
    expect(page.locator("#evidence")).to_contain_text("Read back and compared", timeout=LONG)
