"""What one look at the tables finds, and that nothing is looked at for nobody."""

import asyncio

import pytest
from django.utils import timezone

from library.events import record
from library.live.changes import OVERLAP, Changes
from library.live.mailbox import Mailbox
from library.live.reader import Reader
from library.models import Event, Step, Upload
from library.uploads import receiving
from tests.making import received_video, stored_video, taken


@pytest.mark.django_db
class TestALook:
    def test_without_changes_finds_none(self, alice):
        received_video(alice)
        looking = Changes()
        looking.look()
        notice = looking.look()
        assert notice.newest == Event.objects.newest()
        assert not notice.uploads
        assert not notice.videos

    def test_finds_an_event_with_its_film_and_its_upload(self, alice):
        film = stored_video(alice)
        looking = Changes()
        looking.look()
        event = record("video.changed", video=film)
        notice = looking.look()
        assert (notice.newest, notice.videos) == (event.seq, {film.pk})

    def test_finds_an_upload_that_moved_once(self, alice):
        upload = receiving.begin(alice, length=100)
        looking = Changes()
        looking.look()
        Upload.objects.filter(pk=upload.pk).update(offset=7, updated_at=timezone.now())
        assert looking.look().uploads == {upload.pk: alice.pk}
        assert not looking.look().uploads

    def test_finds_what_another_clock_or_a_long_commit_dates_back(self, alice):
        upload = receiving.begin(alice, length=100)
        looking = Changes()
        looking.look()
        earlier = timezone.now() - OVERLAP / 2
        Upload.objects.filter(pk=upload.pk).update(offset=7, updated_at=earlier)
        assert looking.look().uploads == {upload.pk: alice.pk}

    def test_finds_a_step_that_moved(self, alice):
        film = received_video(alice)
        looking = Changes()
        looking.look()
        lease = taken(film.steps.get())
        assert looking.look().videos == {film.pk}
        lease.write(done_bytes=3)
        assert looking.look().videos == {film.pk}
        assert not looking.look().videos

    def test_costs_three_queries_however_much_there_is(
        self, alice, django_assert_num_queries, django_assert_max_num_queries
    ):
        for _ in range(3):
            received_video(alice)
        assert Step.objects.count() == 3
        looking = Changes()
        with django_assert_max_num_queries(4):
            looking.look()
        with django_assert_num_queries(3):
            looking.look()


@pytest.mark.anyio
@pytest.mark.django_db(transaction=True)
async def test_the_reader_looks_only_while_somebody_listens():
    reader = Reader()
    before = asyncio.all_tasks()
    with reader.filling(Mailbox()), reader.filling(Mailbox()):
        [looking] = asyncio.all_tasks() - before
    with pytest.raises(asyncio.CancelledError):
        await looking
    with reader.filling(Mailbox()):
        assert asyncio.all_tasks() - before
