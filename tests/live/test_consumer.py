"""What a socket says: a snapshot, then everything that happens, to whom it may be said."""

import pytest
from django.utils import timezone

from library import films
from library.events import record
from library.live import consumer
from library.live.visitors import CloseCode
from library.models import Event, Step, Upload, Video, Visibility
from library.progress import describe_upload
from library.storing import steps
from library.uploads import receiving
from tests.live.conftest import Socket, browser, in_database, until_closed
from tests.making import received_video, stored_video, taken

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.anyio]

PUBLIC, PRIVATE, MEMBERS = Visibility.PUBLIC, Visibility.PRIVATE, Visibility.MEMBERS


@pytest.fixture
def open_socket():
    async def opened(user):
        return Socket(await in_database(browser, user))

    return opened


def newest():
    return Event.objects.newest()


async def last_word_of(socket, owner):
    """
    Everything with a number that the socket hears until a film that everybody may see
    is put there: what did not come before it does not come.
    """
    film = await in_database(received_video, owner, b"last word", visibility=PUBLIC)
    heard = [await socket.hear()]
    while "seq" not in heard[-1] or heard[-1]["data"]["video"] != film.pk:
        heard.append(await socket.hear())
    return heard[:-1]


# --- The snapshot ---------------------------------------------------------------------


async def test_it_begins_with_how_things_stand(alice, open_socket):
    upload = await in_database(receiving.begin, alice, length=100, title="Tide")
    film = await in_database(received_video, alice)
    async with await open_socket(alice) as socket:
        message = await socket.hear()
    assert message["type"] == "snapshot"
    assert message["seq"] == await in_database(newest)
    assert message["at"].endswith("Z")
    uploads = {each["id"]: each["video"] for each in message["data"]["uploads"]}
    assert uploads == {upload.pk: None, film.staging: film.pk}
    [video] = message["data"]["videos"]
    assert video["id"] == film.pk
    assert [stage["name"] for stage in video["stages"]] == ["receive", "check", "store", "verify"]


async def test_finished_films_are_not_in_it(alice, open_socket):
    await in_database(stored_video, alice)
    async with await open_socket(alice) as socket:
        message = await socket.hear()
    assert message["data"]["videos"] == []
    assert [each["state"] for each in message["data"]["uploads"]] == ["received"]


async def test_it_shows_mallory_nothing_of_alices(alice, mallory, open_socket):
    await in_database(receiving.begin, alice, length=100)
    await in_database(received_video, alice, b"private")
    shared = await in_database(received_video, alice, b"shared", visibility=MEMBERS)
    async with await open_socket(mallory) as socket:
        message = await socket.hear()
    assert message["data"]["uploads"] == []
    assert [each["id"] for each in message["data"]["videos"]] == [shared.pk]


# --- What happens ---------------------------------------------------------------------


async def test_events_come_with_their_numbers(alice, open_socket):
    async with await open_socket(alice) as socket:
        seq = (await socket.hear())["seq"]
        upload = await in_database(receiving.begin, alice, length=100)
        message = await socket.hear("upload.begun")
    assert message.keys() == {"seq", "type", "at", "data"}
    assert message["seq"] > seq
    assert message["data"] == {"upload": upload.pk, "video": None}


async def test_events_come_in_order_and_each_of_them(alice, open_socket):
    film = await in_database(received_video, alice)
    async with await open_socket(alice) as socket:
        await socket.hear("snapshot")
        made = [(await in_database(record, "video.changed", video=film)).seq for _ in range(30)]
        heard = await socket.numbered(until=made[-1])
    assert [message["seq"] for message in heard] == made


async def test_bytes_that_arrive_are_told(alice, open_socket):
    upload = await in_database(receiving.begin, alice, length=100)
    async with await open_socket(alice) as socket:
        await socket.hear("snapshot")
        moved = Upload.objects.filter(pk=upload.pk)
        await in_database(moved.update, offset=40, updated_at=timezone.now())
        message = await socket.hear("upload.progress", offset=40)
    assert message.keys() == {"type", "at", "data"}
    upload = await in_database(Upload.objects.for_progress().get, pk=upload.pk)
    assert message["data"].keys() == (await in_database(describe_upload, upload)).keys()


