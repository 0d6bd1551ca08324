"""
Uploads over real connections: cut, reset, silent, killed; and with clients not ours.

All of it through `make run`'s own server, from outside.
"""

import base64
import hashlib
import json
import socket
import struct
import subprocess
import threading

import pytest
from tusclient import client as tuspy

from filmedia.filecoin.piece import piece_cid
from tests.node import NODE, environment
from tests.running import ROOT, Running, polling

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wire")]

MIB = 1024 * 1024
FILM = hashlib.shake_256(b"wire").digest(40 * MIB)
BYTES = "application/offset+octet-stream"


class Wire:
    """One PATCH on a bare socket, so that a test decides how the connection ends."""

    def __init__(self, library: Running, token: str, url: str, offset: int, announced: int):
        self.socket = socket.create_connection(("127.0.0.1", library.port))
        self.socket.sendall(
            (
                f"PATCH {url} HTTP/1.1\r\nHost: 127.0.0.1:{library.port}\r\n"
                f"Authorization: Bearer {token}\r\nTus-Resumable: 1.0.0\r\n"
                f"Content-Type: {BYTES}\r\nUpload-Offset: {offset}\r\n"
                f"Content-Length: {announced}\r\n\r\n"
            ).encode()
        )

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def status(self) -> int:
        return int(self.socket.recv(65536).split()[1])

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def finish(self) -> None:
        self.socket.close()

    def reset(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


@pytest.fixture
def api(library):
    with library.client() as client:
        yield client


@pytest.fixture
def token(api):
    return api.headers["Authorization"].partition(" ")[2]


def begin(api):
    answer = api.post("/api/v1/uploads/", headers={"Upload-Length": str(len(FILM))})
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def offset_of(api, url) -> int:
    answer = api.head(url)
    assert answer.status_code == 200
    return int(answer.headers["Upload-Offset"])


def wait_for_offset(api, url, least: int) -> int:
    for _ in polling(20):
        if (offset := offset_of(api, url)) >= least:
            return offset
    raise AssertionError(f"the offset stayed under {least}")


def send_rest(api, url, film=FILM):
    offset = offset_of(api, url)
    headers = {"Upload-Offset": str(offset), "Content-Type": BYTES}
    answer = api.patch(url, content=film[offset:], headers=headers)
    assert answer.status_code == 204, answer.text
    upload = api.get(url).json()
    return api.get(f"/api/v1/videos/{upload['video']}/").json() if upload["video"] else upload


def assert_received(api, url, film=FILM):
    """The film may be refused by its check (it is noise) but its bytes were all right."""
    upload = api.get(url).json()
    assert upload["offset"] == len(film)
    assert upload["state"] in {"received", "refused"}


@pytest.mark.parametrize("end", ["finish", "reset"])
def test_what_came_before_a_cut_connection_is_kept(library, api, token, end):
    url = begin(api)
    wire = Wire(library, token, url, 0, len(FILM))
    wire.send(FILM[: 5 * MIB])
    # A reset throws away what the server has not read yet: wait until it has.
    wait_for_offset(api, url, 5 * MIB) if end == "reset" else None
    getattr(wire, end)()
    assert wait_for_offset(api, url, 5 * MIB) == 5 * MIB
    send_rest(api, url)
    assert_received(api, url)


def test_offsets_survive_kill_9(tmp_path):
    library = Running(tmp_path / "data", worker=False).start()
    try:
        with library.client() as api:
            url = begin(api)
            token = api.headers["Authorization"].partition(" ")[2]
            with Wire(library, token, url, 0, len(FILM)) as wire:
                wire.send(FILM[: 20 * MIB])
                promised = wait_for_offset(api, url, 16 * MIB)
                library.kill()
            library.start()
            assert offset_of(api, url) >= promised
            video = send_rest(api, url)
            assert video["sha256"] == hashlib.sha256(FILM).hexdigest()
            stored = api.get(f"/piece/{video['piece_cid']}").content
            assert video["piece_cid"] == piece_cid(stored)
            assert api.get(video["stream_url"]).content == FILM
    finally:
        library.stop()


def test_a_newer_connection_takes_over_from_a_silent_one(library, api, token):
    url = begin(api)
    with Wire(library, token, url, 0, len(FILM)) as silent:
        silent.send(FILM[: 3 * MIB])
        offset = wait_for_offset(api, url, 3 * MIB)
        with Wire(library, token, url, offset, len(FILM) - offset) as newer:
            newer.send(FILM[offset:])
            newer.socket.settimeout(20)
            assert newer.status() == 204
    assert_received(api, url)


def test_two_tabs_that_both_send_do_not_mix_their_bytes(library, api, token):
    url = begin(api)
    stop = threading.Event()

    def trickle(first):
        for start in range(0, len(FILM), 64 * 1024):
            first.send(FILM[start : start + 64 * 1024])
            if stop.wait(0.1):
                first.send(FILM[start + 64 * 1024 :])
                return

    with Wire(library, token, url, 0, len(FILM)) as first:
        sending = threading.Thread(target=trickle, args=[first])
        sending.start()
        wait_for_offset(api, url, 1)
        with Wire(library, token, url, 0, len(FILM)) as other:
            other.socket.settimeout(30)
            assert other.status() == 423
        stop.set()
        sending.join()
        assert first.status() == 204
    assert_received(api, url)


def test_bytes_are_promised_while_they_arrive(library, api, token):
    """Progress counts what is on disk here, not what has left the client."""
    url = begin(api)
    wire = Wire(library, token, url, 0, len(FILM))
    wire.send(FILM[:MIB])
    assert wait_for_offset(api, url, MIB) == MIB
    seen = api.get(url).json()
    assert seen["offset"] == MIB
    assert seen["state"] == "receiving"
    wire.finish()


def test_a_body_of_unknown_length_is_read_as_it_comes(library, api):
    url = begin(api)

    def parts():
        for start in range(0, len(FILM), 999_999):
            yield FILM[start : start + 999_999]

    headers = {"Upload-Offset": "0", "Content-Type": BYTES}
    assert api.patch(url, content=parts(), headers=headers).status_code == 204
    assert_received(api, url)


def test_a_large_body_elsewhere_is_turned_away(library, api):
    answer = api.post("/api/v1/auth/tokens/", content=bytes(9 * MIB))
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    answer = api.post("/api/v1/auth/tokens/", content=iter([bytes(MIB)] * 9))
    assert answer.status_code == 413


def test_a_foreign_page_cannot_send_with_a_session(library):
    import httpx

    with httpx.Client(base_url=library.url) as browser:
        page = browser.get("/login/").text
        csrf = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        form = {
            "username": "admin",
            "password": library.environment["DJANGO_SUPERUSER_PASSWORD"],
            "csrfmiddlewaretoken": csrf,
        }
        assert browser.post("/login/", data=form).status_code == 302
        headers = {
            "Tus-Resumable": "1.0.0",
            "Upload-Length": "5",
            "Content-Type": BYTES,
            "X-CSRFToken": browser.cookies["csrftoken"],
            "Origin": "http://elsewhere.example",
        }
        answer = browser.post("/api/v1/uploads/", content=b"01234", headers=headers)
        assert answer.status_code == 403
        headers["Origin"] = library.url
        answer = browser.post("/api/v1/uploads/", content=b"01234", headers=headers)
        assert answer.status_code == 201


def test_an_answer_in_the_middle_of_a_body_ends_the_connection(library, api, token):
    """Some clients send no more then, and never close: tus-js-client under node is one."""
    url = begin(api)
    with Wire(library, token, url, offset=7, announced=len(FILM)) as wire:
        wire.send(FILM[:MIB])
        wire.socket.settimeout(60)
        answer = b"".join(iter(lambda: wire.socket.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 409 ")
    assert b"connection: close" in answer.lower()
    assert answer.rstrip().endswith(b"}")


def test_tuspy_uploads_and_resumes(library, api, token, tmp_path):
    path = tmp_path / "film.bin"
    path.write_bytes(FILM)
    client = tuspy.TusClient(
        f"{library.url}/api/v1/uploads/", headers={"Authorization": f"Bearer {token}"}
    )
    with path.open("rb") as film:
        options = {"file_stream": film, "metadata": {"filename": "film.bin"}}
        uploader = client.uploader(chunk_size=7 * MIB, **options)
        uploader.upload_chunk()
        again = client.uploader(
            url=uploader.url, chunk_size=9 * MIB, upload_checksum=True, **options
        )
        assert again.offset == 7 * MIB
        again.upload()
    assert_received(api, uploader.url)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="one request"),
        pytest.param({"chunkSize": 6 * MIB}, id="chunks"),
        pytest.param({"uploadDataDuringCreation": True}, id="bytes with the creation"),
        pytest.param({"chunkSize": 9 * MIB, "uploadLengthDeferred": True}, id="length deferred"),
        pytest.param({"overridePatchMethod": True, "chunkSize": 20 * MIB}, id="POST for PATCH"),
        pytest.param({"abortAfter": 12 * MIB}, id="aborted and resumed"),
    ],
)
def test_tus_js_client_uploads(library, api, token, tmp_path, options):
    path = tmp_path / "film.bin"
    path.write_bytes(FILM)
    wish = {
        "endpoint": f"{library.url}/api/v1/uploads/",
        "path": str(path),
        "token": token,
        **options,
    }
    done = subprocess.run(
        [NODE, str(ROOT / "tests" / "uploads" / "tus_js_client.mjs"), json.dumps(wish)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert_received(api, answer["url"])
    if "abortAfter" in options:
        assert answer["resumedAt"] > 0


def test_metadata_of_a_real_client_is_understood(library, api):
    name = "../Ærø 🎬.mp4"
    metadata = f"filename {base64.b64encode(name.encode()).decode()}"
    headers = {"Upload-Length": "10", "Upload-Metadata": metadata}
    url = api.post("/api/v1/uploads/", headers=headers).headers["Location"]
    seen = api.get(url).json()
    assert (seen["filename"], seen["title"]) == ("Ærø 🎬.mp4", "Ærø 🎬")
