"""
Sockets of a library that really runs: its server in one process, its worker in another.
"""

import json
from contextlib import contextmanager

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from library.live.visitors import CloseCode
from library.samples import write_film
from tests.running import PASSWORD, USERNAME, Running, polling

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]

BYTES = "application/offset+octet-stream"
MIB = 1024 * 1024
PATIENCE = 30


class Client:
    def __init__(self, connection):
        self.connection = connection

    def hear(self, type, wanted=lambda data: True):
        for _ in polling(PATIENCE, every=0):
            message = json.loads(self.connection.recv(timeout=PATIENCE))
            if message["type"] == type and wanted(message.get("data")):
                return message
        raise AssertionError(f"no {type} came")

    def close_code(self):
        try:
            while True:
                self.connection.recv(timeout=PATIENCE)
        except ConnectionClosed as closed:
            return closed.rcvd.code


@contextmanager
def listening(library, headers, origin=None):
    address = f"ws://127.0.0.1:{library.port}/ws/events/"
    with connect(address, additional_headers=headers, origin=origin, proxy=None) as connection:
        yield Client(connection)


@pytest.fixture
def api(library):
    with library.client() as client:
        yield client


@pytest.fixture
def token(api):
    return {"Authorization": api.headers["Authorization"]}


@pytest.fixture
def page(library):
    """A browser that is signed in: cookies, and the forms of our own pages."""
    with httpx.Client(base_url=library.url, follow_redirects=True, timeout=30) as client:
        client.get("/login/")
        form = {"username": USERNAME, "password": PASSWORD}
        send(client, "/login/", form)
        assert "sessionid" in client.cookies
        yield client


def send(client, path, form):
    fields = form | {"csrfmiddlewaretoken": client.cookies["csrftoken"]}
    answer = client.post(path, data=fields, headers={"Origin": str(client.base_url).rstrip("/")})
    assert answer.status_code == 200, answer.text


def cookies_of(page):
    return {"Cookie": f"sessionid={page.cookies['sessionid']}"}


def begin(api, length):
    answer = api.post("/api/v1/uploads/", headers={"Upload-Length": str(length)})
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def patch(api, url, content, offset=0, **headers):
    headers |= {"Upload-Offset": str(offset), "Content-Type": BYTES}
    answer = api.patch(url, content=content, headers=headers)
    assert answer.status_code == 204, answer.text


def test_what_the_worker_does_is_heard_of_in_the_server(library, api, token, tmp_path):
    film = tmp_path / "film.mp4"
    write_film(film, seconds=1, width=64, height=36)
    data = film.read_bytes()
    with listening(library, token) as client:
        client.hear("snapshot")
        patch(api, begin(api, len(data)), data)
        video = client.hear("upload.received")["data"]["video"]
        told = [
            client.hear(type, lambda data: data["video"] == video)["seq"]
            for type in ("video.checked", "video.verified", "video.stored")
        ]
        assert told == sorted(told)
        done = client.hear(
            "video.progress",
            lambda data: data["id"] == video and data["stages"][-1]["state"] == "done",
        )
        assert [stage["state"] for stage in done["data"]["stages"]] == ["done"] * 4


def test_bytes_are_told_of_while_a_request_still_sends_them(library, api, token):
    url = begin(api, 4 * MIB)
    with listening(library, token) as client:
        client.hear("snapshot")
        told = []

        def body():
            """It goes on only when a socket has told of what it sent before."""
            for part in range(1, 4):
                yield bytes(MIB)
                tick = client.hear(
                    "upload.progress",
                    lambda data, part=part: data["url"] == url and data["offset"] >= part * MIB,
                )
                told.append(tick["data"]["offset"])

        patch(api, url, body(), **{"Content-Length": str(3 * MIB)})
    assert told == [MIB, 2 * MIB, 3 * MIB]


def test_a_page_of_ours_may_listen_and_another_may_not(library, page):
    with listening(library, cookies_of(page), origin=library.url) as client:
        client.hear("snapshot")
    for origin in ("https://evil.example", None):
        with listening(library, cookies_of(page), origin=origin) as client:
            assert client.close_code() == CloseCode.FOREIGN_ORIGIN
    with listening(library, {}, origin=library.url) as client:
        assert client.close_code() == CloseCode.SIGN_IN


def test_signing_out_on_a_page_closes_its_socket(library, page):
    with listening(library, cookies_of(page), origin=library.url) as client:
        client.hear("snapshot")
        send(page, "/logout/", {})
        assert client.close_code() == CloseCode.SIGN_IN


def test_revoking_a_device_closes_its_socket(library, api):
    form = {"username": USERNAME, "password": PASSWORD, "device": "lost phone"}
    phone = api.post("/api/v1/auth/tokens/", json=form).json()
    with listening(library, {"Authorization": f"Bearer {phone['token']}"}) as client:
        client.hear("snapshot")
        assert api.delete(f"/api/v1/auth/tokens/{phone['id']}/").status_code == 204
        assert client.close_code() == CloseCode.SIGN_IN


def test_what_was_missed_is_told_after_a_restart_of_the_server(tmp_path):
    library = Running(tmp_path / "data", worker=False).start()
    try:
        token = {"Authorization": f"Bearer {library.token()}"}
        with listening(library, token) as client:
            seq = client.hear("snapshot")["seq"]
            library.stop()
            assert client.close_code() == 1012
        library.start()
        with library.client() as api:
            url = begin(api, 10)
        with listening(library, token) as client:
            assert client.hear("snapshot")["seq"] > seq
            client.connection.send(json.dumps({"resume": seq}))
            missed = client.hear("upload.begun")
        assert url.endswith(f"/{missed['data']['upload']}/")
    finally:
        library.stop()
