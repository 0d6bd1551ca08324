"""Pieces that providers fetch from here, by a grant that is in the address."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from library import films, media_addresses
from library.media_addresses import VISITOR
from tests.foc.provider.network import running_network
from tests.making import SMALL_PIECES, as_stored, stored_video
from tests.network.test_killed import upload
from tests.running import polling, running
from tests.streaming.conftest import FILM, known_bytes

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def piece(film):
    """The second of an encrypted film that is its owner's only."""
    assert film.is_encrypted
    return film.pieces.get(index=1)


def test_the_stored_bytes_of_the_piece_come_whole(anyone, film, piece):
    answer = anyone(media_addresses.pull_address(piece.piece_cid, lifetime=HOUR))
    stored = as_stored(film, FILM[SMALL_PIECES : 2 * SMALL_PIECES], SMALL_PIECES)
    assert answer.status == 200
    assert answer.body == stored != FILM[SMALL_PIECES : 2 * SMALL_PIECES]
    assert answer["Content-Length"] == str(SMALL_PIECES)
    assert answer["Content-Type"] == "application/octet-stream"


def test_a_head_tells_its_size(anyone, piece):
    answer = anyone(media_addresses.pull_address(piece.piece_cid, lifetime=HOUR), "HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert answer["Content-Length"] == str(SMALL_PIECES)


def test_it_is_spelled_as_providers_spell_it(piece):
    address = media_addresses.pull_address(piece.piece_cid, lifetime=HOUR)
    assert address.endswith(f"/piece/{piece.piece_cid}")
    assert address.count("/") == 4


def test_a_short_piece_comes_with_the_zeros_that_fill_it(anyone, alice):
    video = stored_video(alice, b"0123456789")
    answer = anyone(media_addresses.pull_address(video.pieces.get().piece_cid, lifetime=HOUR))
    assert answer.body == as_stored(video, b"0123456789") + bytes(117)


def test_without_a_grant_it_is_not_there(anyone, piece):
    assert anyone(f"/piece/{piece.piece_cid}").status == 404


def test_a_grant_is_for_one_piece(anyone, film, piece):
    address = media_addresses.pull_address(piece.piece_cid, lifetime=HOUR)
    other = film.pieces.get(index=0).piece_cid
    assert anyone(address.replace(piece.piece_cid, other)).status == 403


def test_a_grant_for_a_film_is_none_for_its_pieces_and_the_other_way_round(anyone, film, piece):
    watching = media_addresses.address_of(film, VISITOR).url.rpartition("/")[2]
    assert anyone(f"/pull/{watching}/piece/{piece.piece_cid}").status == 403
    pulling = media_addresses.pull_address(piece.piece_cid, lifetime=HOUR).split("/")[2]
    assert anyone(f"/media/{pulling}").status == 403


def test_it_ends(anyone, piece):
    answer = anyone(media_addresses.pull_address(piece.piece_cid, lifetime=-HOUR))
    assert answer.status == 410


def test_what_is_no_grant_is_refused(anyone, piece):
    assert anyone(f"/pull/nothing/piece/{piece.piece_cid}").status == 403


def test_what_is_in_the_trash_is_not_pulled(anyone, film, piece):
    address = media_addresses.pull_address(piece.piece_cid, lifetime=HOUR)
    films.trash(film)
    assert anyone(address).status == 404


def test_nothing_is_changed_there(anyone, piece):
    address = media_addresses.pull_address(piece.piece_cid, lifetime=HOUR)
    assert anyone(address, "POST").status == 405


def test_the_address_stays_the_same_for_a_while(piece, monkeypatch):
    monkeypatch.setattr(media_addresses.time, "time", lambda: 1_800_000_000.0)
    address = media_addresses.pull_address(piece.piece_cid, lifetime=HOUR)
    monkeypatch.setattr(media_addresses.time, "time", lambda: 1_800_000_000.0 + 600)
    assert media_addresses.pull_address(piece.piece_cid, lifetime=HOUR) == address


# --- by a provider of the stand-in network


@pytest.mark.slow
@pytest.mark.xdist_group("network")
def test_the_first_provider_of_a_film_fetches_it_from_us(tmp_path):
    with (
        running_network(
            tmp_path / "network",
            providers=2,
            endorsed=2,
            block_time=0.2,
            proving_period=300,
            challenge_window=100,
            park_delay=0.05,
        ) as network,
        running(
            tmp_path / "data",
            PIECE_SIZE=str(SMALL_PIECES),
            COMMIT_GATHER_SECONDS="0",
            COPIES="2",
            ACCEPT_ANY_FILE="1",
            PULL_FROM_HERE="1",
            **network.ready().environment,
        ) as library,
        library.client() as client,
    ):
        video = upload(client, known_bytes(2 * SMALL_PIECES + 1000), 1)
        for _ in polling(120, 0.2):
            film = client.get(f"/api/v1/videos/{video}/").json()
            if film["copies"]["committed"] == 2:
                break
        assert film["copies"]["committed"] == 2, film
        sources = pulled(tmp_path / "network")
    from_us = {url for url in sources if url.startswith(f"{library.url}/pull/")}
    cids = {piece["piece_cid"] for piece in film["pieces"]}
    assert {url.rpartition("/")[2] for url in from_us} == cids
    # The second had it from the first.
    assert len(sources) == 2 * len(cids)


def pulled(folder) -> set[str]:
    """Where the providers have fetched pieces from."""
    found = set()
    for path in folder.glob("sp*/**/*.sqlite3"):
        with closing(sqlite3.connect(path)) as kept:
            for (entries,) in kept.execute("select entries from pulls"):
                found |= {one["url"] for one in json.loads(entries) if one["status"] == "complete"}
    return found
