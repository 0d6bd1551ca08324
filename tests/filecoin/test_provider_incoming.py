"""Ranges of a piece received into memory of one's own, over real connections."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ipaddress
import ssl

import httpcore
import httpx
import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from filmedia.filecoin.cid import PieceCid
from filmedia.filecoin.errors import PieceError, ProviderBusy, ProviderUnreachable, WrongAnswer
from filmedia.filecoin.piece import piece_cid
from filmedia.filecoin.provider.addresses import new_client
from filmedia.filecoin.provider.exchanges import transport
from filmedia.filecoin.provider.lines import Lines, line_of
from filmedia.filecoin.provider.reading import Reading
from filmedia.filecoin.provider.testing import MemoryProvider, Portions, Scripted

DATA = bytes(range(256)) * 16_000
CID = PieceCid.parse(piece_cid(DATA))
# Far more than systems hold on their own.
MUCH = 24 * 2**20
SOON = httpx.Timeout(connect=1.0, read=0.3, write=1.0, pool=1.0)


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def run(request):
    """On the loop of `make run`, and on Python's own."""
    return request.param


class Server:
    """Answers each request by what `answer` writes; it knows how much it could send so far."""

    def __init__(self, answer, context=None):
        self.answer, self.context, self.connections, self.sent = answer, context, 0, 0
        self.tasks = set()

    async def __aenter__(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.context)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.server.close()
        for task in self.tasks:
            task.cancel()
        if self.tasks:
            await asyncio.wait(self.tasks)
        # So that what was closed is closed before the loop is.
        await asyncio.sleep(0.01)

    async def _serve(self, reader, writer):
        self.connections += 1
        self.tasks.add(asyncio.current_task())
        ends = asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError
        with contextlib.suppress(*ends):
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                await self.answer(self, head, writer)
        writer.transport.abort()
        self.tasks.discard(asyncio.current_task())

    async def send(self, writer, data):
        for start in range(0, len(data), 65536):
            writer.write(data[start : start + 65536])
            await writer.drain()
            self.sent += 65536


def ranged(body, start, stop):
    told = f"Content-Range: bytes {start}-{stop - 1}/{len(DATA)}\r\nContent-Length: {len(body)}"
    return f"HTTP/1.1 206 Partial Content\r\n{told}\r\n\r\n".encode() + body


async def well(server, head, writer):
    """As a provider should."""
    told = head.lower().partition(b"range: bytes=")[2].partition(b"\r\n")[0]
    first, _, last = told.partition(b"-")
    start, stop = int(first), int(last) + 1
    await server.send(writer, ranged(DATA[start:stop], start, stop))


@contextlib.asynccontextmanager
async def reading(answer, url="http://127.0.0.1", server_context=None, context=None, insecure=True):
    async with Server(answer, server_context) as server:
        context = context or ssl.create_default_context()
        async with new_client(transport(context, insecure)) as http:
            yield server, Reading(f"{url}:{server.port}", http, "sp")


async def taken(client, start, stop, size=300_000, timeout=SOON):
    """The range, in portions of `size`."""
    found = []
    async with client.opened(CID, start, stop, timeout) as incoming:
        for position in range(start, stop, size):
            part = bytearray(min(size, stop - position))
            await incoming.fill(memoryview(part))
            found.append(bytes(part))
    return b"".join(found)


@pytest.mark.parametrize(
    ("start", "stop"), [(0, len(DATA)), (1, 2), (70_000, 3_000_001), (len(DATA) - 1, len(DATA))]
)
def test_a_range_comes_as_it_is_and_its_connection_is_kept(run, start, stop):
    async def main():
        async with reading(well) as (server, client):
            for _ in range(3):
                assert await taken(client, start, stop) == DATA[start:stop]
            assert server.connections == 1

    run(main())


def test_left_early_its_connection_ends_and_the_next_one_is_whole(run):
    async def main():
        async with reading(well) as (server, client):
            async with client.opened(CID, 0, len(DATA), SOON) as incoming:
                await incoming.fill(memoryview(bytearray(1000)))
            assert await taken(client, 5, 500) == DATA[5:500]
            assert server.connections == 2

    run(main())


def test_a_sender_is_made_to_wait_for_whoever_does_not_read(run):
    async def main():
        async with (
            reading(endless) as (server, client),
            client.opened(CID, 0, len(DATA), SOON) as incoming,
        ):
            await incoming.fill(memoryview(bytearray(1000)))
            await still(server)
            assert server.sent < MUCH

    async def endless(server, head, writer):
        writer.write(ranged(b"", 0, len(DATA)).replace(b"Length: 0", b"Length: %d" % len(DATA)))
        await server.send(writer, bytes(MUCH))

    async def still(server):
        """Until nothing more is sent for a second."""
        sent, looks = -1, 0
        while looks < 10:
            looks = looks + 1 if sent == server.sent else 0
            sent = server.sent
            await asyncio.sleep(0.1)

    run(main())


def test_what_follows_an_answer_unasked_is_not_the_next_one(run):
    async def slips_in(server, head, writer):
        await server.send(writer, ranged(DATA[:10], 0, 10) + ranged(b"x" * 10, 0, 10))

    async def main():
        async with reading(slips_in) as (server, client):
            for number in (1, 2, 3):
                assert await taken(client, 0, 10) == DATA[:10]
                assert server.connections == number

    run(main())


def test_a_connection_that_was_closed_meanwhile_is_made_anew(run):
    async def closes(server, head, writer):
        await well(server, head, writer)
        writer.close()
        await writer.wait_closed()

    async def main():
        async with reading(closes) as (server, client):
            for number in (1, 2, 3):
                assert await taken(client, 0, 10) == DATA[:10]
                assert server.connections == number

    run(main())


