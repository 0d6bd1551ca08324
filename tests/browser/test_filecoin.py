"""
A film on a network, as a person sees it: the account is funded, the session key allowed, a
film of several pieces sent, watched become Stored, Committed and Proven; then a provider is
killed, the film is at risk, and mended; and the certificate is right.
"""

from __future__ import annotations

import subprocess
import sys

import pytest
from playwright.sync_api import expect

from library import samples
from tests.browser.conftest import Visit
from tests.foc.provider.network import running_network
from tests.making import SMALL_PIECES
from tests.running import ROOT, running

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
LONG = 120_000


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    with running_network(
        tmp_path_factory.mktemp("network"),
        providers=3,
        endorsed=2,
        block_time=0.2,
        proving_period=120,
        challenge_window=40,
        park_delay=0.2,
    ) as network:
        yield network


@pytest.fixture(scope="module")
def settled(tmp_path_factory, network):
    """A library set to the network; it has neither money nor a session key."""
    environment = dict(network.environment)
    del environment["FILECOIN_SESSION_KEY"]
    with running(
        tmp_path_factory.mktemp("filecoin") / "data",
        PIECE_SIZE=str(SMALL_PIECES),
        PATROL_SECONDS="1",
        COMMIT_GATHER_SECONDS="1",
        **environment,
    ) as library:
        yield library


@pytest.fixture(scope="module")
def three_pieces(tmp_path_factory):
    """A film of 2 to 3 MB, so of three pieces."""
    path = tmp_path_factory.mktemp("films") / "alps.mp4"
    for seconds in range(4, 20, 2):
        samples.write_film(path, seconds=seconds, width=640, height=360)
        if path.stat().st_size > 2 * SMALL_PIECES:
            break
    assert 2 * SMALL_PIECES < path.stat().st_size <= 3 * SMALL_PIECES
    return path


def test_a_film_goes_to_filecoin_and_survives_a_provider(
    settled, network, browser, three_pieces, tmp_path
):
    context = browser.new_context(accept_downloads=True)
    context.set_default_timeout(15_000)
    visit = Visit(settled, context)
    page = visit.open("/login/")
    visit.sign_in(page)

    # Before anything is there, it says what is missing, and the film is received all the same.
    page.goto(settled.url + "/funds/")
    expect(page.get_by_role("main")).to_contain_text("The server has no session key")
    page.goto(settled.url + "/upload/")
    page.locator("#file").set_input_files(three_pieces)
    # What it costs, before a byte of it is sent.
    plan = page.locator("#plan")
    expect(plan).to_contain_text("alps.mp4")
    expect(page.locator("[data-row]")).to_have_count(0)
    plan.get_by_role("button", name="Upload this film").click()
    row = page.locator("[data-row]").first
    expect(row.locator("[data-words]")).to_contain_text("no session key yet", timeout=LONG)

    # The owner funds the account and allows the server's key.
    key = tmp_path / "owner.key"
    key.write_text(network.owner_key)
    network.chain.mint(network.owner, 10**20)
    for command in (
        ["session-key", "new"],
        ["fund", "10", "--owner-key-file", str(key), "--yes"],
        ["session-key", "authorise", "--owner-key-file", str(key), "--yes"],
    ):
        done = settled.manage("filecoin", *command)
        assert done.returncode == 0, done.stdout + done.stderr
        assert network.owner_key[2:] not in done.stdout + done.stderr
    page.goto(settled.url + "/upload/")
    row = page.locator("[data-row]").first
    row.get_by_role("link", name="Open", exact=True).click()
    chip = page.locator("#evidence .chip")
    expect(chip).to_have_text("Proven", timeout=LONG)
    expect(page.locator("#proof .holder")).to_have_count(2)
    expect(page.locator("#proof")).to_contain_text("The data set was last proven")
    page.wait_for_function("() => document.querySelector('video').readyState >= 1")
    page.get_by_role("tab", name="Proof").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Certificate").click()
    certificate = tmp_path / "certificate.json"
    download.value.save_as(certificate)
    check(certificate, three_pieces)

    page.goto(settled.url + "/funds/")
    for words in ("Act within", "It may not", "withdraw the deposit", "Data set made", "Deposit"):
        expect(page.get_by_role("main")).to_contain_text(words)
    page.go_back()

    # One provider is gone.
    holders = page.locator("#proof .holder h3").all_inner_texts()
    name = holders[-1].split(" ")[0]
    gone = next(one for one in network.providers if one.name == name)
    gone.kill()
    expect(chip).to_have_text("At risk", timeout=LONG)
    expect(page.locator("#evidence")).to_contain_text("1 of 2 copies are committed")
    expect(chip).to_have_text("Proven", timeout=LONG)
    expect(page.locator("#proof .holder")).to_have_count(3)
    page.reload()
    page.wait_for_function("() => document.querySelector('video').readyState >= 1")
    visit.expected = r"status of 401|WebSocket|ERR_CONNECTION_REFUSED|Failed to fetch"
    visit.close()


def check(certificate, film):
    script = ROOT / "docs" / "check_certificate.py"
    command = [sys.executable, "-I", str(script), str(certificate)]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "All of it is right." in told.stdout
