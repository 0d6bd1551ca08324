"""
Renditions of films on a network, in a library as an operator runs it: made by workers that
are killed with -9, committed and proven as any film, and given from their providers.
"""

from __future__ import annotations

import base64
import hashlib
import random
import re
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from library import samples
from tests.foc.provider.network import running_network
from tests.making import SMALL_PIECES
from tests.running import ROOT, polling, running

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.xdist_group("network")]

KILLS = 4
# Where a worker dies over the larger rendition, and whether it is a film by then.
MOMENTS = {
    "half of it is written": False,
    "it is whole, and not kept": False,
    "it is kept, and not committed": False,
    "it is kept, and not stored": True,
    "one provider has it": True,
    "its additions are sent": True,
}


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    with running_network(
        tmp_path_factory.mktemp("network"),
        providers=3,
        endorsed=2,
        block_time=0.2,
        proving_period=100,
        challenge_window=40,
        park_delay=0.1,
        tick=0.4,
    ) as network:
        yield network.ready()


@pytest.fixture(scope="module")
def library(network, tmp_path_factory):
    with running(
        tmp_path_factory.mktemp("library") / "data",
        worker=False,
        PIECE_SIZE=str(SMALL_PIECES),
        COMMIT_GATHER_SECONDS="0",
        PATROL_SECONDS="1",
        STEP_LEASE_SECONDS="1",
        **network.environment,
    ) as library:
        yield library


@pytest.fixture(scope="module")
def client(library):
    with library.client() as client:
        yield client


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Ten seconds that are hard to make small: the larger rendition has several blocks."""
    path = tmp_path_factory.mktemp("film") / "harbour.mp4"
    samples.write_film(path, seconds=10, width=854, height=480, size=8_000_000)
    return path.read_bytes()


def test_a_rendition_comes_to_be_once_however_its_worker_dies(library, client, network, film):
    random.seed(20261128)
    first = upload(client, film)
    with worker(library) as process:
        wait_for(lambda: ask(client, first), process)
        process.send_signal(signal.SIGKILL)
    for moment, is_film in MOMENTS.items():
        left = die(library, moment)
        wait_for(lambda: not any(map(examines, left)))  # noqa: B023  # asked right here
        larger = renditions(client, first)["480p"]
        assert (larger["video"] is not None) == is_film, moment
        # Of the tries before this one nothing is left.
        assert len(list((library.data / "staging").glob("anew_*_480"))) == 1, moment
    second = upload(client, film + b"\0\0\0\x10free" + bytes(8))
    for _ in range(KILLS):
        with worker(library) as process:
            # The first second and more goes into starting.
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(random.uniform(1.5, 6.0))
            process.send_signal(signal.SIGKILL)
        ask(client, second)
    with worker(library) as process:
        wait_for(lambda: ask(client, second), process)
        wait_for(lambda: settled(library, first, second), process, 240)

    made = read(library, "SELECT video_id, data FROM library_event WHERE type = 'rendition.made'")
    assert Counter(video for video, _ in made) == {first: 2, second: 2}
    films = dict(read(library, "SELECT id, size FROM library_video"))
    assert len(films) == 6
    nothing_half(library, set(films))
    # Each piece once at each of two providers, and nothing that no film has.
    added = Counter(network.added(network.owner))
    assert set(added.values()) == {1}, added
    pieces = [cid for (cid,) in read(library, "SELECT piece_cid FROM library_piece")]
    assert Counter(cid for _, cid in added) == dict.fromkeys(pieces, 2)
    for one in [*renditions(client, first).values(), *renditions(client, second).values()]:
        read_whole(library, client, one["video"])


def test_a_rendition_is_proven_and_given_by_its_providers_as_any_film_is(
    library, client, network, film
):
    original = upload(client, film + b"\0\0\0\x10free" + bytes(range(8)))
    with worker(library) as process:
        wait_for(lambda: ask(client, original), process)
        wait_for(lambda: renditions(client, original)["480p"]["state"] == "proven", process, 240)
        wait_for(lambda: settled(library, original), process)
    one = renditions(client, original)["480p"]
    assert not staged(library)
    found = read_whole(library, client, one["video"])
    assert re.fullmatch(r"provider \d+", found.headers["X-Filmedia-Source"])

    # By its playlist, of the other quality: with one provider less.
    holders = "SELECT DISTINCT p.number FROM library_copy c JOIN library_piece i ON i.id ="
    holders += " c.piece_id JOIN library_provider p ON p.id = c.holder_id WHERE i.video_id = ?"
    small = renditions(client, original)["240p"]["video"]
    (number,) = next(iter(read(library, holders, small)))
    next(one for one in network.providers if one.id == number).kill()
    playlist = client.get(f"/stream/{original}/hls/240p.m3u8").text
    ranges = re.findall(r"#EXT-X-BYTERANGE:(\d+)@(\d+)\n(\S+)", playlist)
    parts = []
    for size, offset, url in ranges:
        end = int(offset) + int(size) - 1
        parts.append(client.get(url, headers={"Range": f"bytes={offset}-{end}"}))
    assert {part.status_code for part in parts} == {206}
    whole = read_whole(library, client, small).content
    assert b"".join(part.content for part in parts) == whole[int(ranges[0][1]) :]


# --- what is done and seen from outside


def upload(client, data):
    name = base64.b64encode(b"harbour.mp4").decode()
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


def ask(client, film):
    """Once it is known to be a film; until then it is refused."""
    address = f"/api/v1/videos/{film}/renditions/"
    asked = client.post(address, json={"qualities": ["480p", "240p"]})
    assert asked.status_code in {202, 400, 409}, asked.text
    return asked.status_code == 202


def renditions(client, film):
    told = client.get(f"/api/v1/videos/{film}/renditions/").json()
    return {one["quality"]: one for one in told["items"]}


def read(library, question, *given):
    address = f"file:{library.data / 'filmedia.sqlite3'}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as database:
        return database.execute(question, given).fetchall()


def settled(library, *originals):
    """These films and both renditions of each are committed, read back, and not here any more."""
    marks = ", ".join("?" * len(originals))
    rows = read(
        library,
        "SELECT committed_copies, wanted_copies, staging FROM library_video"
        f" WHERE id IN ({marks}) OR rendition_of_id IN ({marks})",
        *originals,
        *originals,
    )
    return len(rows) == 3 * len(originals) and all(
        committed >= wanted == 2 and not staging for committed, wanted, staging in rows
    )


def staged(library):
    # A folder for what browsers send as forms is always there.
    return [path for path in (library.data / "staging").iterdir() if path.name != "forms"]


def nothing_half(library, films):
    """Below the data folder is nothing but what belongs to a film, whole."""
    assert not staged(library)
    assert not list(library.data.rglob("*.part"))
    assert {path.name for path in (library.data / "films").iterdir()} <= films
    assert not list(library.data.rglob("bafkzcib*"))


def read_whole(library, client, film):
    ((size, digest),) = read(library, "SELECT size, sha256 FROM library_video WHERE id = ?", film)
    found = client.get(f"/stream/{film}/")
    assert found.status_code == 200 and len(found.content) == size
    assert hashlib.sha256(found.content).hexdigest() == digest
    return found


def wait_for(fact, process=None, seconds=120):
    for _ in polling(seconds, 0.2):
        if fact():
            return
        assert process is None or process.poll() is None, "the worker ended by itself"
    raise AssertionError("it did not come to that")


@contextmanager
def worker(library, code="", *more):
    """It ends with the block, by SIGTERM, unless it has ended before."""
    command = [sys.executable, *(["-c", code, *more] if code else ["manage.py", "worker"])]
    with library.log.with_suffix(".worker.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=library.environment,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


# A worker that gets its kill -9 at a moment of the larger rendition, and writes down before
# whose parent it is.
DYING = """
import os, signal, sys
from pathlib import Path
import django
django.setup()
from django.core.management import call_command
from filmedia.filecoin.piece import BLOCK_SIZE
from library.models import Addition
from library.network import placing, rounds
from library.renditions import making
from library.storing import worker

