"""
Who gets what at which address: one table for the whole site.

A route without a row fails, and so does a method of an API view, and a route about a film
that does not say what becomes of films of every kind.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.urls import get_resolver, reverse

from filmedia.filecoin.piece import piece_cid
from library import films, media_addresses, setup
from library.catalogue import collections, playlists
from library.importing import asking
from library.jobs import actions, beginning, selection, working
from library.models import DeviceToken, Rendition, User, Video, Visibility
from library.uploads import receiving
from tests.making import keep_caption, keep_poster, keep_storyboard, stored_video
from tests.permission_table import FILMS, ROWS, VIEWERS, Row

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
LOGIN = "/login/"
# The name of ten bytes that nobody has.
CID = str(piece_cid(b"9876543210"))
TUS_BYTES = "application/offset+octet-stream"


@pytest.fixture
def people(django_user_model, alice, mallory):
    staff = django_user_model.objects.create_user("sam", is_staff=True)
    return {"owner": alice, "member": mallory, "nobody": None, "staff": staff}


def film(owner: User, kind: str, *, stored_open: bool = False) -> Video:
    shared = kind if kind in Visibility.values else Visibility.PUBLIC
    video = stored_video(owner, visibility=shared, stored_open=stored_open)
    keep_poster(video, b"\xff\xd8 a picture")
    keep_storyboard(video, b"\xff\xd8 a sheet")
    if kind == "trashed":
        films.trash(video)
    return video


def _rendered(owner: User, kind: str) -> Video:
    """A film with a rendition, whatever bytes it has."""
    video = film(owner, "public" if kind == "trashed" else kind)
    Video.objects.filter(pk=video.pk).update(width=640, height=360)
    made = stored_video(owner, rendition_of=video, width=426, height=240)
    index = {"head": 1, "codecs": ["avc1.640015"], "fragments": [[1, 9, 4.0]]}
    Rendition.objects.create(original=video, quality=240, film=made, index=index)
    if kind == "trashed":
        films.trash(video)
    return video


def _upload(owner: User) -> str:
    upload = receiving.begin(owner, length=10)
    receiving.receive(upload, io.BytesIO(b"01234"), offset=0)
    return upload.pk


def _import(owner: User) -> str:
    return asking.ask(owner, [CID], ["https://provider.example.org"]).pk


def _token(owner: User) -> str:
    return DeviceToken.objects.create(user=owner, device="phone")[0].public_id


def _problem(owner: User) -> str:
    return "not-found"


def _playlist(owner: User) -> str:
    return playlists.create(owner, "Evening").pk


def _collection(owner: User) -> str:
    return collections.create(owner, "Summer").pk


def _job(owner: User, name: str) -> str:
    """One that what the route does can be done to."""
    shown = name.rpartition("-")[2]
    action = "manifest" if shown in {"json", "csv", "manifest"} else "language"
    chosen = selection.of([film(owner, "private").pk])
    job = beginning.begin(actions.named(action), chosen, {"language": "fr"}, owner)
    if shown not in {"job", "cancel"}:
        assert working.take_one("a test")
    return job.pk


# What an address is about where it is no film: made for the owner, and its id.
THINGS: dict[str, Callable[[User], str]] = {
    "upload": _upload,
    "import": _import,
    "token": _token,
    "playlist": _playlist,
    "collection": _collection,
    "problem": _problem,
}
# Places of films in a playlist.
# Addresses that are about renditions, and whether they name one.
QUALITIES = {"hls": False, "hls-media": True, "video-renditions": False, "rendition": True}
PLACES = {"playlist-item", "playlist-put-back", "playlist-take-out"}


def _place(row: Row, owner: User) -> str:
    """Of a film in the owner's playlist."""
    playlist = playlists.create(owner, "Evening")
    video = "vid_nowhere"
    if row.film != "nowhere":
        video = film(owner, "public" if row.film == "trashed" else row.film).pk
        playlists.add(playlist, [video], owner)
    if row.film == "trashed":
        films.trash(Video.objects.get(pk=video))
    position = [1] if row.route.endswith("put-back") else []
    return reverse(row.route, args=[playlist.pk, video, *position])


