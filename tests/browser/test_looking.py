"""The pages by themselves: sizes, themes, keys, and no scripts at all."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.running import PASSWORD, USERNAME, polling

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

WIDTHS = (320, 390, 1024, 1600)
LONG_TITLE = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"


@pytest.fixture(scope="session")
def watched(library, short_film):
    """The address of a film that is there for everybody."""
    with library.client() as client:
        answer = client.post(
            "/api/v1/uploads/",
            content=short_film.read_bytes(),
            headers={
                "Upload-Length": str(short_film.stat().st_size),
                "Content-Type": "application/offset+octet-stream",
                "Upload-Metadata": "visibility cHVibGlj,filename Z3VsbHMubXA0",
            },
        )
        assert answer.status_code == 201, answer.text
        video = client.get(answer.headers["Location"]).json()["video"]
        client.patch(
            f"/api/v1/videos/{video}/",
            json={"title": LONG_TITLE, "description": "A. " * 99},
            headers={"If-Match": "*"},
        )
        for _ in polling(60):
            if client.get(f"/api/v1/videos/{video}/").json()["kind"] == "film":
                break
    return f"/watch/{video}/"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_fit_from_a_small_phone_to_a_wide_screen(visits, watched, theme):
    visit = visits(color_scheme=theme)
    page = visit.open("/login/")
    visit.sign_in(page)
    visit.expected = "404"
    pages = ["/", "/?q=nothing", "/?in=trash", "/upload/", watched, f"{watched}edit/", "/nowhere/"]
    for address in pages:
        page.goto(visit.library.url + address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{address} is {wide} wide at {width}"


def test_pages_work_under_a_strict_content_policy(visits, watched):
    visit = visits()
    page = visit.open("/login/")
    visit.sign_in(page)
    # What a page or the console complains of fails the visit in the end.
    for address in ("/", "/upload/", watched, f"{watched}edit/", "/api/v1/docs/", "/admin/"):
        answer = page.goto(visit.library.url + address)
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy and "default-src 'none'" in policy
        page.wait_for_load_state("networkidle")
    # And the policy is in force.
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'),"
        " { textContent: 'window.ran = true' }))"
    )
    assert page.evaluate("window.ran") is None
    assert [said for said in visit.complaints if "Content Security Policy" in said]
    visit.expected = "Content Security Policy"


def test_a_chosen_theme_is_there_before_anything_is_painted(visits, watched):
    visit = visits(color_scheme="light")
    page = visit.open(watched)
    page.get_by_label("Menu").click()
    page.get_by_label("Dark").check(force=True)
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    page.reload()
    assert page.evaluate(paper) == dark
    page.get_by_label("Menu").click()
    page.get_by_label("System").check(force=True)
    assert page.evaluate(paper) != dark


def test_everything_is_reached_with_the_keys(visits, watched):
    visit = visits()
    page = visit.open("/login/")
    page.keyboard.type(USERNAME)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(visit.library.url + "/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the main part")).to_be_focused()
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type(LONG_TITLE[:10])
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=*")
    title = page.get_by_role("link", name=LONG_TITLE)
    page.locator("#main").focus()
    for _ in range(20):
        page.keyboard.press("Tab")
        if title.evaluate("link => link === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{watched}")
    page.wait_for_function("() => document.querySelector('video').readyState >= 1")
    video = page.locator("video")
    page.keyboard.press("5")
    page.wait_for_function("() => document.querySelector('video').currentTime >= 0.9")
    page.keyboard.press("m")
    assert video.evaluate("v => v.muted")
    page.keyboard.press("k")
    page.wait_for_function("() => !document.querySelector('video').paused")
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('video').paused")
    page.keyboard.press("j")
    page.wait_for_function("() => document.querySelector('video').currentTime === 0")


def test_a_moment_in_the_address_is_where_the_film_begins(visits, watched):
    page = visits().open(f"{watched}?t=1")
    page.wait_for_function("() => document.querySelector('video').currentTime === 1")


def test_a_film_that_cannot_be_decoded_here_offers_the_download(visits, watched):
    visit = visits()
    visit.context.route(
        "**/media/**", lambda route: route.fulfill(body="no film", content_type="video/mp4")
    )
    page = visit.open(watched)
    expect(page.locator("#undecodable")).to_be_visible()
    expect(page.get_by_role("link", name="Download the film")).to_be_visible()
    expect(page.locator("video")).to_be_hidden()


def test_all_of_it_works_without_scripts(visits, watched, short_film):
    visit = visits(java_script_enabled=False)
    page = visit.open("/upload/")
    visit.sign_in(page)
    page.locator("#file").set_input_files(short_film)
    page.locator("#title").fill("Without a script")
    page.get_by_role("radio", name="Everybody who signs in").check()
    page.locator("form#form").get_by_role("button", name="Upload").click()
    expect(page.locator("main").get_by_role("status").first).to_contain_text(
        "“Without a script” is received"
    )
    row = page.locator("[data-row]").filter(has_text="Without a script")
    row.get_by_role("link", name="Open", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Without a script")
    page.goto(visit.library.url + watched)
    assert page.locator("video").get_attribute("src").startswith("/media/")
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Title", exact=True).fill(LONG_TITLE)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("main").get_by_role("status").first).to_contain_text("saved")
    page.get_by_label("Account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
