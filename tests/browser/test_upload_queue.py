"""The queue of films on their way: led from any device, with the keys, through restarts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import MIB, Visit
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
from tests.running import running

pytestmark = [pytest.mark.slow, pytest.mark.pages, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """Of its own: what these tests leave on its way is in nobody else's list."""
    with running(tmp_path_factory.mktemp("queue") / "data", UPLOAD_CHUNK_SIZE=str(MIB)) as server:
        yield server


def test_a_file_that_is_arriving_already_is_not_sent_again(member, medium_film, tmp_path):
    visit, page = member
    (film,) = made(tmp_path, medium_film, "twice")
    page.goto(page.url + "upload/")
    slow_network(page, 400_000)
    upload(page, film)
    expect(words_of(row_of(page, "twice"))).to_contain_text("/s")
    other = visit.open("/upload/")
    row = row_of(other, "twice")
    expect(words_of(row)).to_contain_text("from another window", timeout=LONG)
    for tab in (other, page):
        tab.locator("#file").set_input_files(film)
        expect(tab.locator("#objections")).to_contain_text("It is in the list already.")
    # A pause here holds there, and so does its end.
    row.get_by_role("button", name="Pause").click()
    expect(words_of(row_of(page, "twice"))).to_contain_text("Paused by you", timeout=LONG)
    slow_network(page, -1)
    row_of(page, "twice").get_by_role("button", name="Go on").click()
    expect(words_of(row)).to_have_text(STORED, timeout=LONG)
    uploads = page.request.get(visit.library.url + "/api/v1/uploads/").json()["items"]
    assert [upload["filename"] for upload in uploads].count("twice.mp4") == 1


def test_another_device_goes_on_where_the_first_one_stopped(member, visits, medium_film, tmp_path):
    visit, page = member
    (film,) = made(tmp_path, medium_film, "between devices")
    page.goto(page.url + "upload/")
    slow_network(page, 2_000_000)
    upload(page, film)
    until_received(page, "between devices", 0.3)
    page.close(run_before_unload=False)
    second = visits()
    elsewhere = second.open("/login/?next=/upload/")
    second.sign_in(elsewhere)
    row = row_of(elsewhere, "between devices")
    expect(words_of(row)).to_contain_text(re.compile(r"Waiting for file — [3-9]\d % already"))
    expect(elsewhere.locator("#waiting")).to_contain_text("One film waits for its file.")
    # A copy of it, with a name and a date of its own.
    copy = tmp_path / "copied.mp4"
    copy.write_bytes(film.read_bytes())
    elsewhere.locator("#file").set_input_files(copy)
    expect(words_of(row)).to_have_text(STORED, timeout=LONG)
    assert second.offsets[0] >= 0.3 * film.stat().st_size
    assert visit.offsets == sorted(visit.offsets)


HANDLES = """() => {
  // The browser's own folder gives real handles, without a dialog that no test can answer.
  window.showOpenFilePicker = async () => {
    const folder = await navigator.storage.getDirectory();
    return [await folder.getFileHandle("kept.mp4")];
  };
}"""
WRITE = """async (size) => {
  const folder = await navigator.storage.getDirectory();
  const handle = await folder.getFileHandle("kept.mp4", { create: true });
  const writer = await handle.createWritable();
  await writer.write(new Uint8Array(size).fill(7));
  await writer.close();
}"""


def test_a_kept_handle_goes_on_by_itself_after_a_reload(visits):
    visit = visits()
    visit.context.add_init_script(f"({HANDLES})()")
    page = visit.open("/login/?next=/upload/")
    visit.sign_in(page)
    page.evaluate(WRITE, 8_000_000)
    slow_network(page, 1_000_000)
    page.get_by_text("Choose films", exact=True).click()
    page.get_by_role("button", name="Upload this film").click()
    until_received(page, "kept", 0.2)
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    row = row_of(page, "kept")
    expect(words_of(row)).to_contain_text("/s", timeout=LONG)
    slow_network(page, -1)
    # Bytes of no film: it was received, and is told so.
    expect(row).to_have_attribute("data-state", "refused", timeout=LONG)
    row.get_by_role("button", name="Remove from the list").click()


def test_another_file_of_the_same_name_is_asked_about(member, medium_film, tmp_path):
    _, page = member
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(page.url + "upload/")
    slow_network(page, 3_000_000)
    (path,) = made(tmp_path, medium_film, "reel")
    upload(page, path)
    until_received(page, "reel", 0.2)
    page.goto(page.url)
    row = row_of(page, "reel")
    expect(words_of(row)).to_contain_text("Waiting for file")
    path.write_bytes(b"edited since")
    page.locator("#file").set_input_files(path)
    expect(words_of(row)).to_contain_text("The file changed")
    expect(row.get_by_role("button", name="Upload as another film")).to_be_visible()
    row.get_by_role("button", name="Start over").click()
    expect(page.locator("#plan [data-item] [data-size]")).to_have_text("12 bytes")
    expect(row).to_have_count(0)


