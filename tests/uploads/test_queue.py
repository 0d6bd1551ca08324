"""The order of a person's uploads, and pauses that every device hears of."""

import io

import pytest

from library.errors import NotFound, UploadGone
from library.models import Event, Upload
from library.progress import describe_upload
from library.uploads import log, queue, receiving

pytestmark = pytest.mark.django_db(transaction=True)


def three(owner):
    return [receiving.begin(owner, length=10, title=name) for name in ("a", "b", "c")]


def titles(owner):
    return list(
        Upload.objects.filter(owner=owner).order_by("place").values_list("title", flat=True)
    )


def test_films_queue_in_the_order_in_which_they_were_begun(alice):
    three(alice)
    assert titles(alice) == ["a", "b", "c"]


def test_some_are_put_first_and_the_others_keep_their_order(alice, mallory):
    _, _, c = three(alice)
    theirs = receiving.begin(mallory, length=10)
    assert queue.order(alice, [c.pk])[0] == c.pk
    assert titles(alice) == ["c", "a", "b"]
    theirs.refresh_from_db()
    assert theirs.place == 1
    event = Event.objects.order_by("seq").last()
    assert (event.type, event.data["ids"][0]) == ("upload.ordered", c.pk)


def test_an_upload_that_is_over_meanwhile_is_passed_over(alice):
    a, b, c = three(alice)
    receiving.receive(a, io.BytesIO(b"0123456789"), offset=0)
    assert queue.order(alice, [c.pk, a.pk, b.pk]) == [c.pk, b.pk]


def test_nobody_orders_what_is_not_theirs(alice, mallory):
    a, _, _ = three(alice)
    for ids in ([a.pk], ["upl_nowhere"]):
        with pytest.raises(NotFound):
            queue.order(mallory, ids)


def test_a_pause_is_kept_and_told_and_undone(alice):
    upload = receiving.begin(alice, length=10)
    queue.pause(upload)
    queue.pause(upload)
    seen = describe_upload(Upload.objects.for_progress().get(pk=upload.pk))
    assert seen["paused_at"] is not None
    queue.resume(upload)
    upload.refresh_from_db()
    assert upload.paused_at is None
    told = Event.objects.filter(upload=upload).order_by("seq").values_list("type", flat=True)
    assert list(told) == ["upload.begun", "upload.paused", "upload.resumed"]


def test_what_is_over_is_not_paused(alice):
    upload = receiving.receive(
        receiving.begin(alice, length=10), io.BytesIO(b"0123456789"), offset=0
    )
    with pytest.raises(UploadGone):
        queue.pause(upload)


def test_the_log_tells_what_happened_stage_by_stage(alice, mallory):
    upload = receiving.begin(alice, length=10)
    queue.pause(upload)
    receiving.receive(upload, io.BytesIO(b"0123456789"), offset=0)
    entries = log.of(upload, alice)
    assert [entry["words"] for entry in entries] == [
        "Begun.",
        "Paused.",
        "Received: every byte is here.",
    ]
    assert {entry["stage"] for entry in entries} == {"receive"}
    # A stranger who was let in by mistake would still learn nothing.
    assert log.of(upload, mallory) == []
