"""
How soon a film shows its first picture, and the picture of a moment that is jumped to, in a
real browser over a normal link (20 Mbit/s, 40 ms there and back); beside it a bare `<video>`
of the same file from nginx, over the same link.

The server has read the film before, as it has for anybody but the first. Exits with 1 when a
figure is missed.
"""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import figures
from benchmarks.peers import nginx
from benchmarks.uploading import Ours
from library import samples
from tests import machine
from tests.browser.conftest import ARGUMENTS
from tests.running import ROOT, Running, polling, running

SECONDS, ROUNDS, SEEKS = 120, 5, 12
LINK = {
    "offline": False,
    "latency": 40,
    "downloadThroughput": 20e6 / 8,
    "uploadThroughput": 20e6 / 8,
}
# Play is pressed as soon as there is a button for it.
PRESS = """
document.addEventListener("DOMContentLoaded", () => {
  const video = document.querySelector("video");
  video.muted = true;
  video.requestVideoFrameCallback((now) => (window.firstPicture = now));
  video.play();
});
"""
# From the wish to the picture of that moment on the screen.
SEEK = """
(to) => new Promise((seen) => {
  const video = document.querySelector("video");
  const from = performance.now();
  const look = (now, { mediaTime }) => {
    if (Math.abs(mediaTime - to) < 0.2) seen(now - from);
    else video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  video.currentTime = to;
})
"""


def visit(browser: Browser, address: str, measure: Callable[[Page], object]) -> None:
    """In a browser that has nothing of the page yet."""
    context = browser.new_context()
    page = context.new_page()
    link = context.new_cdp_session(page)
    link.send("Network.enable")
    link.send("Network.emulateNetworkConditions", LINK)
    page.add_init_script(PRESS)
    page.goto(address)
    measure(page)
    context.close()


def first_picture(page: Page) -> float:
    page.wait_for_function("() => window.firstPicture")
    return float(page.evaluate("window.firstPicture"))


def seeks(page: Page, moments: list[float]) -> list[float]:
    page.wait_for_function("() => window.firstPicture")
    page.evaluate("document.querySelector('video').pause()")
    return [float(page.evaluate(SEEK, moment)) for moment in moments]


def compare(browser: Browser, addresses: dict[str, str]) -> tuple[dict[str, float], ...]:
    firsts: dict[str, list[float]] = {name: [] for name in addresses}
    jumps: dict[str, list[float]] = {name: [] for name in addresses}
    dice = random.Random(5)
    for counted in [False] + [True] * ROUNDS:
        moments = [dice.uniform(5, SECONDS - 5) for _ in range(SEEKS)]
        for name, address in addresses.items():
            took: list[float] = []
            visit(browser, address, lambda page, took=took: took.append(first_picture(page)))
            visit(
                browser,
                address,
                lambda page, took=took, moments=moments: took.extend(seeks(page, moments)),
            )
            if counted:
                firsts[name].append(took[0])
                jumps[name] += took[1:]
    return (
        {name: median(times) for name, times in firsts.items()},
        {name: median(times) for name, times in jumps.items()},
    )


def main() -> int:
    folder = ROOT / "build" / "bench-watching"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        film = folder / "film.mp4"
        samples.write_film(film, seconds=SECONDS, width=1280, height=720)
        (folder / "bare.html").write_text("<!doctype html><video src='/film.mp4'></video>")
        with (
            running(folder / "data") as server,
            nginx(folder / "nginx", folder) as port,
            sync_playwright() as playwright,
        ):
            video = _bring(server, film)
            browser = playwright.chromium.launch(
                executable_path=machine.chromium(),
                args=[*ARGUMENTS, "--autoplay-policy=no-user-gesture-required"],
            )
            first, jump = compare(
                browser,
                {
                    "ours": f"{server.url}/watch/{video}/",
                    "nginx": f"http://127.0.0.1:{port}/bare.html",
                },
            )
            browser.close()
        return 0 if _told(first, jump) else 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _bring(server: Running, film: Path) -> str:
    """Its id, once it can be watched and was read to its end."""
    with server.client() as client:
        place = Ours(server).upload(film)
        video = str(client.get(place).json()["video"])
        for _ in polling(120):
            if client.get(f"/api/v1/videos/{video}/").json()["state"] == "stored":
                break
        client.get(f"/stream/{video}/").raise_for_status()
    return video


def _told(first: dict[str, float], jump: dict[str, float]) -> bool:
    beside = [
        figures.Figure(
            f"{what} in a second",
            1000 / times["ours"],
            1000 / times["nginx"],
            peer_name="a bare <video> from nginx",
            unit="",
        )
        for what, times in (("first pictures", first), ("jumps", jump))
    ]
    figures.table(beside, "watching")
    return figures.limits(
        [
            figures.Most("from the address to the first picture", first["ours"], 1000, "ms"),
            figures.Most("from a jump to its picture", jump["ours"], 500, "ms"),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
