"""What waits for one socket: little, whatever happens, and only what concerns it."""

import pytest

from library.live.mailbox import MOST, Mailbox, Notice

pytestmark = pytest.mark.anyio


def mailbox():
    box = Mailbox()
    box.owner = 1
    return box


async def test_what_comes_twice_waits_once():
    box = mailbox()
    for newest in (3, 4):
        box.tell(Notice(newest, {"up_a": 1}, {"a"}))
    mail = box.take()
    assert (mail.newest, mail.uploads, mail.videos) == (4, {"up_a"}, {"a"})
    assert not box.take().has_news


async def test_uploads_of_others_do_not_wait_here():
    box = mailbox()
    box.tell(Notice(0, {"up_b": 2, "up_c": None}))
    assert not box.take().has_news


async def test_an_event_that_was_told_is_no_news():
    box = mailbox()
    box.tell(Notice(3))
    assert box.take().has_news
    box.tell(Notice(3))
    assert not box.take().has_news


async def test_more_than_can_wait_is_a_lost_thread_and_costs_nothing():
    box = mailbox()
    box.tell(Notice(9, {f"up_{n}": 1 for n in range(MOST + 1)}))
    mail = box.take()
    assert mail.lost
    assert not mail.uploads
    assert mail.newest == 9


async def test_of_several_resumes_the_last_counts():
    box = mailbox()
    box.ask(5)
    box.ask(2)
    assert box.take().resume == 2


async def test_waiting_ends_with_mail_or_with_time():
    box = mailbox()
    await box.wait(0)
    box.tell(Notice(1))
    await box.wait(3600)
