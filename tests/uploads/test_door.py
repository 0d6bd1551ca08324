"""A body between the event loop that receives it and the thread that reads it."""

import asyncio
import itertools

import pytest

from library.uploads import door
from library.uploads.sources import ClientGone

pytestmark = pytest.mark.anyio


def receiving(*messages):
    """`receive` of a server that has these messages ready, and then nothing more."""
    ready = iter(messages)

    async def receive():
        for message in ready:
            return message
        return await asyncio.Event().wait()

    return receive


def part(data: bytes, more: bool = True) -> dict:
    return {"type": "http.request", "body": data, "more_body": more}


async def read_all(body) -> list[bytes]:
    def read():
        return list(iter(lambda: body.read(5), b""))

    return await asyncio.to_thread(read)


async def test_what_is_received_is_read_in_order_and_in_the_size_asked_for():
    body = door.ArrivingBody(receiving(part(b"0123"), part(b"456789"), part(b"ab", more=False)))
    pump = asyncio.create_task(body.pump())
    assert await read_all(body) == [b"01234", b"56789", b"ab"]
    await pump


async def test_what_came_before_the_client_went_is_read_first():
    body = door.ArrivingBody(receiving(part(b"0123"), {"type": "http.disconnect"}))
    await body.pump()
    assert await asyncio.to_thread(body.read, 100) == b"0123"
    with pytest.raises(ClientGone):
        await asyncio.to_thread(body.read, 100)


async def test_silence_is_told_as_a_pause_and_then_given_up(monkeypatch):
    monkeypatch.setattr(door, "_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(door, "GIVE_UP_SECONDS", 0.05)
    body = door.ArrivingBody(receiving())
    pump = asyncio.create_task(body.pump())

    def pauses():
        with pytest.raises(ClientGone):
            for count in itertools.count():
                assert body.read_or_pause(10) is None
                seen.append(count)

    seen: list[int] = []
    await asyncio.to_thread(pauses)
    assert len(seen) == 5
    pump.cancel()


async def test_a_client_faster_than_the_disk_has_to_wait():
    """Each read may let in more than it took, and still no more than a little is held."""
    large = bytes(3 * 1024 * 1024)
    body = door.ArrivingBody(receiving(*[part(large) for _ in range(40)], part(b"", more=False)))
    pump = asyncio.create_task(body.pump())
    most = 0

    def read_slowly():
        nonlocal most
        while body.read(256 * 1024):
            most = max(most, body._held)

    await asyncio.to_thread(read_slowly)
    await pump
    assert most <= door.AHEAD + 2 * len(large)


async def test_a_reader_is_let_go_when_the_server_stops():
    body = door.ArrivingBody(receiving())
    reading = asyncio.create_task(asyncio.to_thread(body.read, 10))
    body.end()
    with pytest.raises(ClientGone):
        await reading
