"""
A film that is with its providers only, in a real player: one of them is killed while it is
played from there, and one sends what is not the film.
"""

from __future__ import annotations

import base64
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, Page, expect

from library import samples
from tests.browser.conftest import Visit
from tests.browser.overhearing import Wire
from tests.browser.playing import until, video
from tests.foc.provider.network import running_network
from tests.running import Running, polling, running

pytestmark = [pytest.mark.slow, pytest.mark.pages, pytest.mark.xdist_group("browser")]

SECONDS = 60
BYTES = "application/offset+octet-stream"


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    with running_network(
        tmp_path_factory.mktemp("network"), endorsed=2, block_time=0.2, park_delay=0.05
    ) as network:
        yield network


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """Some 50 MB, of which a player takes a part at a time."""
    path = tmp_path_factory.mktemp("films") / "crossing.mp4"
    samples.write_film(path, seconds=SECONDS, width=1280, height=720)
    return path


@pytest.fixture(scope="module")
def library(tmp_path_factory, network):
    """It would mend what is lost, which is not what is seen here: it has no worker later on."""
    with running(
        tmp_path_factory.mktemp("library") / "data",
        PIECE_SIZE=str(127 * 2**15),
        COMMIT_GATHER_SECONDS="1",
        PATROL_SECONDS="1",
        **network.ready().environment,
    ) as library:
        yield library


@pytest.fixture(scope="module")
def stored(library, film) -> str:
    """The film's id, once nothing of it is on this machine."""
    name = base64.b64encode(b"crossing.mp4").decode()
    everybody = base64.b64encode(b"public").decode()
    with library.client() as client:
        begun = client.post(
            "/api/v1/uploads/",
            content=film.read_bytes(),
            headers={
                "Upload-Length": str(film.stat().st_size),
                "Content-Type": BYTES,
                "Upload-Metadata": f"visibility {everybody},filename {name}",
            },
        )
        assert begun.status_code == 201, begun.text
        id = client.get(begun.headers["Location"]).json()["video"]
        for _ in polling(240, 0.2):
            told = client.get(f"/api/v1/videos/{id}/").json()
            if told["copies"]["stored"] == 2 and not kept(library):
                break
        else:
            raise AssertionError(f"it is not stored: {told['stages']}")
    library.stop()
    library.worker = False
    return str(id)


def kept(library: Running) -> list[Path]:
    """Bytes of films on this machine."""
    folders = [library.data / name for name in ("staging", "pieces")]
    paths = [path for folder in folders for path in folder.rglob("*")]
    return [path for path in paths if path.is_file() and path.stat().st_size]


@pytest.fixture
def anew(library, network, stored):
    """The library as it starts: its cache is empty, and its providers are well."""
    shutil.rmtree(library.data / "cache" / "blocks", ignore_errors=True)
    library.start()
    yield library
    library.stop()
    for provider in network.providers:
        if provider.process is None:
            provider.start()
        provider.well()


def playing(browser: Browser, url: str, film: str) -> tuple[Visit, Page]:
    context = browser.new_context()
    context.set_default_timeout(30_000)
    visit = Visit(SimpleNamespace(url=url), context)
    page = visit.open(f"/watch/{film}/")
    page.locator("video").evaluate("video => { video.muted = true; video.play() }")
    return visit, page


def test_the_picture_goes_on_when_the_provider_that_it_comes_from_is_killed(
    browser, anew, network, stored
):
    used, other = network.providers
    # So slow that much of the film is still to come when it dies.
    used.faults(slow_reads=3_000_000)
    other.kill()
    visit, page = playing(browser, anew.url, stored)
    until(page, "video.currentTime > 1")
    other.start()
    used.kill()
    here = page.locator("video").evaluate("video => video.buffered.end(0)")
    pictures = "video.getVideoPlaybackQuality().totalVideoFrames"
    shown = page.locator("video").evaluate(f"video => {pictures}")
    assert here < SECONDS - 15, "all of it had come already"
    page.locator("video").evaluate("video => { video.playbackRate = 4 }")
    until(page, f"video.currentTime > {here + 12}")
    assert page.locator("video").evaluate(f"video => {pictures}") > shown + 100
    assert video(page, "error") is None
    expect(page.get_by_role("alert")).to_have_count(0)
    visit.close()


def test_the_mark_turns_red_while_one_watches_when_a_copy_is_found_wrong(
    browser, anew, network, stored
):
    context = browser.new_context()
    context.set_default_timeout(30_000)
    visit = Visit(SimpleNamespace(url=anew.url), context)
    page = visit.open("/login/")
    visit.sign_in(page)
    page.goto(f"{anew.url}/watch/{stored}/")
    mark = page.locator(".fp-verified")
    expect(mark).to_have_attribute("data-mark", "checked")
    liar, other = network.providers
    liar.faults(corrupt_piece=True)
    # So slow that the other is asked, too.
    other.faults(slow_reads=3_000_000)
    page.locator("video").evaluate("video => { video.muted = true; video.play() }")
    expect(mark).to_have_attribute("data-mark", "wrong")
    expect(page.locator("[data-note=wrong]")).to_be_visible()
    until(page, "video.currentTime > 2")
    mark.click()
    expect(page.get_by_role("tab", name="Proof")).to_have_attribute("aria-selected", "true")
    visit.close()


@pytest.mark.parametrize("liars", [1, 2])
def test_what_a_lying_provider_sends_is_never_shown(browser, anew, network, stored, film, liars):
    for provider in network.providers[:liars]:
        provider.faults(corrupt_piece=True)
    with Wire(anew.port) as wire:
        visit, page = playing(browser, wire.url, stored)
        if liars == 1:
            until(page, "video.currentTime > 2")
        else:
            visit.expected = "503|no supported sources"
            face = page.get_by_role("alert").filter(
                has=page.get_by_role("heading", name="No copy can be reached just now")
            )
            expect(face).to_be_visible()
            assert video(page, "videoWidth") == 0
        visit.close()
        content = film.read_bytes()
        heard = wire.heard(len(content))
    for start, _, data in heard:
        assert data == content[start : start + len(data)], f"wrong bytes after {start}"
    assert bool(heard) == (liars == 1)
