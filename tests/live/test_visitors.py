"""Who gets in, and how long they may stay."""

from datetime import timedelta

import pytest
from django.utils import timezone

from library.live.visitors import CloseCode
from library.models import DeviceToken
from tests.live.conftest import (
    HOST,
    ORIGIN,
    Socket,
    browser,
    cookie,
    device,
    in_database,
    session_of,
    until_closed,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.anyio]


async def refused(headers):
    async with Socket(headers) as socket:
        assert socket.accepted, "a refused handshake tells a page no code"
        return await socket.code()


async def test_a_page_of_ours_gets_a_snapshot(alice):
    async with Socket(await in_database(browser, alice)) as socket:
        assert (await socket.hear())["type"] == "snapshot"


async def test_a_token_needs_no_origin(alice):
    _, headers = await in_database(device, alice)
    async with Socket(headers) as socket:
        assert (await socket.hear())["type"] == "snapshot"


async def test_nobody_is_told_to_sign_in():
    assert await refused({"Host": HOST}) == CloseCode.SIGN_IN
    assert await refused({"Host": HOST, "Origin": ORIGIN}) == CloseCode.SIGN_IN


async def test_a_session_without_an_origin_is_refused(alice):
    headers = cookie(await in_database(session_of, alice))
    assert await refused(headers) == CloseCode.FOREIGN_ORIGIN


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://films.test:9000"])
async def test_a_session_on_a_foreign_page_is_refused(alice, origin):
    headers = await in_database(browser, alice)
    assert await refused(headers | {"Origin": origin}) == CloseCode.FOREIGN_ORIGIN


@pytest.mark.parametrize(
    "authorization",
    ["Bearer", "Bearer ", "Bearer wrong", "Bearer " + "a" * 64, "Bearer " + "a" * 9000, "bearer é"],
)
async def test_a_token_that_is_none_is_refused_whatever_else_is_sent(alice, authorization):
    headers = await in_database(browser, alice)
    assert await refused(headers | {"Authorization": authorization}) == CloseCode.SIGN_IN


@pytest.mark.parametrize("key", ["", "x", "../../etc/passwd", "a" * 5000, "9" * 32])
async def test_a_session_that_is_none_is_refused(key):
    headers = {"Host": HOST, "Origin": ORIGIN, "Cookie": f"sessionid={key}"}
    assert await refused(headers) == CloseCode.SIGN_IN


async def test_a_token_that_has_expired_is_refused(alice):
    row, headers = await in_database(device, alice)
    past = timezone.now() - timedelta(seconds=1)
    await in_database(DeviceToken.objects.filter(pk=row.pk).update, expiry=past)
    assert await refused(headers) == CloseCode.SIGN_IN


async def test_signing_out_closes_the_socket(alice):
    session = await in_database(session_of, alice)
    async with Socket(cookie(session) | {"Origin": ORIGIN}) as socket:
        await socket.hear("snapshot")
        await in_database(session.delete)
        await until_closed(socket, CloseCode.SIGN_IN)


async def test_a_new_password_closes_the_sockets_of_the_old_one(alice):
    async with Socket(await in_database(browser, alice)) as socket:
        await socket.hear("snapshot")
        alice.set_password("another long password")
        await in_database(alice.save)
        await until_closed(socket, CloseCode.SIGN_IN)


async def test_revoking_a_token_closes_its_socket_and_no_other(alice):
    phone, on_phone = await in_database(device, alice)
    _, on_tablet = await in_database(device, alice)
    async with Socket(on_phone) as phone_socket, Socket(on_tablet) as tablet_socket:
        await phone_socket.hear("snapshot")
        await tablet_socket.hear("snapshot")
        await in_database(phone.delete)
        await until_closed(phone_socket, CloseCode.SIGN_IN)
        await tablet_socket.say("?")
        assert (await tablet_socket.hear())["type"] == "error"


async def test_a_token_that_expires_closes_its_socket(alice):
    row, headers = await in_database(device, alice)
    async with Socket(headers) as socket:
        await socket.hear("snapshot")
        await in_database(DeviceToken.objects.filter(pk=row.pk).update, expiry=timezone.now())
        await until_closed(socket, CloseCode.SIGN_IN)


async def test_an_account_that_is_closed_closes_all_its_sockets(alice):
    _, headers = await in_database(device, alice)
    async with Socket(headers) as phone, Socket(await in_database(browser, alice)) as page:
        await phone.hear("snapshot")
        await page.hear("snapshot")
        alice.is_active = False
        await in_database(alice.save)
        await until_closed(phone, CloseCode.SIGN_IN)
        await until_closed(page, CloseCode.SIGN_IN)


async def test_no_other_path_has_a_socket(alice):
    async with Socket(await in_database(browser, alice), path="/ws/other/") as socket:
        assert not socket.accepted
