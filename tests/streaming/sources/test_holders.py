"""Which sources the rows of a piece tell of."""

from __future__ import annotations

import asyncio
import threading

import pytest
from django.db import OperationalError, connections
from django.test.utils import CaptureQueriesContext

from filmedia.filecoin.cid import PieceCid
from library.models import Copy, DataSet, Piece, Provider
from streaming.sources import holders
from streaming.sources.holders import Holders
from streaming.sources.remote import RemotePiece
from tests.making import stored_video

pytestmark = pytest.mark.django_db(transaction=True)

OWNER = "0x" + "Ab" * 20


@pytest.fixture
def calibration(settings):
    settings.FILECOIN_NETWORK = "calibration"


@pytest.fixture
def row(alice) -> Piece:
    return stored_video(alice).pieces.get()


def held(row: Piece, number: int, beam: bool = False, **fields) -> Copy:
    holder = Provider.objects.create(
        network="calibration",
        number=number,
        name=f"sp{number}",
        service_url=fields.pop("url", f"https://sp{number}.example"),
        failures=fields.pop("failures", 0),
    )
    data_set = DataSet.objects.create(
        provider=holder,
        owner=OWNER,
        beam=beam,
        client_data_set_id=str(number),
        number=number,
        state=DataSet.State.LIVE,
    )
    fields = {"state": Copy.State.COMMITTED, "number": number} | fields
    return Copy.objects.create(
        piece=row, provider=holder.key, holder=holder, data_set=data_set, **fields
    )


def remote(row: Piece) -> RemotePiece:
    cid = PieceCid.parse(row.piece_cid)
    return RemotePiece(row.video_id, row.index, cid, cid.size, None)


def told(row: Piece):
    """What is found, without staying open."""

    async def main():
        found = Holders()
        sources = list(await found.of(remote(row)))
        await found.aclose()
        return sources

    return asyncio.run(main())


def test_the_local_network_has_no_sources(row):
    held(row, 1)
    assert told(row) == []


def test_providers_of_readable_copies_are_sources_the_surest_first(calibration, row):
    held(row, 1, state=Copy.State.LOST)
    held(row, 2, failures=2)
    third = held(row, 3)
    held(row, 4, state=Copy.State.GONE)
    held(row, 5, state=Copy.State.WANTED)
    sources = told(row)
    by_doubt = sorted(sources, key=lambda source: source.doubt)
    assert [source.name for source in by_doubt] == ["provider 3", "provider 2", "provider 1"]
    assert by_doubt[0].copy == third.pk
    assert by_doubt[0].client.base_url == "https://sp3.example"


@pytest.mark.parametrize("url", ["https://10.0.0.1", "http://sp.example", "https://[", "x"])
def test_an_address_that_must_not_be_asked_is_left_out(calibration, row, url):
    held(row, 1, url=url)
    held(row, 2)
    assert [source.name for source in told(row)] == ["provider 2"]


def test_beam_is_a_source_where_a_data_set_is_read_through_it(calibration, row):
    held(row, 1)
    assert [source.name for source in told(row)] == ["provider 1"]
    held(row, 2, beam=True)
    held(row, 3, beam=True)
    sources = told(row)
    assert [source.name for source in sources] == ["provider 1", "provider 2", "provider 3", "beam"]
    beam = sources[-1].client
    assert beam.piece_url(remote(row).cid) == (
        f"https://{OWNER.lower()}.calibration.filbeam.io/{row.piece_cid}"
    )
    assert sources[-1].copy is None


def test_the_rows_are_read_once_however_many_ask_and_kept_for_a_while(
    calibration, row, monkeypatch
):
    async def main():
        found = Holders()
        many = await asyncio.gather(*[found.of(remote(row)) for _ in range(20)])
        assert [[source.name for source in one] for one in many] == [["provider 1"]] * 20
        # In a thread, as everywhere: no query is made in the loop.
        await asyncio.to_thread(lambda: (held(row, 2), connections.close_all()))
        kept = await found.of(remote(row))
        monkeypatch.setattr(holders, "KEPT_SECONDS", -1.0)
        anew = await found.anew(remote(row))
        await found.aclose()
        return len(kept), len(anew)

    held(row, 1)
    asked = []
    rows = holders._rows
    monkeypatch.setattr(holders, "_rows", lambda *key: asked.append(key) or rows(*key))
    assert asyncio.run(main()) == (1, 2)
    assert len(asked) == 2


def test_a_waiter_who_leaves_takes_nobody_along(calibration, row):
    async def main():
        found = Holders()
        leaver = asyncio.create_task(found.of(remote(row)))
        stayer = asyncio.create_task(found.of(remote(row)))
        await asyncio.sleep(0)
        leaver.cancel()
        sources = await stayer
        await found.aclose()
        return len(sources)

    held(row, 1)
    assert asyncio.run(main()) == 1


def test_old_rows_do_while_new_ones_are_read(calibration, row, monkeypatch):
    """A database that hangs holds nobody up who was here a moment ago."""
    free = threading.Event()

    async def main():
        found = Holders()
        await found.of(remote(row))
        await asyncio.to_thread(lambda: (held(row, 2), connections.close_all()))
        monkeypatch.setattr(holders, "_rows", lambda *key: free.wait(10) and rows(*key))
        monkeypatch.setattr(holders, "KEPT_SECONDS", -1.0)
        old = found.at_hand(remote(row)), await found.of(remote(row))
        free.set()
        anew = await found.anew(remote(row))
        await found.aclose()
        return [len(one) for one in (*old, anew)]

    held(row, 1)
    rows = holders._rows
    assert asyncio.run(main()) == [1, 1, 2]


def test_a_database_that_is_away_leaves_what_it_said_before(calibration, row, monkeypatch):
    def away(*key):
        raise OperationalError("database is locked")

    async def main():
        found = Holders()
        first = await found.of(remote(row))
        monkeypatch.setattr(holders, "_rows", away)
        monkeypatch.setattr(holders, "KEPT_SECONDS", -1.0)
        monkeypatch.setattr(holders, "MEANWHILE_SECONDS", -1.0)
        second = await found.of(remote(row))
        monkeypatch.setattr(holders, "STALE_SECONDS", -1.0)
        third = await found.of(remote(row))
        await found.aclose()
        return len(first), len(second), len(third)

    held(row, 1)
    assert asyncio.run(main()) == (1, 1, 0)


def test_few_queries_tell_of_many_copies(calibration, row):
    for number in range(1, 7):
        held(row, number, beam=True)
    with CaptureQueriesContext(connections["default"]) as queries:
        assert len(holders._rows(row.video_id, row.index)) == 7
    assert len(queries) <= 3
