"""Addresses that are good for so many bytes, whichever processes send them."""

from __future__ import annotations

import asyncio
import threading
from contextlib import aclosing
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError, connection
from django.test import AsyncClient
from django.utils import timezone

from library import budgets, media_addresses
from library.media_addresses import VISITOR
from library.models import Budget, Visibility
from streaming.doors import spending
from tests.making import SMALL_PIECES, stored_video
from tests.streaming.conftest import FILM
from tests.streaming.doors.test_media import Asking

pytestmark = pytest.mark.django_db
BUDGET = 1_000_000
AT = timezone.now() + timedelta(hours=1)


@pytest.fixture
def film(alice):
    return stored_video(alice, FILM, piece_size=SMALL_PIECES, visibility=Visibility.PUBLIC)


@pytest.fixture
def url(film):
    return media_addresses.address_of(film, VISITOR, budget=BUDGET).url


@pytest.fixture(autouse=True)
def nothing_going(monkeypatch):
    monkeypatch.setattr(spending, "_going", set())


def given(asking: Asking, url: str, **headers: str) -> int:
    """How many bytes come, whether or not it ends short."""
    asking.sizes.clear()
    try:
        status = asking(url, **headers).status
    except AssertionError as error:
        assert "ended short" in str(error)
        return sum(asking.sizes)
    return sum(asking.sizes) if status < 400 else 0


def test_what_one_process_sent_another_does_not_send_again(url):
    one, two = Asking(), Asking()
    assert given(one, url, Range="bytes=0-599999") == 600_000
    # What the first has set aside and not sent is given back, once nobody asks it for more.
    [mine] = spending._going
    mine._used_at -= spending.IDLE_SECONDS
    spending.settle()
    assert given(two, url) == BUDGET - 600_000
    assert two(url, Range="bytes=0-0").status == 403
    assert Asking()(url, Range="bytes=0-0").status == 403


def test_processes_that_send_at_once_never_pass_it(url):
    async def all_at_once() -> list[int]:
        doors = [Asking() for _ in range(4)]
        asked = [door.ask(url, "GET", {}) for door in doors]
        await asyncio.gather(*asked, return_exceptions=True)
        return [sum(door.sizes) for door in doors if door.sizes]

    sent = async_to_sync(all_at_once)()
    # A refusal is a body too, and no film.
    refusals = [size for size in sent if size < 1000]
    assert BUDGET // 2 < sum(sent) - sum(refusals) <= BUDGET


def test_a_process_that_begins_again_has_not_forgotten(url):
    assert given(Asking(), url) == BUDGET
    assert Asking()(url, Range="bytes=0-0").status == 403


def test_the_database_is_not_asked_for_each_request(url, film, django_assert_max_num_queries):
    asking = Asking()
    large = media_addresses.address_of(film, VISITOR, budget=10**9).url
    asking(large, Range="bytes=0-9")
    with django_assert_max_num_queries(0):
        for start in range(30):
            assert asking(large, Range=f"bytes={start}-{start + 9}").status == 206


def test_a_head_costs_nothing(url):
    asking = Asking()
    assert asking(url, "HEAD").status == 200
    assert not Budget.objects.exists()


def test_django_keeps_to_it_where_nothing_is_in_front(url):
    """As with a script prefix, where no request reaches the door."""
    client = AsyncClient()

    async def watch(**headers: str) -> tuple[int, int]:
        answer = await client.get(url, headers=headers)
        if not answer.streaming:
            return answer.status_code, 0
        came = 0
        async with aclosing(aiter(answer)) as parts:
            with pytest.raises(spending.BudgetUsed):
                async for part in parts:
                    came += len(part)
        return answer.status_code, came

    assert async_to_sync(watch)() == (200, BUDGET)
    assert async_to_sync(watch)(Range="bytes=0-9") == (403, 0)


@pytest.mark.open_storage
def test_django_sends_it_itself_where_nginx_could(url, settings, anyone):
    settings.X_ACCEL_LOCATION, settings.ENCRYPT_PUBLIC = "/films-by-nginx/", False
    assert anyone(url, Range="bytes=0-9").body == FILM[:10]


def test_nobody_is_sent_what_cannot_be_counted(url, monkeypatch):
    def broken(*asked):
        raise OperationalError("no database")

    monkeypatch.setattr(budgets, "take", broken)
    assert Asking()(url, Range="bytes=0-9").status == 503


def test_who_was_told_that_nothing_is_left_may_ask_again(url, monkeypatch):
    """Another process gives back what it had set aside."""
    asking = Asking()
    assert given(asking, url) == BUDGET
    [row] = Budget.objects.all()
    budgets.give_back(row.key, 100)
    monkeypatch.setattr(spending, "IDLE_SECONDS", 0)
    assert given(asking, url, Range="bytes=0-99") == 100


def test_what_is_taken_ahead_leaves_most_to_others():
    assert budgets.take("one", 800, 10, 1000, AT) == 100
    assert budgets.take("one", 800, 400, 1000, AT) == 400
    assert budgets.take("one", 800, 400, 1000, AT) == 300
    assert budgets.take("one", 800, 1, 1000, AT) == 0


@pytest.mark.django_db(transaction=True)
def test_takers_at_the_same_moment_get_no_more_than_there_is():
    taken: list[int] = []

    def work() -> None:
        while size := budgets.take("one", 1000, 7, 7, AT):
            taken.append(size)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == 1000


def test_rows_of_addresses_that_are_over_are_swept_away():
    budgets.take("old", 100, 10, 10, timezone.now() - timedelta(hours=2))
    budgets.take("new", 100, 10, 10, AT)
    Budget.objects.outlived().delete()
    assert Budget.objects.get().key == "new"
