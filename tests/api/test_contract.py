"""
The API held to its own description by schemathesis, against the library as it runs: no answer
of 5xx, and none that is not described, whatever is sent by whomever.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from library import samples
from tests.running import ROOT, Running, running

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("contract")]

SECONDS = 55
MEMBER, MEMBER_PASSWORD = "mia", "mia's long password"
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
]
MAKE_MEMBER = (
    "from library.models import User; "
    f'User.objects.create_user("{MEMBER}", password="{MEMBER_PASSWORD}")'
)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    # No worker: what happens is what is asked for, and nothing by itself.
    with running(tmp_path_factory.mktemp("contract") / "data", worker=False) as server:
        made = server.manage("shell", "-c", MAKE_MEMBER)
        assert made.returncode == 0, made.stderr
        yield server


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("film") / "gulls.mp4"
    samples.write_film(path, seconds=1, width=160, height=90)
    return path.read_bytes()


class Somebody:
    """With a token, and something of each kind that addresses are about."""

    def __init__(self, server: Running, film: bytes, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}", "Tus-Resumable": "1.0.0"}
        self.token, self.film = token, film
        self.api = httpx.Client(base_url=server.url, headers=headers, timeout=60)

    def things(self) -> dict[str, str]:
        """By the names of the parameters that stand for them."""
        video = self._video()
        files = {"file": ("a.vtt", b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello.\n", "text/vtt")}
        caption = self.api.post(
            f"/api/v1/videos/{video}/captions/", data={"language": "en"}, files=files
        )
        job = self._made("videos/bulk/", {"action": "tag", "ids": [video], "tags": ["x"]})
        return {
            "video_id": video,
            "upload_id": self._upload(b"01234").rpartition("/uploads/")[2].strip("/"),
            "caption_id": caption.json().get("id", "cap_nowhere"),
            "collection_id": self._made("collections/", {"name": "Alps"})["id"],
            "playlist_id": self._made("playlists/", {"title": "Evenings"})["id"],
            "job_id": job.get("id", "job_nowhere"),
            "token_id": "tok_nowhere",
            "import_id": "imp_nowhere",
        }

    def _made(self, path: str, body: dict[str, object]) -> dict[str, str]:
        return self.api.post(f"/api/v1/{path}", json=body).json()

    def _video(self) -> str:
        upload = self.api.get(self._upload(self.film, len(self.film)))
        return upload.json()["video"]

    def _upload(self, first: bytes, length: int = 10) -> str:
        said = base64.b64encode(b"gulls.mp4").decode()
        headers = {"Upload-Length": str(length), "Upload-Metadata": f"filename {said}"}
        headers["Content-Type"] = "application/offset+octet-stream"
        begun = self.api.post("/api/v1/uploads/", headers=headers, content=first)
        assert begun.status_code == 201, begun.text
        return begun.headers["Location"]


@pytest.mark.parametrize("who", ["a member", "an admin"])
def test_nothing_that_is_sent_gets_an_answer_that_is_not_described(server, film, tmp_path, who):
    token = server.token() if who == "an admin" else server.token(MEMBER, MEMBER_PASSWORD)
    somebody = Somebody(server, film, token)
    with somebody.api:
        asked = command(server, somebody, tmp_path)
    told = subprocess.run(
        asked,
        cwd=tmp_path,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.api.tus_bytes", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=SECONDS * 4,
        check=False,
    )
    assert told.returncode == 0, told.stdout[-12_000:] + told.stderr[-2_000:]
    assert "Traceback" not in server.log.read_text()


def command(server: Running, somebody: Somebody, folder: Path) -> list[str]:
    config = folder / "schemathesis.toml"
    lines = [f'"path.{name}" = {json.dumps(value)}' for name, value in somebody.things().items()]
    config.write_text("\n".join(["[parameters]", *lines, ""]))
    program = Path(sys.executable).with_name("schemathesis")
    return [
        *(str(program), f"--config-file={config}", "run", f"{server.url}/api/v1/schema/"),
        *("--header", f"Authorization: Bearer {somebody.token}"),
        # Otherwise most of what is sent to uploads is refused for this alone.
        *("--header", "Tus-Resumable: 1.0.0"),
        *("--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"),
        *("--max-examples", "6", "--seed", "5", "--generation-deterministic", "--no-shrink"),
        *("--max-time", str(SECONDS), "--continue-on-failure", "--no-color"),
        *("--suppress-health-check", "all", "--warnings", "off"),
    ]