def test_pausing_all_holds_for_all_and_after_a_reload(member, medium_film, tmp_path):
    _, page = member
    page.goto(page.url + "upload/")
    slow_network(page, 1_000_000)
    films = made(tmp_path, medium_film, "one of all", "two of all", "three of all")
    upload(page, films)
    titles = [film.stem for film in films]
    expect(words_of(row_of(page, titles[0]))).to_contain_text("/s")
    page.get_by_role("button", name="Pause all").click()
    for title in titles:
        expect(words_of(row_of(page, title))).to_contain_text("Paused by you")
    # What holds for all of them is said once.
    page.get_by_text("About all", exact=True).click()
    every = page.locator("#about-all")
    every.get_by_label("Collection").fill("All of them")
    every.get_by_label("Collection").press("Tab")
    expect(every.locator("[data-saved]")).to_have_text("Saved.")
    page.reload()
    for title in titles:
        expect(row_of(page, title).get_by_label("Collection")).to_have_value("All of them")
    for title in titles:
        expect(words_of(row_of(page, title))).to_contain_text("Paused by you. Waiting for file")
    slow_network(page, -1)
    page.locator("#file").set_input_files(films)
    for title in titles:
        expect(words_of(row_of(page, title))).to_have_text(STORED, timeout=LONG)


def test_the_queue_is_led_with_the_keys_alone(member, medium_film, short_film, tmp_path):
    _, page = member
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(page.url + "upload/")
    slow_network(page, 300_000)
    names = ("alpha", "beta", "gamma", "delta")
    page.locator("#file").set_input_files(made(tmp_path, medium_film, *names))
    # The plan has the focus on what is likely wished for.
    expect(page.get_by_role("button", name="Upload 4 films")).to_be_focused()
    page.keyboard.press("Enter")
    alpha, beta, gamma, delta = (row_of(page, name) for name in names)
    expect(alpha).to_be_focused()
    expect(words_of(alpha)).to_contain_text("/s")
    page.keyboard.press("Space")
    expect(alpha).to_have_attribute("data-state", "paused")
    expect(alpha).to_be_focused()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(delta).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    order = "[...document.querySelectorAll('#rows [data-row]')].map((row) => row.ariaLabel)"
    until(page, f"{order}.indexOf('delta') < {order}.indexOf('gamma')")
    expect(delta).to_be_focused()
    page.keyboard.press("Delete")
    expect(delta).to_have_count(0)
    expect(words_of(beta)).to_contain_text("/s")
    page.reload()
    listed = [name for name in page.evaluate(order) if name in names]
    assert listed == ["alpha", "beta", "gamma"]
    beta.focus()
    page.keyboard.press("Delete")
    page.keyboard.press("Escape")
    expect(beta).to_be_focused()
    # Asked again before the browser has told of the first closing: the answer counts all the same.
    page.evaluate(
        """() => {
            const row = document.querySelector("#rows [data-row][aria-label=beta]");
            const press = () => row.dispatchEvent(
                new KeyboardEvent("keydown", { key: "Delete", bubbles: true, cancelable: true }));
            press();
            document.getElementById("cancel-sheet").close();
            press();
        }"""
    )
    page.get_by_role("button", name="Cancel the upload").press("Enter")
    expect(beta).to_have_count(0)
    for row in (alpha, gamma):
        row.get_by_role("button", name="Cancel").click()
        sheet = page.get_by_role("button", name="Cancel the upload")
        if sheet.is_visible():
            sheet.click()
        expect(row).to_have_count(0)


def test_small_ones_first_and_slowly_when_that_is_wished_for(
    member, medium_film, short_film, tmp_path
):
    _, page = member
    page.goto(page.url + "upload/")
    page.locator("#queue").evaluate("queue => { queue.hidden = false; }")
    page.get_by_text("How", exact=True).click()
    page.get_by_label("Films at once").select_option("1")
    page.get_by_label("Speed, for all together").select_option("500000")
    big = made(tmp_path, medium_film, "big one", "bigger one")
    (small,) = made(tmp_path, short_film, "small one")
    upload(page, [*big, small])
    expect(words_of(row_of(page, "big one"))).to_contain_text("/s")
    page.get_by_label("Order").select_option("small")
    titles = "[...document.querySelectorAll('#rows [data-row]')].map((row) => row.ariaLabel)"
    until(page, f"{titles}.indexOf('small one') < {titles}.indexOf('bigger one')")
    page.get_by_label("Speed, for all together").select_option("0")
    for title in ("small one", "bigger one"):
        expect(words_of(row_of(page, title))).to_have_text(STORED, timeout=LONG)


def test_a_server_that_restarts_meanwhile_is_waited_for(browser, medium_film, tmp_path):
    with running(tmp_path / "data", UPLOAD_CHUNK_SIZE=str(MIB)) as server:
        visit = Visit(server, browser.new_context())
        page = visit.open("/login/?next=/upload/")
        visit.sign_in(page)
        slow_network(page, 2_000_000)
        (film,) = made(tmp_path, medium_film, "through it all")
        upload(page, film)
        until_received(page, "through it all", 0.3)
        server.kill()
        row = row_of(page, "through it all")
        expect(words_of(row)).to_contain_text("may be restarting", timeout=LONG)
        # The bar keeps its place.
        place = row.locator("[data-bar]").evaluate("bar => bar.position")
        assert place > 0.3
        server.start()
        slow_network(page, -1)
        expect(words_of(row)).to_have_text(STORED, timeout=LONG)
        assert visit.offsets.count(0) == 1
        visit.expected = "Failed to load resource|WebSocket|ERR_CONNECTION"
        visit.close()


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
    path.write_bytes(short_film.read_bytes() + b"asked")
    upload(page, path)
    row = row_of(page, "asked")
    expect(row.locator("[data-words]")).to_have_text(STORED, timeout=LONG)
