"""Who watches what, as it goes: told to whoever runs the library, while they want to know."""

import pytest

from library.live import consumer
from library.models import ServerReport, Stream, User
from tests.live.conftest import Socket, browser, device, in_database
from tests.making import stored_video

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.anyio]
WATCH = {"watch": "streams"}


@pytest.fixture
def often(monkeypatch):
    monkeypatch.setattr(consumer, "STREAMS_EVERY", 0.01)


def watched(owner, **fields):
    video = stored_video(owner, title="Harbour at dawn")
    told = {"rate": 1500.4, "sent": 9000, "requests": 2, "source": "shelf"} | fields
    return Stream.objects.create(
        process="host:1", viewer=f"user:{owner.pk}", user=owner, video=video, **told
    )


async def test_staff_who_ask_are_told_again_and_again(alice, admin, often):
    row = await in_database(watched, alice)
    async with Socket(await in_database(browser, admin)) as socket:
        await socket.say(WATCH)
        message = await socket.hear("streams")
        assert message["data"]["count"] == 1
        assert (message["data"]["rate"], message["data"]["requests"]) == (1500, 2)
        [told] = message["data"]["streams"]
        assert told.pop("since").endswith("Z")
        assert told == {
            "id": row.pk,
            "video": {"id": row.video_id, "title": "Harbour at dawn"},
            "viewer": "alice",
            "requests": 2,
            "rate": 1500,
            "sent": 9000,
            "source": "shelf",
        }
        assert await in_database(ServerReport.objects.are_followed)
        await in_database(Stream.objects.update, sent=10_000)
        while message["data"]["streams"][0]["sent"] != 10_000:
            message = await socket.hear("streams")


async def test_whoever_wants_no_more_is_told_no_more(alice, admin, often):
    async with Socket(await in_database(browser, admin)) as socket:
        await socket.say(WATCH)
        await socket.hear("streams")
        await socket.say({"watch": None})
        await socket.say("no JSON")
        await socket.hear("error")
        await socket.say("no JSON")
        assert (await socket.hear())["type"] == "error"


async def test_nobody_else_is_told_who_watches(alice, often):
    def member_of_staff():
        return User.objects.create_user("sam", is_staff=True)

    await in_database(watched, alice)
    sam = await in_database(member_of_staff)
    for viewer in (alice, sam):
        async with Socket(await in_database(browser, viewer)) as socket:
            await socket.say(WATCH)
            refused = await socket.hear("error")
            assert refused["detail"] == "Only whoever runs the library may watch streams."
    assert not await in_database(ServerReport.objects.are_followed)


async def test_a_token_without_the_powers_of_staff_is_told_nothing(admin, often):
    _, headers = await in_database(device, admin, scopes=["videos:read"])
    async with Socket(headers) as socket:
        await socket.say(WATCH)
        assert (await socket.hear("error"))["detail"].startswith("Only whoever runs")


async def test_one_who_runs_the_library_no_longer_is_told_no_longer(admin, often):
    async with Socket(await in_database(browser, admin)) as socket:
        await socket.say(WATCH)
        await socket.hear("streams")
        await in_database(User.objects.update, is_staff=False, is_superuser=False)
        await socket.hear("error")


async def test_there_is_nothing_else_to_watch(admin):
    async with Socket(await in_database(browser, admin)) as socket:
        for wrong in ("films", 1, True, ["streams"]):
            await socket.say({"watch": wrong})
            assert (await socket.hear("error"))[
                "detail"
            ] == 'watch is "streams", or null to watch no longer.'
