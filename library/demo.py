"""An account and three short films, so that the first page is never empty."""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from library import films, samples
from library.models import User, Video, Visibility
from library.uploads import receiving

USERNAME = "demo"
_SHARED, _OWN = Visibility.MEMBERS, Visibility.PRIVATE


class Film(NamedTuple):
    title: str
    description: str
    scene: str
    seconds: float
    size: tuple[int, int]
    visibility: Visibility


FILMS = (
    Film("Into the deep", "A slow dive, twenty seconds.", "fractal", 20, (1280, 720), _SHARED),
    Film("The long crossing", "A minute, to jump about in.", "colours", 60, (960, 540), _SHARED),
    Film("Notes to myself", "Only its owner sees it.", "seconds", 10, (720, 720), _OWN),
)


def account() -> tuple[User, str | None]:
    """The demo account, and its password if it was made just now."""
    user = User.objects.filter(username=USERNAME).first()
    if user is not None:
        return user, None
    password = secrets.token_urlsafe(9)
    return User.objects.create_user(USERNAME, password=password), password


def missing_films(owner: User) -> list[Film]:
    """Those of the three that are not there; each call may be the second one."""
    titles = set(Video.objects.filter(owner=owner).values_list("title", flat=True))
    return [film for film in FILMS if film.title not in titles]


def add(owner: User, film: Film, progress: samples.Progress | None = None) -> Video:
    """Make a film and receive it as any other."""
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        path = Path(folder) / f"{film.title.lower().replace(' ', '-')}.mp4"
        width, height = film.size
        samples.write_film(
            path,
            seconds=film.seconds,
            width=width,
            height=height,
            scene=film.scene,
            progress=progress,
        )
        upload = receiving.begin(
            owner,
            length=path.stat().st_size,
            title=film.title,
            filename=path.name,
            visibility=film.visibility,
        )
        with path.open("rb") as file:
            receiving.receive(upload, file, offset=0)
    video = upload.video
    assert video is not None  # all of its bytes are there
    films.change(video, description=film.description)
    return video
