"""How tests send films in a browser: choose them, agree to the plan, find their rows."""

from __future__ import annotations

from playwright.sync_api import expect

STORED = "Stored, read back and compared."
LONG = 60_000


def upload(page, files, *, choose=None):
    """Choose files, look at the plan, and agree to it; what is here already is sent again."""
    page.locator("#file").set_input_files(files)
    go = page.locator("#plan [data-go]")
    expect(go).to_be_enabled()
    for keep in page.locator("#plan [data-keep]").filter(visible=True).all():
        keep.select_option("store")
    if choose:
        choose(page.locator("#plan"))
    go.click()


def row_of(page, title):
    return page.locator(f'[data-row][aria-label="{title}"]').first


def words_of(row):
    return row.locator("[data-words]")


def until(page, expression):
    """Wait for a fact of the page. A function, for its content policy allows no eval."""
    page.wait_for_function(f"() => {expression}", timeout=LONG)


def until_received(page, title, share):
    """As much of a film as this has been received."""
    row = f"document.querySelector('[data-row][aria-label=\"{title}\"] [data-bar]')"
    until(page, f"{row}?.position > {share}")


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


def made(tmp_path, source, *names):
    """Films of different bytes, by their titles."""
    for name in names:
        (tmp_path / f"{name}.mp4").write_bytes(source.read_bytes() + name.encode())
    return [tmp_path / f"{name}.mp4" for name in names]
