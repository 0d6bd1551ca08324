from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from library.models import Event, Slot, Step, Video
from library.storing import steps
from library.storing.errors import Interrupted, LeaseLost, StagedBytesMissing, StepError
from library.storing.lease import Lease
from tests.making import received_video, taken
from tests.running import polling

pytestmark = pytest.mark.django_db


@pytest.fixture
def step(alice):
    """The check of a film that has just arrived."""
    return received_video(alice).steps.get()


def leave(lease):
    """As a worker that was killed leaves its step, once its time has run out."""
    Step.objects.filter(pk=lease.step.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    return Step.objects.get(pk=lease.step.pk)


def test_a_step_is_put_down_once_a_film(step):
    assert steps.enqueue(step.video, Step.Kind.CHECK) == step
    assert Step.objects.count() == 1


def test_a_step_goes_to_the_slot_it_needs(step):
    assert steps.claim(Slot.TRANSFER, "a") is None
    assert steps.claim(Slot.DECODE, "a").step == step


def test_a_running_step_is_nobody_elses(step):
    assert steps.claim(Slot.DECODE, "a") is not None
    assert steps.claim(Slot.DECODE, "b") is None


def test_a_step_seen_before_another_worker_took_it_cannot_be_taken(step):
    stale = Step.objects.get()
    taken(step)
    assert steps.take(stale, "b") is None


@pytest.mark.django_db(transaction=True)
def test_many_workers_never_take_the_same_step(alice):
    for _ in range(12):
        received_video(alice)

    def work(name):
        try:
            mine = []
            while lease := steps.claim(Slot.DECODE, name):
                mine.append(lease.step.pk)
            return mine
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        found = [pk for mine in pool.map(work, "abcdef") for pk in mine]
    assert sorted(found) == sorted(Step.objects.values_list("pk", flat=True))


def test_a_step_that_its_worker_left_is_taken_again_and_it_counts_no_attempt(step):
    leave(taken(step))
    lease = steps.claim(Slot.DECODE, "b")
    assert (lease.number, lease.step.worker, lease.step.attempts) == (2, "b", 0)


def test_a_step_that_took_its_worker_with_it_waits_behind_the_others(step, alice):
    other = received_video(alice).steps.get()
    assert steps.claim(Slot.DECODE, "a").step == step
    leave(steps.claim(Slot.DECODE, "b"))
    leave(taken(leave(Lease(step, 1)), "a"))
    assert steps.claim(Slot.DECODE, "c").step == other


def test_a_step_that_takes_its_worker_with_it_for_ever_is_given_up(step):
    Step.objects.update(deaths=steps.MOST_DEATHS - 1)
    leave(steps.claim(Slot.DECODE, "a"))
    assert steps.claim(Slot.DECODE, "b") is None
    step.refresh_from_db()
    assert step.state == Step.State.FAILED
    assert Event.objects.filter(type="step.failed").count() == 1


def test_a_step_that_only_waits_is_never_given_up_for_how_often_it_was_taken(step):
    Step.objects.update(lease=10 * steps.MOST_DEATHS)
    lease = steps.claim(Slot.DECODE, "a")
    assert lease is not None and lease.step.deaths == 0


class TestAWorkerThatSleptWhileAnotherTookOver:
    @pytest.fixture
    def sleeper(self, step):
        lease = taken(step, "sleeper")
        taken(leave(lease), "awake")
        return lease

    def test_writes_nothing(self, sleeper):
        with pytest.raises(LeaseLost), sleeper.commit():
            Video.objects.update(title="too late")
        assert not Video.objects.filter(title="too late").exists()

    def test_finishes_nothing(self, sleeper):
        with pytest.raises(LeaseLost), sleeper.finish():
            Video.objects.update(title="too late")
        assert Step.objects.get().state == Step.State.RUNNING
        assert not Video.objects.filter(title="too late").exists()

    def test_puts_nothing_off(self, sleeper):
        with pytest.raises(LeaseLost):
            steps.put_off(sleeper, StepError("It failed."))
        with pytest.raises(LeaseLost):
            sleeper.hand_back()
        assert Step.objects.get().worker == "awake"
        assert not Event.objects.filter(type__startswith="step.").exists()

    def test_learns_of_it_between_portions_of_work(self, sleeper):
        with pytest.raises(LeaseLost):
            sleeper.write(done_bytes=5)
        with pytest.raises(LeaseLost):
            sleeper.go_on()


@pytest.mark.django_db(transaction=True)
def test_a_lease_is_renewed_for_as_long_as_the_work_lasts(step, settings):
    settings.STEP_LEASE_SECONDS = 1
    lease = taken(step)
    first = Step.objects.get().lease_until
    with lease.renewed():
        for _ in polling(5):
            if Step.objects.get().lease_until > first + timedelta(seconds=0.5):
                break
    assert Step.objects.get().lease_until > first + timedelta(seconds=0.5)


def test_a_step_that_is_handed_back_is_due_at_once(step):
    lease = taken(step)
    lease._stopping.set()
    with pytest.raises(Interrupted):
        lease.report(1)
    lease.hand_back()
    assert steps.claim(Slot.DECODE, "b").step.attempts == 0


def test_what_fails_is_tried_again_later(step):
    pause = steps.put_off(taken(step), StepError("The disk is away."))
    step.refresh_from_db()
    assert (step.state, step.attempts, step.error) == ("waiting", 1, "The disk is away.")
    assert step.next_try_at > timezone.now() + timedelta(seconds=pause - 1)
    assert steps.claim(Slot.DECODE, "b") is None
    event = Event.objects.get(type="step.retrying")
    assert event.data["kind"] == "check"
    assert event.data["attempts"] == 1
    assert event.data["next_try_at"].endswith("Z")


def test_what_fails_too_often_is_given_up(step):
    Step.objects.update(attempts=StepError.tries - 1)
    step.refresh_from_db()
    assert steps.put_off(taken(step), StepError("The disk is away.")) is None
    step.refresh_from_db()
    assert step.state == Step.State.FAILED
    assert Event.objects.get(type="step.failed").data["error"] == "The disk is away."


def test_what_cannot_get_better_is_given_up_at_once(step):
    assert steps.put_off(taken(step), StagedBytesMissing(0)) is None
    assert Step.objects.get().state == Step.State.FAILED


def test_a_step_that_was_given_up_can_be_started_afresh(step):
    assert not steps.again(step)
    steps.put_off(taken(step), StagedBytesMissing(0))
    assert steps.again(step)
    # The numbers of leases never go back: an old worker may still hold one.
    assert steps.claim(Slot.DECODE, "b").number == 2


def test_pauses_grow_up_to_a_bound():
    pauses = [steps.pause_after(attempts) for attempts in range(1, 40)]
    assert pauses[0] <= 2.5
    assert all(1.5 <= pause <= 750 for pause in pauses)
    assert min(pauses[-10:]) >= 450
