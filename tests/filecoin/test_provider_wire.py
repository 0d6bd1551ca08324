"""The provider client on real connections: what stalls, breaks, drips or says too much."""

import asyncio
import tracemalloc
from contextlib import asynccontextmanager

import pytest

from filmedia.filecoin.cid import PieceCid
from filmedia.filecoin.errors import (
    PieceRefused,
    ProviderFailed,
    ProviderUnreachable,
    WrongAnswer,
)
from filmedia.filecoin.piece import piece_cid
from filmedia.filecoin.provider.addresses import client
from filmedia.filecoin.provider.client import Provider

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024
SESSION = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
DATA = bytes(range(256)) * 1024
CID = PieceCid.parse(piece_cid(DATA))
DONE = b"HTTP/1.1 204 No Content\r\n\r\n"


class Wire:
    """A server of one behaviour: `acting(head, reader, writer)` for each request."""

    def __init__(self, acting):
        self.acting, self.asked, self.ended = acting, 0, asyncio.Event()

    async def serve(self, reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.asked += 1
                await self.acting(head, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.ended.set()
            writer.close()


@asynccontextmanager
async def provider(acting, **options):
    wire = Wire(acting)
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0, limit=MIB)
    port = server.sockets[0].getsockname()[1]
    try:
        async with client(allow_insecure=True) as http:
            yield Provider(f"http://127.0.0.1:{port}", http, "sp", **options), wire
    finally:
        server.close()


async def took(reader, head):
    left = int(head.lower().partition(b"content-length:")[2].split()[0])
    while left and (data := await reader.read(min(left, MIB))):
        left -= len(data)


def zeros(size, portion=MIB):
    for start in range(0, size, portion):
        yield bytes(min(portion, size - start))


# --- sending ----------------------------------------------------------------------------


async def test_a_piece_is_sent_in_constant_memory():
    async def take(head, reader, writer):
        await took(reader, head)
        writer.write(DONE)

    size, seen = 192 * MIB, []
    async with provider(take) as (there, _):
        tracemalloc.start()
        try:
            await there.send(SESSION, zeros(size), size, seen.append)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert seen[-1] == size
    assert len(seen) > 100
    assert peak < 16 * MIB


async def test_a_provider_that_takes_nothing_any_more_is_given_up():
    async def stall(head, reader, writer):
        await reader.read(MIB)
        await given_up.wait()
        raise ConnectionError

    given_up = asyncio.Event()
    async with provider(stall) as (there, wire):
        seen = []
        with pytest.raises(ProviderUnreachable, match="took no byte"):
            await there.send(SESSION, zeros(512 * MIB), 512 * MIB, seen.append, stall=0.4)
        given_up.set()
    assert 0 < seen[-1] < 512 * MIB
    assert wire.asked == 1


async def test_waiting_for_bytes_of_our_own_is_no_stall():
    async def take(head, reader, writer):
        await took(reader, head)
        writer.write(DONE)

    async def slow():
        yield DATA
        await asyncio.sleep(0.8)
        yield DATA

    async with provider(take) as (there, _):
        await there.send(SESSION, slow(), 2 * len(DATA), stall=0.5)


async def test_a_provider_may_take_its_time_once_it_has_all_bytes():
    async def think(head, reader, writer):
        await took(reader, head)
        await asyncio.sleep(0.8)
        writer.write(DONE)

    async with provider(think) as (there, _):
        await there.send(SESSION, [DATA], len(DATA), stall=0.5)


async def test_a_sending_that_breaks_is_not_repeated():
    async def hang_up(head, reader, writer):
        await reader.read(MIB)
        writer.transport.abort()
        raise ConnectionError

    async with provider(hang_up) as (there, wire):
        with pytest.raises(ProviderUnreachable):
            await there.send(SESSION, zeros(64 * MIB), 64 * MIB)
    assert wire.asked == 1


async def test_a_no_in_the_middle_is_heard():
    async def refuse(head, reader, writer):
        await reader.read(1000)
        said = b"over the cap"
        writer.write(b"HTTP/1.1 413 X\r\nConnection: close\r\nContent-Length: 12\r\n\r\n" + said)
        await writer.drain()
        writer.write_eof()
        while await reader.read(MIB):
            pass
        raise ConnectionError

    async with provider(refuse) as (there, _):
        with pytest.raises(PieceRefused, match="over the cap"):
            await there.send(SESSION, zeros(16 * MIB), 16 * MIB)


async def test_who_stops_waiting_stops_the_sending():
    started = asyncio.Event()

    async def take(head, reader, writer):
        await reader.read(1000)
        started.set()
        while await reader.read(MIB):
            await asyncio.sleep(0)
        raise ConnectionError

    async def endless():
        while True:
            yield DATA
            await asyncio.sleep(0.01)

    async with provider(take) as (there, wire):
        sending = asyncio.ensure_future(there.send(SESSION, endless(), 1 << 40))
        await asyncio.wait_for(started.wait(), 10)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await asyncio.wait_for(wire.ended.wait(), 10)


async def test_an_answer_before_the_last_byte_is_not_believed_as_success():
    async def hasty(head, reader, writer):
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.write_eof()
        await reader.read(1000)
        raise ConnectionError

    async with provider(hasty) as (there, _):
        with pytest.raises((WrongAnswer, ProviderUnreachable)):
            await there.send(SESSION, zeros(512 * MIB), 512 * MIB, stall=5)


# --- answers ----------------------------------------------------------------------------


async def test_an_answer_that_drips_has_an_end():
    async def drip(head, reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with provider(drip) as (there, wire):
        with pytest.raises(ProviderUnreachable, match="in time"):
            await there.ask("GET", "/pdp/data-sets/1", timeout=0.3)
    await asyncio.wait_for(wire.ended.wait(), 10)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 500_000 + b"\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_no_answer(said):
    async def say(head, reader, writer):
        writer.write(said)
        await writer.drain()
        raise ConnectionError

    async def at_once(_):
        return None

    async with provider(say, sleep=at_once) as (there, _):
        with pytest.raises(ProviderUnreachable) as caught:
            await there.ping()
    assert len(str(caught.value)) < 120


async def test_nobody_at_the_address_is_told_as_that():
    async with provider(None) as (there, _):
        there.base_url = "http://127.0.0.1:1"
        with pytest.raises(ProviderUnreachable, match="nobody answers"):
            await there.read(CID, 0, 1)


async def test_an_error_that_goes_on_for_ever_is_cut_off():
    async def rant(head, reader, writer):
        writer.write(b"HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            await writer.drain()

    async with provider(rant) as (there, wire):
        with pytest.raises(ProviderFailed) as caught:
            await there.add_pieces(1, b"", [CID])
        await asyncio.wait_for(wire.ended.wait(), 10)
    assert len(caught.value.text) == 64 * 1024


# --- reading ----------------------------------------------------------------------------


def range_head(first, last, length=None):
    length = last - first + 1 if length is None else length
    told = f"Content-Range: bytes {first}-{last}/{len(DATA)}\r\nContent-Length: {length}\r\n\r\n"
    return f"HTTP/1.1 206 Partial Content\r\n{told}".encode()


async def test_ranges_come_one_after_the_other_on_one_connection():
    connections = set()

    async def give(head, reader, writer):
        connections.add(writer)
        first, last = map(int, head.split(b"bytes=")[1].split(b"\r\n")[0].split(b"-"))
        writer.write(range_head(first, last) + DATA[first : last + 1])

    async with provider(give) as (there, _):
        for start in range(0, len(DATA), 70_001):
            stop = min(start + 70_001, len(DATA))
            assert await there.read(CID, start, stop) == DATA[start:stop]
    assert len(connections) == 1


async def test_a_range_that_breaks_off_is_not_taken_for_the_range():
    async def break_off(head, reader, writer):
        writer.write(range_head(0, 99_999) + DATA[:50_000])
        await writer.drain()
        raise ConnectionError

    async with provider(break_off) as (there, _):
        with pytest.raises(ProviderUnreachable):
            await there.read(CID, 0, 100_000)


async def test_who_sends_a_whole_film_for_a_range_is_hung_up_on():
    async def give_all(head, reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            writer.write(bytes(MIB))
            await writer.drain()

    async with provider(give_all) as (there, wire):
        with pytest.raises(WrongAnswer):
            await there.read(CID, 0, 100)
        await asyncio.wait_for(wire.ended.wait(), 10)


async def test_a_reader_that_leaves_early_closes_its_connection():
    async def give_slowly(head, reader, writer):
        writer.write(range_head(0, len(DATA) - 1) + DATA[:1000])
        await writer.drain()
        await reader.read()
        raise ConnectionError

    async with provider(give_slowly) as (there, wire):
        portions = there.stream(CID)
        assert await anext(portions) == DATA[:1000]
        await portions.aclose()
        await asyncio.wait_for(wire.ended.wait(), 10)
