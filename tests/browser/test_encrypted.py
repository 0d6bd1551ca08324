"""
A film that is not for everybody, all the way: sent, cut off by a crash, resumed, watched,
brought back, and restored from the recovery kit in a second, empty library.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import MIB, Visit
from tests.browser.sending import LONG, STORED, slow_network, until_received, upload
from tests.running import ROOT, Running
from tests.scanning import runs_in_clear

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]


@pytest.fixture
def first(tmp_path):
    library = Running(tmp_path / "first", UPLOAD_CHUNK_SIZE=str(MIB)).start()
    yield library
    library.stop()


@pytest.fixture
def second(tmp_path):
    library = Running(tmp_path / "second").start()
    yield library
    library.stop()


@pytest.fixture
def visiting(browser):
    """Makes a visit to one of the two libraries, signed in; and its page."""
    made = []

    def visit(library: Running) -> tuple:
        context = browser.new_context()
        context.set_default_timeout(15_000)
        made.append(Visit(library, context))
        page = made[-1].open("/login/")
        made[-1].sign_in(page)
        return made[-1], page

    yield visit
    for visit_made in made:
        visit_made.close()


def watch_and_seek(page, address: str) -> None:
    page.goto(address)
    page.wait_for_function("() => document.querySelector('video').readyState >= 1")
    video = page.locator("video")
    assert video.evaluate("v => Math.round(v.duration)") == 30
    for at in (29.5, 3, 17):
        video.evaluate("(v, at) => { v.currentTime = at; }", at)
        page.wait_for_function(
            "at => (v => !v.seeking && v.readyState >= 2 && Math.abs(v.currentTime - at) < 1)"
            "(document.querySelector('video'))",
            arg=at,
        )
    assert video.evaluate("v => v.error") is None


def download(library: Running, video_id: str, folder: Path) -> bytes:
    done = library.manage("download", video_id, "--to", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = folder.iterdir()
    return path.read_bytes()


def restore(library: Running, kit: Path, pieces: Path, printed: str) -> None:
    command = [sys.executable, "manage.py", "keys", "restore", str(kit)]
    done = subprocess.run(
        [*command, "--pieces", str(pieces), "--owner", "admin"],
        cwd=ROOT,
        env=library.environment,
        input=printed,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_private_film_all_the_way(first, second, visiting, film, tmp_path):
    visit, page = visiting(first)
    plain = film.read_bytes()
    page.goto(first.url + "/upload/")
    slow_network(page, 5_000_000)
    upload(page, film)
    until_received(page, "harbour at dawn", 0.4)
    first.kill()
    assert runs_in_clear(plain, first.data) == []
    # What the browser says of a server that is away is expected here.
    visit.expected = "Failed to load resource|WebSocket|ERR_CONNECTION"
    first.start()
    slow_network(page, -1)
    row = page.locator("[data-row]").first
    expect(row.locator("[data-words]")).to_have_text(STORED, timeout=LONG)
    # It went on where it was.
    assert len([offset for offset in visit.offsets if offset < 0.3 * len(plain)]) <= 9

    row.get_by_role("link", name="Open").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("harbour at dawn")
    expect(page.locator("main")).to_contain_text(re.compile("encrypted", re.IGNORECASE))
    video_id = page.url.rstrip("/").rsplit("/", 1)[-1]
    watch_and_seek(page, page.url)
    assert download(first, video_id, tmp_path / "out") == plain
    assert runs_in_clear(plain, first.data) == []

    # The page of the kit is read by a browser too, as it is printed.
    assert first.manage("keys", "kit", str(tmp_path / "kit")).returncode == 0
    first.stop()
    (paper,) = (tmp_path / "kit").glob("*.html")
    (kit,) = (tmp_path / "kit").glob("*.kit")
    sheet = page.context.browser.new_page()
    sheet.goto(paper.as_uri())
    typed = sheet.locator("#key").inner_text()
    sheet.close()
    second.stop()
    restore(second, kit, first.data / "pieces", typed)
    second.start()
    _, page = visiting(second)
    page.goto(f"{second.url}/watch/{video_id}/")
    expect(page.locator("#evidence")).to_contain_text("Read back and compared", timeout=LONG)
    watch_and_seek(page, page.url)
    assert download(second, video_id, tmp_path / "again") == plain
    assert runs_in_clear(plain, second.data) == []
