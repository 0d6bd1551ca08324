"""A film that everybody could watch, and then not: stored anew before its owner's eyes, erased."""

from __future__ import annotations

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.browser.sending import LONG, STORED, row_of, upload

pytestmark = [pytest.mark.slow, pytest.mark.pages, pytest.mark.xdist_group("browser")]


@pytest.mark.skipif(settings.ENCRYPT_PUBLIC, reason="there is no film that is stored open")
def test_a_film_is_made_private_stored_anew_and_erased(member, short_film):
    visit, page = member
    page.goto(visit.library.url + "/upload/")
    expect(page.locator("#form")).to_contain_text("A film for everybody is stored open")
    everybody = page.get_by_label("Everybody", exact=True)
    upload(page, short_film, choose=lambda plan: everybody.check())
    row = row_of(page, short_film.stem)
    expect(row.locator("[data-words]")).to_have_text(STORED, timeout=LONG)
    row.get_by_role("link", name="Open", exact=True).click()
    expect(page.locator("#stored-how")).to_contain_text("Open")

    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Only me").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#storage")).to_contain_text("stay readable")
    page.get_by_role("button", name="Store anew, encrypted").click()
    # By itself: nobody loads the page again.
    expect(page.locator("#stored-how")).to_contain_text("Encrypted", timeout=LONG)
    expect(page.locator("#evidence .chip")).to_have_text("Stored", timeout=LONG)
    expect(page.locator("#storage .notice")).to_have_count(0)
    page.reload()
    page.wait_for_function("() => document.querySelector('video').readyState >= 1")

    page.get_by_role("button", name="Move to trash").click()
    page.goto(visit.library.url + "/?in=trash")
    page.get_by_role("link", name="Erase for ever").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("for ever?")
    page.get_by_role("button", name="Erase for ever").click()
    expect(page.get_by_text("is erased for ever").first).to_be_visible()
