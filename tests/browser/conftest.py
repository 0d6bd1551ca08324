"""
A real browser before a real library: server, worker and database of their own.

Playwright's loop runs in the thread that uses it, and Django refuses its database there,
so the browser lives no longer than a module.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from library import samples
from tests import machine
from tests.browser import playing
from tests.running import PASSWORD, USERNAME, Running, running

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
MIB = 1024 * 1024
# Machines that do much else are slow; a claim that does not hold fails all the same.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    """With small chunks, so that there is a middle to leave in."""
    folder = tmp_path_factory.mktemp("browser") / "data"
    with running(folder, UPLOAD_CHUNK_SIZE=str(MIB)) as server:
        yield server


@pytest.fixture(scope="session")
def film(tmp_path_factory) -> Path:
    """Half a minute, some 25 MB."""
    path = tmp_path_factory.mktemp("films") / "harbour_at_dawn.mp4"
    samples.write_film(path, seconds=30, width=1280, height=720)
    return path


@pytest.fixture(scope="session")
def medium_film(tmp_path_factory) -> Path:
    """Some 8 MB: long enough to be slow on a slow network."""
    path = tmp_path_factory.mktemp("films") / "pier.mp4"
    samples.write_film(path, seconds=10, width=1280, height=720)
    return path


@pytest.fixture(scope="session")
def short_film(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("films") / "gulls.mp4"
    samples.write_film(path, seconds=2, width=320, height=180, scene="seconds")
    return path


@pytest.fixture(scope="session")
def shown(library, tmp_path_factory) -> playing.Shown:
    return playing.show(library, tmp_path_factory.mktemp("shown"))


@pytest.fixture(scope="module")
def browser():
    path = machine.chromium()
    if path is None:
        missing = "chromium is missing; get it with: apt-get install chromium"
        (pytest.fail if machine.CI else pytest.skip)(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


class Visit:
    """
    A person with a browser of their own.

    What it complains about, and what it asks of other sites, fails the test in the end.
    """

    def __init__(self, library: Running, context: BrowserContext) -> None:
        self.library, self.context = library, context
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        self.offsets: list[int] = []
        # What the test itself makes go wrong.
        self.expected = r"^$"

    def open(self, path: str = "/") -> Page:
        page = self.context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)
        page.goto(self.library.url + path)
        return page

    def sign_in(self, page: Page) -> None:
        page.get_by_label("Name").fill(USERNAME)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/login/" not in url)

    def close(self) -> None:
        self.context.close()
        assert not self.strangers
        assert not [said for said in self.complaints if not re.search(self.expected, said)]

    def _heard(self, message) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _asked(self, request) -> None:
        # What a page made itself comes from nowhere.
        url = request.url.removeprefix("blob:")
        ours = (self.library.url, self.library.url.replace("http", "ws"), "data:")
        if not url.startswith(ours):
            self.strangers.append(request.url)
        if request.method == "PATCH" and "upload-offset" in request.headers:
            self.offsets.append(int(request.headers["upload-offset"]))


@pytest.fixture
def visits(library: Running, browser: Browser):
    """Makes visits; options are those of Playwright's contexts."""
    made: list[Visit] = []

    def visit(**options) -> Visit:
        context = browser.new_context(**options)
        context.set_default_timeout(15_000)
        made.append(Visit(library, context))
        return made[-1]

    yield visit
    for visit_made in made:
        visit_made.close()


@pytest.fixture
def member(visits):
    """A visit that is signed in, and its page."""
    visit = visits()
    page = visit.open("/login/")
    visit.sign_in(page)
    return visit, page
