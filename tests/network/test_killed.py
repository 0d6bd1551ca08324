"""
The worker is killed with -9 at random moments while films are stored on a network. Every
film ends committed on the wanted copies, with one addition of each piece at each provider.

`make test` kills it a dozen times; `make test-kills` a hundred.
"""

from __future__ import annotations

import base64
import os
import random
import signal
import subprocess
import sys
from collections import Counter

import pytest

from library import samples
from tests.foc.provider.network import running_network
from tests.making import SMALL_PIECES
from tests.running import ROOT, polling, running

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.xdist_group("network")]

KILLS = int(os.environ.get("KILLS", "12"))
FILMS = 10


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    samples.write_film(path, seconds=4, width=320, height=180)
    return path.read_bytes()


def upload(client, film, number):
    """A film of its own: what follows the last box of an MP4 plays no role."""
    free = (16).to_bytes(4, "big") + b"free" + number.to_bytes(8, "big")
    data = film + free
    name = base64.b64encode(f"{number}.mp4".encode()).decode()
    begun = client.post(
        "/api/v1/uploads/",
        headers={"Upload-Length": str(len(data)), "Upload-Metadata": f"filename {name}"},
    )
    assert begun.status_code == 201, begun.text
    sent = client.patch(
        begun.headers["Location"],
        content=data,
        headers={"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"},
    )
    assert sent.status_code == 204, sent.text
    return client.get(begun.headers["Location"]).json()["video"]


def states(client, ids):
    return {id: client.get(f"/api/v1/videos/{id}/").json() for id in ids}


def is_done(told):
    return (
        told["copies"]["committed"] >= told["copies"]["wanted"]
        and told["copies"]["wanted"] == 2
        and all(stage["state"] == "done" for stage in told["stages"] if stage["name"] == "verify")
    )


def test_films_survive_a_worker_that_is_killed_again_and_again(tmp_path, film):
    random.seed(20261127)
    with (
        running_network(
            tmp_path / "network",
            providers=3,
            endorsed=2,
            block_time=0.2,
            proving_period=300,
            challenge_window=100,
            park_delay=0.1,
        ) as network,
        running(
            tmp_path / "data",
            worker=False,
            PIECE_SIZE=str(SMALL_PIECES),
            COMMIT_GATHER_SECONDS="0",
            STEP_LEASE_SECONDS="1",
            **network.ready().environment,
        ) as library,
        library.client() as client,
    ):
        ids = [upload(client, film, number) for number in range(FILMS)]
        for _ in range(KILLS):
            with _worker(library) as worker:
                # The first second and more goes into starting.
                _wait(worker, random.uniform(1.0, 3.5))
                worker.send_signal(signal.SIGKILL)
            if all(map(is_done, states(client, ids).values())):
                ids += [upload(client, film, len(ids) + number) for number in range(FILMS)]
        with _worker(library) as worker:
            for _ in polling(240, 0.5):
                told = states(client, ids)
                if all(map(is_done, told.values())):
                    break
            worker.send_signal(signal.SIGTERM)
        left = {
            id: (one["state_label"], one["copies"], one["stages"])
            for id, one in told.items()
            if not is_done(one)
        }
        assert not left, left
        print(f"killed {KILLS} times; {len(ids)} films, all committed on two copies or more")
        # Nothing twice, nothing missing.
        added = Counter(network.added(network.owner))
        assert set(added.values()) == {1}, [key for key, count in added.items() if count > 1]
        for one in told.values():
            for piece in one["pieces"]:
                holders = {number for number, cid in added if cid == piece["piece_cid"]}
                good = {
                    copy["provider_id"] for copy in piece["copies"] if copy["state"] == "committed"
                }
                assert len(good) >= 2 and good <= holders, (piece, holders)
        for id, one in told.items():
            read = client.get(one["stream_url"])
            assert read.status_code == 200 and len(read.content) == one["size"], id


def _worker(library):
    with library.log.with_suffix(".worker.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "manage.py", "worker"],
            cwd=ROOT,
            env=library.environment,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )


def _wait(process, seconds):
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return
    raise AssertionError("the worker ended by itself")