def _signed(name: str, row: Row, owner: User) -> str:
    """One that the owner was given: it is good for whoever has it."""
    if row.film == "nowhere":
        lasting = timedelta(hours=1)
        nobodys = media_addresses.pull_address(CID, lifetime=lasting)
        return nobodys if name == "pull" else reverse(row.route, args=["nothing"])
    video = film(owner, row.film)
    if name == "pull":
        cid = video.pieces.get().piece_cid
        return media_addresses.pull_address(cid, lifetime=timedelta(hours=1))
    bearer = media_addresses.Bearer(media_addresses.Kind.DEVICE, owner)
    return media_addresses.address_of(video, bearer).url


def address(row: Row, owner: User) -> str:
    """The address a row is about, with the thing that is there."""
    name = row.route.partition(":")[2]
    gone = row.film == "nowhere"
    if row.route.endswith("nowhere"):
        return "/api/v1/nothing/like/this/" if name else "/api/nothing/"
    if row.film == "-":
        return reverse(row.route)
    if name == "setup":
        link = setup.link().rstrip("/").rpartition("/")[2]
        return reverse(row.route, args=["wrong" if gone else link])
    if name in {"media", "pull"}:
        return _signed(name, row, owner)
    if name == "piece":
        cid = "bafkzcibnowhere" if gone else film(owner, row.film).pieces.get().piece_cid
        return reverse(row.route, args=[cid])
    if name in PLACES:
        return _place(row, owner)
    if name.partition("-")[0] == "job":
        return reverse(row.route, args=["job_nowhere" if gone else _job(owner, name)])
    if name == "playlist-restore" and not gone:
        deleted = playlists.create(owner, "Evening")
        playlists.delete(deleted)
        return reverse(row.route, args=[deleted.pk])
    if name == "watch-import":
        return reverse(row.route, args=["imp_nowhere" if gone else THINGS["import"](owner)])
    if (thing := name.partition("-")[0]) in THINGS:
        return reverse(row.route, args=["xyz_nowhere" if gone else THINGS[thing](owner)])
    if name == "caption":
        caption = "cap_nowhere" if gone else keep_caption(film(owner, row.film)).pk
        return reverse(row.route, args=[caption])
    if name in QUALITIES:
        video = "vid_nowhere" if gone else _rendered(owner, row.film).pk
        return reverse(row.route, args=[video, *(["240p"] if QUALITIES[name] else [])])
    if gone:
        return reverse(row.route, args=["vid_nowhere"])
    # Only a film that is stored open can be stored anew.
    stored_open = name in {"encrypt", "video-encrypt"}
    return reverse(row.route, args=[film(owner, row.film, stored_open=stored_open).pk])


