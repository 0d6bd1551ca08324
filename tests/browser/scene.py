"""
A library in which everything that a page can show is there to be looked at.

The films arrive as they really do; what would take days or an accident (a film at risk, a
step that was given up, half a film watched) is written into the database of the library.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path

import httpx

from library import samples
from tests.running import Running, polling

MEMBER, MEMBER_PASSWORD = "alice", "alice's long password"
TITLES = (
    "Harbour at dawn",
    "Interview with the lighthouse keeper of Malmö, second take, unabridged",
    "Salt",
    "Night train",
    "The quarry",
    "Reel 12, unrestored",
)
CAPTIONS = """WEBVTT

00:00:00.500 --> 00:00:02.000
The gulls were here before the harbour.

00:00:02.000 --> 00:00:03.500
We only borrowed the quay.
"""
_CHANGES = """
import io
import json
from django.utils import timezone
from library.catalogue import collections, playlists
from library.models import Collection, Step, Upload, User, Video, Viewing
from library.uploads import receiving
admin = User.objects.get(username="admin")
member = User.objects.create_user("alice", password="alice's long password")
films = {video.title: video for video in Video.objects.all()}
now = timezone.now()
Viewing.objects.create(user=admin, video=films["Night train"], position=2.5, at=now, device="Phone")
quarry = films["The quarry"]
Video.objects.filter(pk=quarry.pk).update(
    state="at_risk", state_reason="One of two copies did not answer for 3 h.", state_at=now)
reel = films["Reel 12, unrestored"]
Video.objects.filter(pk=reel.pk).update(trashed_at=now)
Step.objects.filter(video=films["Salt"], kind="poster").update(
    state="failed", attempts=5, error="No picture could be read from this film.")
half = receiving.begin(admin, length=10_000_000, title="Half a film", filename="half.mp4")
receiving.receive(half, io.BytesIO(b"0" * 1_000_000), offset=0)
listed = playlists.create(admin, "Opening night")
playlists.add(listed, [films[t].pk for t in ("Harbour at dawn", "Salt", "Night train")], admin)
bare = playlists.create(admin, "Not filled yet")
theirs = playlists.create(member, "What Alice likes", visibility="members")
festival = Collection.objects.get(name="Summer festival")
empty = collections.create(admin, "An empty one")
print(json.dumps({
    "playlist": listed.pk, "bare": bare.pk, "collection": festival.pk, "empty": empty.pk}))
"""


@dataclass(frozen=True)
class Scene:
    """Ids by name: a film's title, or `playlist`, `collection`, `job` and the like."""

    ids: dict[str, str]

    def address(self, written: str) -> str:
        """`/watch/{Salt}/` with the film's id."""
        for name, known in self.ids.items():
            written = written.replace(f"{{{name}}}", known)
        return written


def set_up(library: Running, folder: Path) -> Scene:
    films = {}
    with library.client() as client:
        for number, title in enumerate(TITLES):
            films[title] = bring(client, title, _film(folder, number))
        for video in films.values():
            _wait(client, video)
        first = films[TITLES[0]]
        _say(client, first)
    done = library.manage("shell", "-c", _CHANGES)
    assert done.returncode == 0, done.stderr
    ids = films | json.loads(done.stdout.splitlines()[-1])
    with library.client() as client:
        ids["job"] = _job(client, [films["Salt"], films["Night train"]])
    return Scene(ids)


def _film(folder: Path, number: int) -> Path:
    path = folder / f"film-{number}.mp4"
    scene = ("fractal", "colours", "seconds")[number % 3]
    samples.write_film(path, seconds=4, width=480, height=270, scene=scene)
    return path


def bring(client: httpx.Client, title: str, path: Path) -> str:
    def written(text: str) -> str:
        return base64.b64encode(text.encode()).decode()

    about = {"title": title, "filename": path.name, "visibility": "public"}
    answer = client.post(
        "/api/v1/uploads/",
        content=path.read_bytes(),
        headers={
            "Upload-Length": str(path.stat().st_size),
            "Content-Type": "application/offset+octet-stream",
            "Upload-Metadata": ",".join(f"{k} {written(v)}" for k, v in about.items()),
        },
    )
    assert answer.status_code == 201, answer.text
    return client.get(answer.headers["Location"]).json()["video"]


def _wait(client: httpx.Client, video: str) -> None:
    """Until it is stored, and has its poster."""
    for _ in polling(120):
        film = client.get(f"/api/v1/videos/{video}/").json()
        if film["state"] == "stored" and (film["poster_url"] or film["kind"] == "file"):
            return
    raise AssertionError(f"not stored: {film}")


def _job(client: httpx.Client, videos: list[str]) -> str:
    """One that is done, and can be taken back."""
    answer = client.post(
        "/api/v1/videos/bulk/", json={"action": "tag", "ids": videos, "tags": ["night"]}
    )
    assert answer.status_code == 202, answer.text
    place = answer.headers["Location"]
    for _ in polling(60):
        if client.get(place).json()["state"] == "done":
            break
    return str(client.get(place).json()["id"])


def _say(client: httpx.Client, video: str) -> None:
    answer = client.patch(
        f"/api/v1/videos/{video}/",
        json={
            "description": "Half an hour before the boats leave.\n\nFilmed from the pier.",
            "tags": ["harbour", "gulls"],
            "collection": "Summer festival",
            "language": "en",
        },
        headers={"If-Match": "*"},
    )
    assert answer.status_code == 200, answer.text
    answer = client.post(
        f"/api/v1/videos/{video}/captions/",
        files={"file": ("harbour.vtt", CAPTIONS, "text/vtt")},
        data={"language": "en", "kind": "captions"},
    )
    assert answer.status_code == 201, answer.text
    answer = client.put(
        f"/api/v1/videos/{video}/chapters/",
        json={"items": [{"start": 0, "title": "Gulls"}, {"start": 2, "title": "The quay"}]},
        headers={"If-Match": "*"},
    )
    assert answer.status_code == 200, answer.text