moment, children = sys.argv[1:]
# So that half of ten seconds is on disk.
making._FLUSH_SIZE = BLOCK_SIZE

def die():
    mine = []
    for one in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = one.read_text().rpartition(") ")[2].split()[1]
        except OSError:
            continue
        mine += [one.parent.name] if int(parent) == os.getpid() else []
    Path(children).write_text(" ".join(mine))
    os.kill(os.getpid(), signal.SIGKILL)

def at(place, name, is_it, before):
    whole = getattr(place, name)
    def once(*given, **more):
        if before and is_it(*given, **more):
            die()
        found = whole(*given, **more)
        if not before and is_it(*given, **more):
            die()
        return found
    setattr(place, name, once)

def is_larger(video):
    return video.rendition_of_id is not None and video.height == 480

if moment == "half of it is written":
    at(making._Writing, "_flush", lambda writing, size: size == BLOCK_SIZE, False)
elif moment == "it is whole, and not kept":
    at(making, "_keep", lambda lease, wish, made: wish.quality == 480, True)
elif moment == "it is kept, and not committed":
    told = lambda type, **facts: type == "rendition.made" and facts["quality"] == 480
    at(making.events, "record", told, False)
elif moment == "it is kept, and not stored":
    store = worker.DO["store"]
    worker.DO["store"] = lambda lease: die() if is_larger(lease.step.video) else store(lease)
elif moment == "one provider has it":
    at(placing, "_further_copies", lambda work, batch: is_larger(work.video), True)
elif moment == "its additions are sent":
    sent = Addition.objects.filter(
        state="sent",
        copies__piece__video__height=480,
        copies__piece__video__rendition_of__isnull=False,
    )
    at(rounds.committing, "round", lambda at: sent.exists(), False)
else:
    sys.exit(f"no such moment: {moment}")
call_command("worker")
"""


def die(library, moment):
    """The worker has died there; the numbers of the programs that it leaves behind."""
    left = library.data.parent / "left"
    left.unlink(missing_ok=True)
    with worker(library, DYING, moment, str(left)) as process:
        assert process.wait(120) == -signal.SIGKILL, moment
    return left.read_text().split()


def examines(number):
    try:
        return b"library.storing.examining" in Path(f"/proc/{number}/cmdline").read_bytes()
    except OSError:
        return False