def sent(row: Row) -> dict:
    """What a request says that is right in all but, perhaps, who makes it."""
    tus = {"Tus-Resumable": "1.0.0"}
    match row.method, row.route:
        case _, "streaming:metrics":
            # This machine itself may read them.
            return {"headers": {"X-Forwarded-For": "203.0.113.7"}}
        case "POST", "library:setup":
            return {"data": {"username": "first", "password": "a password of some length"}}
        case "POST", "library:edit":
            return {"data": {"title": "Pier", "visibility": "private"}}
        case "POST", "library:account":
            return {"data": {"part": "sign-out", "token": "tok_nowhere"}}
        case "POST", "library:upload":
            return {"data": {"file": io.BytesIO(b"0123456789"), "visibility": "private"}}
        case "POST", "api:uploads":
            headers = tus | {"Upload-Length": "10"}
            return {"data": b"", "content_type": TUS_BYTES, "headers": headers}
        case "PATCH", "api:upload":
            headers = tus | {"Upload-Offset": "5"}
            return {"data": b"56789", "content_type": TUS_BYTES, "headers": headers}
        case _, "api:upload":
            return {"headers": tus}
        case "POST", "api:tokens":
            words = {"username": "alice", "password": "alice's long password", "device": "phone"}
            return {"data": words, "content_type": "application/json"}
        case "POST", "library:import":
            return {"data": {"cids": CID, "sources": "https://provider.example.org"}}
        case "POST", "api:imports":
            words = {"cids": [CID], "sources": ["https://provider.example.org"]}
            return {"data": words, "content_type": "application/json"}
        case "POST", "api:quotes":
            return {"data": {"sizes": [10]}, "content_type": "application/json"}
        case "POST", "api:uploads-order":
            return {"data": {"ids": []}, "content_type": "application/json"}
        case "POST", "api:uploads-check":
            return {"data": {"files": []}, "content_type": "application/json"}
        case "PATCH", "api:upload-about":
            return {"data": {"title": "Pier"}, "content_type": "application/json"}
        case "POST", "api:video-progress":
            return {"data": {"position": 3}, "content_type": "application/json"}
        case "POST", "api:video-captions":
            words = {"language": "fr", "text": "WEBVTT\n\n00:01.000 --> 00:02.000\nAllô\n"}
            return {"data": words, "content_type": "application/json"}
        case "PUT", "api:video-chapters":
            part = {"start": 0, "title": "Harbour"}
            return {"data": {"items": [part]}, "content_type": "application/json"}
        case "POST", "api:video-renditions":
            return {"data": {"qualities": ["240p"]}, "content_type": "application/json"}
        case "PUT", "api:video-poster":
            return {"data": {"poster_at": 1}, "content_type": "application/json"}
        case "PATCH", "api:caption":
            return {"data": {"label": "Pier"}, "content_type": "application/json"}
        case "POST", "api:progress":
            return {"data": [], "content_type": "application/json"}
        case "POST", "library:playlists" | "library:add-to-playlist":
            return {"data": {"title": "Evening"}}
        case "POST", "library:playlist-edit":
            return {"data": {"title": "Noon", "visibility": "private"}}
        case "POST", "library:collections" | "library:collection-edit":
            return {"data": {"name": "Winter"}}
        case "POST", "library:tags":
            return {"data": {"tag": "nothing has it", "name": "sea"}}
        case "POST", "api:tags-rename":
            words = {"tag": "nothing has it", "name": "sea"}
            return {"data": words, "content_type": "application/json"}
        case "POST", "api:collections":
            return {"data": {"name": "Winter"}, "content_type": "application/json"}
        case "POST", "api:playlists":
            return {"data": {"title": "Noon"}, "content_type": "application/json"}
        case "PATCH" | "DELETE", "api:collection" | "api:playlist":
            headers = {"If-Match": "*"}
            return {"data": {}, "content_type": "application/json", "headers": headers}
        case _, "api:playlist-items" | "api:playlist-order":
            return {"data": {"videos": []}, "content_type": "application/json"}
        case "PATCH", "api:playlist-item":
            return {"data": {"position": 1}, "content_type": "application/json"}
        case "POST", "api:videos-bulk":
            words = {"action": "trash", "query": "", "dry_run": True}
            return {"data": words, "content_type": "application/json"}
        case "PATCH", "api:video":
            change = {"data": {"title": "Pier"}, "content_type": "application/json"}
            return change | {"headers": {"If-Match": "*"}}
        case "DELETE", "api:video":
            return {"headers": {"If-Match": "*"}}
        case "PATCH", "api:me":
            return {"data": {"name": "Ann"}, "content_type": "application/json"}
    return {}


def told(answer) -> str:
    """An answer as the table writes it."""
    if answer.status_code == 302 and answer["Location"].split("?")[0] == LOGIN:
        return "login"
    return str(answer.status_code)


