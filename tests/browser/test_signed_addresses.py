"""What the player plays from is over, and the film goes on from a new address."""

from __future__ import annotations

import pytest

from tests.browser.playing import go_to, until, video
from tests.running import polling

pytestmark = [pytest.mark.slow, pytest.mark.pages, pytest.mark.xdist_group("browser")]

BEFORE, AFTER = "the long password of bea", "another long password of hers"
MAKE = f"""
from library.models import User
bea, _ = User.objects.get_or_create(username="bea")
bea.set_password("{BEFORE}")
bea.save()
"""


def test_a_film_goes_on_where_it_was_when_its_address_has_ended(visits, library, shown):
    library.manage("shell", "--no-imports", "-c", MAKE)
    visit = visits()
    visit.expected = "403"
    page = visit.open(f"/login/?next={shown.address}")
    page.get_by_label("Name").fill("bea")
    page.get_by_label("Password").fill(BEFORE)
    page.get_by_role("button", name="Sign in").click()
    until(page, "video && video.readyState >= 2")
    page.locator("video").evaluate("video => { video.muted = true }")
    page.keyboard.press("k")
    until(page, "!video.paused")
    go_to(page, 17)
    until(page, "video.currentTime > 17.1")
    first = video(page, "src")
    assert "/media/" in first

    # In another tab; this one stays signed in, and all addresses given until now end.
    account = visit.open("/account/")
    account.locator("input[name=old]").fill(BEFORE)
    for field in account.locator("#password input[type=password]:not([name=old])").all():
        field.fill(AFTER)
    with account.expect_navigation():
        account.get_by_role("button", name="Change password").click()
    account.close()
    page.bring_to_front()
    for _ in polling(10, 0.2):
        if page.request.get(first, headers={"Range": "bytes=0-0"}).status == 403:
            break

    # Whoever listens in keeps the browser from playing what it has kept.
    page.route("**/media/**", lambda route: route.continue_())
    page.locator("video").evaluate("video => video.load()")
    until(page, "!video.paused && video.readyState >= 2 && video.currentTime > 17")
    assert video(page, "src") != first