async def test_steps_that_move_are_told(alice, open_socket):
    film = await in_database(received_video, alice)
    async with await open_socket(alice) as socket:
        await socket.hear("snapshot")
        lease = await in_database(lambda: taken(film.steps.get()))
        message = await socket.hear("video.progress", id=film.pk)
        while message["data"]["stages"][1]["state"] != "running":
            message = await socket.hear("video.progress", id=film.pk)
        assert message.keys() == {"type", "at", "data"}
        await in_database(lease.write, done_bytes=7)
        while message["data"]["stages"][1]["done"] != 7:
            message = await socket.hear("video.progress", id=film.pk)
    assert "pieces" not in message["data"]


async def test_a_step_that_was_given_up_is_told_as_failed(alice, open_socket):
    film = await in_database(received_video, alice)
    async with await open_socket(alice) as socket:
        await socket.hear("snapshot")
        await in_database(
            lambda: steps.give_up(taken(film.steps.get()), steps.StepError("The disk is tired."))
        )
        failed = await socket.hear("step.failed")
        message = await socket.hear("video.progress", id=film.pk)
        while message["data"]["stages"][1]["state"] != Step.State.FAILED:
            message = await socket.hear("video.progress", id=film.pk)
    assert failed["data"]["error"] == "The disk is tired."


async def test_an_upload_that_is_cancelled_is_told_as_such(alice, open_socket):
    upload = await in_database(receiving.begin, alice, length=100)
    async with await open_socket(alice) as socket:
        await socket.hear("snapshot")
        await in_database(receiving.cancel, upload)
        await socket.hear("upload.cancelled", upload=upload.pk)
        await socket.hear("upload.progress", id=upload.pk, state="cancelled")


async def test_mallory_hears_nothing_of_alices_uploads_and_private_films(
    alice, mallory, open_socket
):
    async with await open_socket(mallory) as socket:
        await socket.hear("snapshot")
        upload = await in_database(receiving.begin, alice, length=100)
        await in_database(receiving.cancel, upload)
        film = await in_database(stored_video, alice, b"private")
        await in_database(films.change, film, title="Secret")
        heard = await last_word_of(socket, alice)
    assert [message["type"] for message in heard] == []


async def test_staff_hear_of_every_event_but_only_of_their_own_bytes(alice, admin, open_socket):
    async with await open_socket(admin) as socket:
        await socket.hear("snapshot")
        await in_database(receiving.begin, alice, length=100)
        await socket.hear("upload.begun")
        heard = await last_word_of(socket, alice)
    assert "upload.progress" not in {message["type"] for message in heard}


async def test_a_film_that_becomes_private_is_told_no_more(alice, mallory, open_socket):
    film = await in_database(received_video, alice, b"shared", visibility=MEMBERS)
    async with await open_socket(mallory) as socket:
        await socket.hear("snapshot")
        await in_database(Video.objects.filter(pk=film.pk).update, visibility=PRIVATE)
        await in_database(record, "video.changed", video=film)
        await in_database(lambda: taken(film.steps.get()))
        heard = await last_word_of(socket, alice)
    # The film's making may have been told before it became private.
    assert "video.changed" not in {message["type"] for message in heard}
    assert all(message["data"]["visibility"] == MEMBERS for message in heard)


# --- Hearing what was missed ----------------------------------------------------------


async def test_what_was_missed_comes_in_order(alice, open_socket, monkeypatch):
    monkeypatch.setattr("library.live.feed.PAGE", 3)
    film = await in_database(received_video, alice)
    missed = [(await in_database(record, "video.changed", video=film)).seq for _ in range(10)]
    async with await open_socket(alice) as socket:
        await socket.say({"resume": missed[0]})
        assert (await socket.hear())["type"] == "snapshot"
        heard = await socket.numbered(until=missed[-1])
        assert [message["seq"] for message in heard] == missed[1:]
        after = await in_database(record, "video.changed", video=film)
        assert [each["seq"] for each in await socket.numbered(until=after.seq)] == [after.seq]


async def test_nothing_missed_is_nothing_told(alice, open_socket):
    film = await in_database(received_video, alice)
    async with await open_socket(alice) as socket:
        await socket.say({"resume": await in_database(newest)})
        await socket.hear("snapshot")
        after = await in_database(record, "video.changed", video=film)
        assert [each["seq"] for each in await socket.numbered(until=after.seq)] == [after.seq]


