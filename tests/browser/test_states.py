"""
Every page in every state it can be in, looked at by axe and kept as a picture.

The pictures of a run lie in `build/pictures`, named by state, width and theme, for people to
look at: `make test-looks`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.scene import MEMBER, MEMBER_PASSWORD, Scene, set_up
from tests.running import PASSWORD, ROOT, USERNAME, Running, running

pytestmark = [pytest.mark.looks, pytest.mark.xdist_group("looks")]

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = ROOT / "build" / "pictures"
WIDTHS = (390, 1024, 1600)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ADMIN, ALICE, NOBODY = "admin", "alice", "nobody"


@dataclass(frozen=True)
class State:
    """`address` may name films as `{Salt}`; `make` brings the page into the state."""

    name: str
    address: str
    make: Callable[[Page], object] | None = None
    who: str = ADMIN


def press(key: str) -> Callable[[Page], object]:
    return lambda page: page.keyboard.press(key)


def opened(selector: str) -> Callable[[Page], object]:
    return lambda page: page.locator(f"{selector} > summary").first.click()


def wrong_password(page: Page) -> None:
    page.get_by_label("Name").fill("somebody")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    page.locator(".notice.error, .errorlist, [role=alert]").first.wait_for()


def selecting(page: Page) -> None:
    page.locator("[data-pick]").first.check(force=True)
    page.locator("#bulk-bar").wait_for()


def away(page: Page) -> None:
    page.context.set_offline(True)
    page.locator("#away").wait_for()


def asking(action: str) -> Callable[[Page], object]:
    """The sheet that says what an action will do."""

    def ask(page: Page) -> None:
        for box in page.locator("[data-pick]").all()[:3]:
            box.check(force=True)
        page.get_by_label("Action").select_option(action)
        page.get_by_role("button", name="Go on").click()
        page.locator("#bulk-sheet").wait_for()

    return ask


def planned(page: Page) -> None:
    page.locator("#file").set_input_files(
        [
            {"name": "film.mp4", "mimeType": "video/mp4", "buffer": b"0" * 5000},
            {"name": "letter.docx", "mimeType": "application/msword", "buffer": b"0" * 50},
        ]
    )
    page.locator("[data-item]").first.wait_for()


def pressed(selector: str) -> Callable[[Page], object]:
    return lambda page: page.locator(selector).first.click()


def checked(page: Page) -> None:
    page.locator("#check-begin").click()
    page.locator("#check-way").wait_for()
    page.get_by_role("button", name="Check again").wait_for()


STATES = [
    State("sign-in", "/login/", who=NOBODY),
    State("sign-in-wrong", "/login/", wrong_password, who=NOBODY),
    State("library", "/"),
    State("library-table", "/?view=table"),
    State("library-filters", "/", opened(".filters")),
    State("library-chips", "/?state=stored&tag=harbour"),
    State("library-menu", "/", opened("#shelf .card-menu")),
    State("library-account", "/", opened("#account-menu")),
    State("library-keys", "/", press("?")),
    State("library-selecting", "/", selecting),
    State("library-hit", "/?q=borrowed"),
    State("library-no-match", "/?q=nothing+like+this"),
    State("library-trash", "/?in=trash"),
    State("library-offline", "/", away),
    State("library-mine-empty", "/?in=mine", who=ALICE),
    State("watch", "/watch/{Harbour at dawn}/"),
    State("watch-stranger", "/watch/{Harbour at dawn}/", who=NOBODY),
    State("watch-keys", "/watch/{Harbour at dawn}/", press("?")),
    State("watch-at-risk", "/watch/{The quarry}/"),
    State("watch-in-trash", "/watch/{Reel 12, unrestored}/"),
    State("edit", "/watch/{Harbour at dawn}/edit/"),
    State("erase", "/watch/{Reel 12, unrestored}/erase/"),
    State("watch-captions-menu", "/watch/{Harbour at dawn}/", pressed("[data-act=captions-menu]")),
    State("watch-settings-menu", "/watch/{Harbour at dawn}/", pressed("[data-act=settings-menu]")),
    State("watch-transcript", "/watch/{Harbour at dawn}/#transcript"),
    State("watch-chapters", "/watch/{Harbour at dawn}/#chapters"),
    State("watch-proof", "/watch/{Harbour at dawn}/#proofs"),
    State("watch-checked", "/watch/{Harbour at dawn}/#proofs", checked),
    State("watch-list", "/watch/{Salt}/?list={playlist}"),
    State("upload", "/upload/"),
    State("upload-plan", "/upload/", planned),
    State("import", "/import/"),
    State("playlists", "/playlists/"),
    State("playlists-others", "/playlists/", who=ALICE),
    State("playlist", "/playlists/{playlist}/"),
    State("playlist-empty", "/playlists/{bare}/"),
    State("playlist-edit", "/playlists/{playlist}/edit/"),
    State("playlist-add", "/watch/{Salt}/playlist/"),
    State("collections", "/collections/"),
    State("collection", "/collections/{collection}/"),
    State("collection-empty", "/collections/{empty}/"),
    State("collection-edit", "/collections/{collection}/edit/"),
    State("tags", "/tags/"),
    State("bulk-tag", "/", asking("tag")),
    State("bulk-trash", "/", asking("trash")),
    State("jobs", "/jobs/"),
    State("jobs-empty", "/jobs/", who=ALICE),
    State("job", "/jobs/{job}/"),
    State("account", "/account/"),
    State("funds", "/funds/"),
    State("not-found", "/nowhere/"),
    State("api-docs", "/api/v1/docs/"),
    State("api-problems", "/api/v1/problems/"),
    State("admin", "/admin/"),
    State("admin-films", "/admin/library/video/"),
    State("admin-film", "/admin/library/video/{Salt}/change/"),
    State("admin-steps", "/admin/library/step/"),
    State("admin-uploads", "/admin/library/upload/"),
    State("admin-jobs", "/admin/library/job/"),
    State("admin-streams", "/admin/library/stream/"),
    State("admin-users", "/admin/library/user/"),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    with running(tmp_path_factory.mktemp("looks") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def scene(library: Running, tmp_path_factory) -> Scene:
    return set_up(library, tmp_path_factory.mktemp("films"))


@pytest.fixture(scope="module")
def people(browser: Browser, library: Running, scene: Scene):
    """Signed in once for each theme: a context by name and theme."""
    known = {ADMIN: (USERNAME, PASSWORD), ALICE: (MEMBER, MEMBER_PASSWORD)}
    made: dict[tuple[str, str], BrowserContext] = {}

    def person(who: str, theme: str) -> BrowserContext:
        if (who, theme) not in made:
            context = browser.new_context(color_scheme=theme, reduced_motion="reduce")
            context.set_default_timeout(15_000)
            if who in known:
                _sign_in(context.new_page(), library.url, *known[who])
            made[who, theme] = context
        return made[who, theme]

    yield person
    for context in made.values():
        context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_axe_finds_nothing(people, library, scene, state, theme):
    page = people(state.who, theme).new_page()
    try:
        page.set_viewport_size({"width": WIDTHS[1], "height": 900})
        answer = page.goto(library.url + scene.address(state.address))
        assert answer is not None and answer.status < 500
        page.wait_for_load_state("networkidle")
        if state.make:
            state.make(page)
        page.evaluate(AXE.read_text())
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth")
            _keep(page, f"{state.name}-{width}-{theme}")
            assert wide <= width, f"{wide} wide at {width}"
            if faults := _faults(page):
                pytest.fail(f"at {width}:\n" + "\n".join(faults))
    finally:
        page.context.set_offline(False)
        page.close()


def _sign_in(page: Page, url: str, name: str, password: str) -> None:
    page.goto(f"{url}/login/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda now: "/login/" not in now)
    page.close()


def _faults(page: Page) -> list[str]:
    """What axe found, each with where: a sentence to read in a test's report."""
    found = page.evaluate(
        "rules => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", RULES
    )
    return [
        f"{fault['id']}: {fault['help']} at {node['target']}: {node['failureSummary']}"
        for fault in found["violations"]
        for node in fault["nodes"]
        if not (fault["id"] == "target-size" and _is_under_a_layer(page, node["target"][0]))
    ]


def _is_under_a_layer(page: Page, selector: str) -> bool:
    """What a bar or an open menu half covers, because of where the page is, is not small."""
    return page.locator(selector).first.evaluate(
        """(target, layers) => {
            const { left, right, top, bottom } = target.getBoundingClientRect();
            const edges = [[left, top], [right, top], [left, bottom], [right, bottom]];
            return edges.some(([x, y]) => {
                const above = document.elementFromPoint(
                    Math.min(Math.max(x, left + 1), right - 1),
                    Math.min(Math.max(y, top + 1), bottom - 1),
                );
                const layer = above?.closest(layers);
                return layer && !layer.contains(target);
            });
        }""",
        ".bar, .bottom, .bulk, .menu-body",
    )


def _keep(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")
