"""Who fetches a block: one at a time, and somebody else as soon as whoever did has gone."""

import os
import subprocess
import sys

import pytest

from library import places
from streaming.cache.claims import Claims

CID = "bafkzcib"

HOLDER = """
import sys, django
django.setup()
from django.conf import settings
from pathlib import Path
settings.FILMEDIA_DATA = Path(sys.argv[1])
from streaming.cache.claims import Claims
held = Claims()
print(held.take(sys.argv[2], 3), flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def claims():
    made = []

    def make():
        made.append(Claims())
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_block_is_claimed_once_and_its_neighbours_and_namesakes_are_free(claims):
    one, other = claims(), claims()
    assert one.take(CID, 3)
    assert not other.take(CID, 3)
    assert other.take(CID, 2)
    assert other.take(CID, 4)
    assert other.take(CID + "x", 3)


def test_what_is_released_is_free_and_the_blocks_beside_it_are_not(claims):
    one, other = claims(), claims()
    assert all(one.take(CID, index) for index in range(5))
    one.release(CID, 2)
    assert [index for index in range(5) if other.take(CID, index)] == [2]


def test_a_run_that_is_over_holds_nothing_and_takes_nothing(claims):
    one, other = claims(), claims()
    assert one.take(CID, 3)
    one.close()
    assert not one.take(CID, 4)
    one.release(CID, 3)
    assert other.take(CID, 3)
    assert other.take(CID, 4)


def test_the_claims_of_a_process_that_is_killed_are_free(claims, settings):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(settings.FILMEDIA_DATA), CID],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "True\n"
    ours = claims()
    assert not ours.take(CID, 3)
    holder.kill()
    holder.communicate()
    assert ours.take(CID, 3)


def test_claims_leave_one_file_however_many_there_were(claims):
    one = claims()
    for index in range(20):
        assert one.take(CID, index)
        one.release(CID, index)
    assert [path.name for path in places.cache().iterdir()] == ["claims"]