async def read(answer) -> bytes:
    return b"".join([part async for part in answer])


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row[:3]))
def test_the_table_holds(client, people, row, viewer):
    url = address(row, people["owner"])
    if people[viewer] is not None:
        client.force_login(people[viewer], BACKEND)
    answer = getattr(client, row.method.lower())(url, **sent(row))
    if answer.streaming and answer.is_async:
        async_to_sync(read)(answer)
    assert told(answer) == row.expected[viewer], answer


def test_what_may_not_be_seen_is_told_like_what_is_not_there():
    rows = {(row.method, row.route, row.film): row.expected for row in ROWS}
    for (method, route, _), expected in rows.items():
        nowhere = rows.get((method, route, "nowhere"))
        for viewer in VIEWERS if nowhere else ():
            hidden = expected[viewer] in {"401", "404", "login"}
            assert not hidden or expected[viewer] == nowhere[viewer], (method, route, viewer)


# --- nothing escapes


def routes(resolver=None, namespace=""):
    """Every route of the site: its name, and its pattern."""
    for entry in (resolver or get_resolver()).url_patterns:
        if hasattr(entry, "url_patterns"):
            inner = ":".join(filter(None, (namespace, entry.namespace)))
            yield from routes(entry, inner)
        else:
            yield f"{namespace}:{entry.name}".lstrip(":"), entry


SITE = {name: entry for name, entry in routes() if not name.startswith("admin:")}
ADMIN = [(name, entry) for name, entry in routes() if name.startswith("admin:")]


def test_every_route_has_a_row_and_every_row_a_route():
    assert len(SITE) > 20
    assert {row.route for row in ROWS} == set(SITE)


def test_every_route_has_a_name_of_its_own():
    names = [name for name, _ in routes() if not name.startswith("admin:")]
    assert len(names) == len(set(names))
    assert not [name for name in names if name.endswith("None")]


def test_every_method_of_an_api_view_has_a_row():
    rows = {(row.route, row.method) for row in ROWS}
    for name, entry in SITE.items():
        view = getattr(entry.callback, "cls", None)
        for method in ("get", "post", "put", "patch", "delete"):
            if view is not None and hasattr(view, method):
                assert (name, method.upper()) in rows, f"{method.upper()} {name}"


def test_every_route_about_a_film_says_it_for_films_of_every_kind():
    for name, entry in SITE.items():
        if {"video_id", "piece_cid"} & set(entry.pattern.converters):
            said = [row for row in ROWS if row.route == name and row.method != "HEAD"]
            for method in {row.method for row in said}:
                kinds = {row.film for row in said if row.method == method}
                assert kinds == set(FILMS), (method, name)


# --- the administration, by one rule

# Where one signs in, and where one is shown out.
OPEN = {"admin:login", "admin:logout"}


def admin_addresses() -> list[str]:
    named = {name: entry for name, entry in ADMIN if name not in OPEN and entry.name}
    assert len(named) > 40
    return [
        reverse(name, kwargs=dict.fromkeys(entry.pattern.regex.groupindex, "1"))
        for name, entry in named.items()
        if name != "admin:app_list"
    ] + ["/admin/library/", "/admin/library/video/vid_nowhere/", "/admin/nothing/like/this/"]


@pytest.mark.parametrize("viewer", ["owner", "member", "nobody"])
def test_the_administration_shows_itself_to_nobody_but_staff(client, people, viewer):
    film(people["owner"], "public")
    if people[viewer] is not None:
        client.force_login(people[viewer], BACKEND)
    for url in admin_addresses():
        for answer in (client.get(url), client.post(url)):
            assert answer.status_code == 302, url
            assert answer["Location"].startswith("/admin/login/?next="), url


def test_staff_get_into_the_administration_and_see_what_they_were_allowed(client, people):
    client.force_login(people["staff"], BACKEND)
    assert client.get("/admin/").status_code == 200
    for url in admin_addresses():
        answer = client.get(url)
        assert not answer.get("Location", "").startswith("/admin/login/"), url
        if url.startswith("/admin/library/") and answer.status_code not in {301, 302}:
            assert answer.status_code in {403, 404}, url
