"""A disk that fills up under an upload: a real one, of 96 MiB, in memory."""

import hashlib
import os
import subprocess

import pytest

from filmedia.filecoin.piece import piece_cid
from tests.machine import CI
from tests.running import running

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wire")]

MIB = 1024 * 1024
FILM = hashlib.shake_256(b"full disk").digest(50 * MIB)
BYTES = "application/offset+octet-stream"


@pytest.fixture
def small_disk(tmp_path):
    mount = ["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", str(tmp_path)]
    if os.geteuid() != 0 and not CI:
        pytest.skip("mounting a small disk needs root")
    subprocess.run(mount, check=True)
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def send(api, url, start):
    headers = {"Upload-Offset": str(start), "Content-Type": BYTES}
    return api.patch(url, content=FILM[start:], headers=headers)


def offset_of(api, url) -> int:
    return int(api.head(url).headers["Upload-Offset"])


def test_received_bytes_are_kept_and_the_upload_goes_on_when_there_is_room(small_disk):
    settings = {"DISK_KEEP_FREE": "0"}
    with running(small_disk / "data", worker=False, **settings) as library, library.client() as api:
        answer = api.post("/api/v1/uploads/", headers={"Upload-Length": str(len(FILM))})
        assert answer.status_code == 201, answer.text
        url = answer.headers["Location"]
        disk = os.statvfs(small_disk)
        filler = small_disk / "filler"
        filler.write_bytes(bytes(disk.f_bavail * disk.f_frsize - 30 * MIB))

        answer = send(api, url, 0)
        assert (answer.status_code, answer.json()["code"]) == (507, "no-space")
        kept = offset_of(api, url)
        assert kept >= 16 * MIB
        assert send(api, url, kept).status_code == 507

        filler.unlink()
        answer = send(api, url, offset_of(api, url))
        assert answer.status_code == 204, answer.text
        video = api.get(f"/api/v1/videos/{api.get(url).json()['video']}/").json()
        assert video["piece_cid"] == piece_cid(api.get(f"/piece/{video['piece_cid']}").content)
        assert api.get(video["stream_url"]).content == FILM


def test_an_upload_that_cannot_fit_is_refused_before_it_begins(small_disk):
    settings = {"DISK_KEEP_FREE": "0"}
    with running(small_disk / "data", worker=False, **settings) as library, library.client() as api:
        answer = api.post("/api/v1/uploads/", headers={"Upload-Length": str(96 * MIB)})
        assert (answer.status_code, answer.json()["code"]) == (507, "no-space")
        assert answer.json()["needed"] == 96 * MIB > answer.json()["available"]
