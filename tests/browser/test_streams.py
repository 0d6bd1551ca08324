"""Who watches, as an administrator's page hears it over the websocket."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from library.templatetags import words
from tests.browser.test_admin import desk, library, received  # noqa: F401

pytestmark = [pytest.mark.slow, pytest.mark.pages, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("address", ["/admin/library/stream/", "/admin/"])
def test_what_is_sent_is_told_as_it_goes_on(library, desk, short_film, address):  # noqa: F811
    video = received(library, short_film, "Harbour")
    size = short_film.stat().st_size
    visit, page = desk

    def watch():
        with library.client() as client:
            assert client.get(f"/stream/{video}/").status_code == 200

    watch()
    page.goto(library.url + "/admin/library/stream/")
    expect(page.get_by_role("link", name="Harbour").first).to_be_visible(timeout=30_000)
    page.goto(library.url + address)
    sent = page.locator('[data-stream][data-figure="sent"]').first
    expect(sent).to_have_text(words.size(size))
    # The page is not had again, though it asks: what comes now comes over the socket.
    visit.expected = "ERR_FAILED"
    page.route("**/admin/**", lambda route: route.abort())
    watch()
    expect(sent).to_have_text(words.size(2 * size), timeout=20_000)
