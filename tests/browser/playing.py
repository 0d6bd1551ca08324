"""A film to watch in a browser, and what is asked of the player that shows it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from playwright.sync_api import Page

from library import samples
from tests.running import Running, polling

# Run inside the library: what is said, its parts, and a list it is in.
DRESS = """
from library.catalogue import playlists
from library.models import Video
from library.watching import captions, chapters
from tests.making import keep_storyboard
film, other = (Video.objects.get(pk=pk) for pk in VIDEOS)
said = "WEBVTT\\n\\n" + "\\n\\n".join(
    f"00:{at:02d}.000 --> 00:{at + 2:02d}.000\\nLine {at}" for at in range(0, 40, 2)
)
captions.add(film, said, language="en", label="English")
en_francais = said.replace("Line", "Ligne")
captions.add(film, en_francais, language="fr", label="Français", automatic=True)
chapters.put(film, [chapters.Part(0, "Pier"), chapters.Part(20, "Harbour")])
keep_storyboard(film)
playlist = playlists.create(film.owner, "Evening", visibility="public")
playlists.add(playlist, [film.pk, other.pk], film.owner)
print("playlist", playlist.pk)
"""


class Shown(NamedTuple):
    film: str
    other: str
    playlist: str

    @property
    def address(self) -> str:
        return f"/watch/{self.film}/"

    @property
    def in_list(self) -> str:
        return f"{self.address}?list={self.playlist}"


def show(library: Running, folder: Path) -> Shown:
    """A film of 40 s with captions, chapters and a storyboard, first in a list of two."""
    ids = []
    with library.client() as client:
        for name, seconds in (("crossing", 40), ("gulls", 3)):
            path = folder / f"{name}.mp4"
            samples.write_film(path, seconds=seconds, width=320, height=180, scene="seconds")
            ids.append(_brought(client, path))
    done = library.manage("shell", "-c", DRESS.replace("VIDEOS", repr(ids)))
    found = re.search(r"^playlist (\w+)$", done.stdout, re.MULTILINE)
    assert found, done.stdout + done.stderr
    return Shown(*ids, found[1])


def _brought(client: httpx.Client, path: Path) -> str:
    answer = client.post(
        "/api/v1/uploads/",
        content=path.read_bytes(),
        headers={
            "Upload-Length": str(path.stat().st_size),
            "Content-Type": "application/offset+octet-stream",
            "Upload-Metadata": "visibility cHVibGlj,filename Z3VsbHMubXA0",
        },
    )
    assert answer.status_code == 201, answer.text
    video = client.get(answer.headers["Location"]).json()["video"]
    for _ in polling(60):
        if client.get(f"/api/v1/videos/{video}/").json()["kind"] == "film":
            break
    return video


def video(page: Page, property: str) -> Any:
    return page.locator("video").evaluate(f"video => video.{property}")


def until(page: Page, condition: str) -> None:
    """Wait until it is true of the `video`. A function, for our pages' policy allows no eval."""
    page.wait_for_function(
        f"() => {{ const video = document.querySelector('video'); return {condition} }}"
    )


def opened(visit, address: str) -> Page:
    page = visit.open(address)
    until(page, "video.readyState >= 2")
    return page


def go_to(page: Page, seconds: float) -> None:
    page.locator("video").evaluate("(video, at) => { video.currentTime = at }", seconds)
    until(page, f"!video.seeking && Math.abs(video.currentTime - {seconds}) < 0.5")


def bar(page: Page, share: float) -> tuple[float, float]:
    """A point on the seek bar."""
    box = page.get_by_role("slider", name="Position").bounding_box()
    assert box
    return box["x"] + box["width"] * share, box["y"] + box["height"] / 2