def test_bytes_that_stop_coming_are_not_waited_for(run):
    async def stalls(server, head, writer):
        writer.write(ranged(DATA[:1000], 0, 1000)[:-500])

    async def main():
        async with reading(stalls) as (_, client):
            with pytest.raises(ProviderUnreachable, match="in time"):
                await taken(client, 0, 1000)

    run(main())


def test_a_head_that_comes_in_drops_has_an_end(run):
    async def drips(server, head, writer):
        for letter in b"HTTP/1.1 206 Partial Content\r\n" * 100:
            writer.write(bytes([letter]))
            await asyncio.sleep(0.05)

    async def main():
        async with reading(drips) as (_, client):
            with pytest.raises(ProviderUnreachable, match="in time"):
                await taken(client, 0, 1000)

    run(main())


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(ranged(DATA[:99], 0, 100), WrongAnswer, id="fewer bytes than asked for"),
        pytest.param(ranged(DATA[:101], 0, 100), WrongAnswer, id="more bytes than asked for"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", WrongAnswer, id="a 200"),
        pytest.param(b"HTTP/1.1 206 OK\r\nContent-Length: x\r\n\r\n", ProviderUnreachable, id="x"),
        pytest.param(
            b"HTTP/1.1 206 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            ProviderUnreachable,
            id="two lengths",
        ),
        pytest.param(b"\0" * 100_000, ProviderUnreachable, id="no HTTP"),
        pytest.param(b"HTTP/1.1 200 " + b"x" * 100_000, ProviderUnreachable, id="an endless head"),
        pytest.param(
            b"HTTP/1.1 429 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n",
            ProviderBusy,
            id="too busy",
        ),
    ],
)
def test_anything_else_is_an_error(run, answer, error):
    async def says(server, head, writer):
        await server.send(writer, answer)

    async def main():
        async with reading(says) as (_, client):
            with pytest.raises(error):
                await taken(client, 0, 100)

    run(main())


def test_this_machine_is_not_found_unless_that_is_allowed(run):
    async def main():
        async with reading(well, insecure=False) as (server, client):
            with pytest.raises(ProviderUnreachable, match="public internet"):
                await taken(client, 0, 10)
            assert server.connections == 0

    run(main())


def test_over_tls_it_is_the_same_and_only_for_a_name_that_is_proved(run, tmp_path):
    ours, theirs = certified(tmp_path)

    async def main():
        secure = {"url": "https://localhost", "server_context": theirs}
        async with reading(well, **secure, context=ours) as (server, client):
            for _ in range(2):
                assert await taken(client, 7, len(DATA), 1_000_000) == DATA[7:]
            assert server.connections == 1
        async with reading(well, **secure) as (server, client):
            with pytest.raises(ProviderUnreachable):
                await taken(client, 0, 10)

    run(main())


def certified(folder):
    """Contexts of a client and of the server that it believes, "localhost" alone."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.2"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    theirs.load_cert_chain(certificate, secret)
    return ssl.create_default_context(cafile=certificate), theirs


# --- over any other transport of httpx ----------------------------------------------------


@pytest.mark.anyio
async def test_any_transport_will_do():
    memory = MemoryProvider()
    memory.hold(DATA)
    client = Reading("https://sp.example", memory.client(), "sp")
    assert await taken(client, 70_000, 3_000_001, 999) == DATA[70_000:3_000_001]


@pytest.mark.anyio
async def test_of_a_whole_piece_the_beginning_is_let_pass_and_the_end_not_taken():
    class Whole(Reading):
        takes_whole = True

    body = Portions([DATA[:1000], DATA[1000:5000], DATA[5000:]])
    client = Whole("https://sp.example", Scripted((200, body)).client(), "sp")
    async with client.opened(CID, 900, 4000, SOON) as incoming:
        assert incoming.ignores_range
        part = bytearray(3100)
        await incoming.fill(memoryview(part))
        assert part == DATA[900:4000]
    assert body.taken == 5000


@pytest.mark.anyio
async def test_an_empty_range_is_not_asked_for():
    told = Scripted((500, ""))
    with pytest.raises(PieceError):
        async with told.provider().opened(CID, 5, 5, SOON):
            pass
    assert told.asked == []


def test_what_nobody_asked_for_may_not_trickle_for_ever(run, monkeypatch):
    monkeypatch.setattr("filmedia.filecoin.provider.incoming.PATIENCE", 0.5)
    monkeypatch.setattr("filmedia.filecoin.provider.incoming.SLOWEST", 2**30)

    async def trickles(server, head, writer):
        """All of it where a range was asked for, and a byte at a time."""
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(DATA))
        while not writer.is_closing():
            await server.send(writer, b"x")
            await asyncio.sleep(0.05)

    async def main():
        async with reading(trickles) as (_, client):
            client.takes_whole = True
            with pytest.raises(ProviderUnreachable, match="far too slowly"):
                await asyncio.wait_for(taken(client, len(DATA) - 10, len(DATA)), 5)

    run(main())


def test_what_comes_before_tls_is_never_taken_for_what_it_protects(run):
    async def main():
        server = await asyncio.start_server(speaks, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        line = line_of(await Lines().connect_tcp("127.0.0.1", port, 1.0))
        while line.is_quiet:
            await asyncio.sleep(0.01)
        with pytest.raises(httpcore.ConnectError, match="before there was TLS"):
            await line.secure(ssl.create_default_context(), "localhost", 1.0)
        line.close()
        server.close()
        await asyncio.sleep(0.01)

    async def speaks(reader, writer):
        writer.write(ranged(b"x" * 10, 0, 10))
        await reader.read()
        writer.close()

    run(main())