async def test_what_is_private_by_now_is_not_told_again(alice, mallory, open_socket):
    film = await in_database(received_video, alice, b"shared", visibility=MEMBERS)
    await in_database(films.change, film, visibility=PRIVATE)
    last = await in_database(received_video, alice, b"last word", visibility=PUBLIC)
    until = await in_database(last.events.get)
    first = await in_database(Event.objects.earliest, "seq")
    told = {}
    for user in (mallory, alice):
        async with await open_socket(user) as socket:
            await socket.hear("snapshot")
            await socket.say({"resume": first.seq - 1})
            heard = await socket.numbered(until=until.seq)
            told[user] = [each["type"] for each in heard if each["data"]["video"] == film.pk]
    assert told == {mallory: [], alice: ["upload.received", "video.changed"]}


@pytest.mark.parametrize("seq", [1, 10**6, 10**40])
async def test_history_that_is_gone_or_never_was_is_a_reset(alice, open_socket, seq):
    film = await in_database(received_video, alice)
    kept = await in_database(lambda: [record("video.changed", video=film) for _ in range(3)])
    await in_database(Event.objects.filter(seq__lt=kept[0].seq).delete)
    async with await open_socket(alice) as socket:
        await socket.hear("snapshot")
        await socket.say({"resume": seq if seq > 1 else kept[0].seq - 2})
        assert await socket.hear("reset") == {"type": "reset"}
        await socket.say({"resume": kept[0].seq - 1})
        heard = await socket.numbered(until=kept[-1].seq)
        assert [each["seq"] for each in heard] == [each.seq for each in kept]


async def test_a_socket_that_lost_the_thread_is_told_and_misses_no_event(
    alice, open_socket, monkeypatch
):
    monkeypatch.setattr("library.live.mailbox.MOST", 0)
    async with await open_socket(alice) as socket:
        seq = (await socket.hear())["seq"]
        upload = await in_database(receiving.begin, alice, length=100)
        await socket.hear("reset")
        event = await socket.hear("upload.begun", upload=upload.pk)
        assert event["seq"] > seq


# --- What clients send ----------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        pytest.param("?", id="no JSON"),
        pytest.param("[" * 1000, id="too deep"),
        pytest.param("x" * 100_000, id="too long"),
        pytest.param("[1]", id="no object"),
        pytest.param("null", id="nothing"),
        pytest.param('{"resume": -1}', id="negative"),
        pytest.param('{"resume": true}', id="a truth"),
        pytest.param('{"resume": "7"}', id="a word"),
        pytest.param('{"resume": 1.5}', id="half an event"),
        pytest.param('{"resume": NaN}', id="no number"),
        pytest.param('{"type": "websocket.disconnect"}', id="something else"),
    ],
)
async def test_what_cannot_be_read_is_answered_and_breaks_nothing(alice, open_socket, message):
    async with await open_socket(alice) as socket:
        await socket.hear("snapshot")
        await socket.say(message)
        answer = await socket.hear()
        assert answer["type"] == "error"
        assert answer["detail"]
        upload = await in_database(receiving.begin, alice, length=1)
        await socket.hear("upload.begun", upload=upload.pk)


async def test_bytes_are_answered_too(alice, open_socket):
    async with await open_socket(alice) as socket:
        await socket.hear("snapshot")
        await socket.wire.send_to(bytes_data=b"\xff\x00")
        assert (await socket.hear())["type"] == "error"


async def test_a_flood_closes_the_socket(alice, open_socket):
    async with await open_socket(alice) as socket:
        await socket.hear("snapshot")
        for _ in range(100):
            await socket.say("?")
        await until_closed(socket, CloseCode.TOO_MUCH)


async def test_silence_is_broken_by_pings(alice, open_socket, monkeypatch):
    monkeypatch.setattr(consumer, "PING_EVERY", 0.2)
    async with await open_socket(alice) as socket:
        await socket.hear("snapshot")
        assert await socket.hear() == {"type": "ping"}
        assert await socket.hear() == {"type": "ping"}
