"""
What a person may decide about the steps of a film: to have them again, skip or cancel them.

A step whose absence does harm is never left out, and every "no" says why. Who works on a
step that is left out loses its lease, so nothing is written after that.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from library import events
from library.errors import WrongState
from library.models import Copy, Step, Video
from library.storing import steps

Kind, State = Step.Kind, Step.State

# Pictures help to find a film and a place in it; it can be watched without them.
PICTURES = (Kind.POSTER, Kind.STORYBOARD)


def check_again(video: Video) -> bool:
    """
    Look once more what a film is made of, and take its poster. False when that is under way.
    What was accepted once is never refused by it. Raises WrongState.
    """
    _refuse_in_trash(video)
    return steps.renew(video, Kind.CHECK)


def make_again(video: Video, kind: Step.Kind) -> bool:
    """Make a film's poster or storyboard once more. False when that is under way."""
    _refuse_in_trash(video)
    if not video.is_film:
        raise WrongState(_("This is not known to be a film, so no picture can be taken of it."))
    if kind not in steps.SLOTS:
        raise WrongState(_("This library does not make them."))
    return steps.renew(video, kind)


def verify_again(video: Video) -> bool:
    """
    Read every copy of a film back and compare, whenever that was done last. False when it is
    under way. Raises WrongState.
    """
    _refuse_in_trash(video)
    if video.state == Video.State.RECEIVED:
        raise WrongState(_("This film is still being stored; it is read back right after that."))
    with transaction.atomic():
        if not steps.renew(video, Kind.VERIFY):
            return False
        # On a network only what was not read back yet is read.
        committed = Copy.objects.filter(
            piece__video=video, holder__isnull=False, state=Copy.State.COMMITTED
        )
        committed.update(verified_at=None)
    return True


def why_not_again(step: Step) -> str:
    """Why it cannot be tried again, as a sentence; no words where it can."""
    if step.state in {State.FAILED, State.SKIPPED}:
        return ""
    if step.state == State.WAITING:
        return "" if step.next_try_at > timezone.now() else _("It is about to be done anyway.")
    if step.state == State.RUNNING:
        return _("It is being done at this moment.")
    return _("It is done.")


def why_not_skip(step: Step) -> str:
    """Why a step cannot be left out, as a sentence; no words where it can."""
    if step.kind == Kind.CHECK:
        return _("Nothing is stored before it is known to be a film.")
    if step.kind == Kind.STORE:
        return _("Without it there would be no copy of the film.")
    if step.kind == Kind.ENCRYPT:
        return _("It can be cancelled instead: the film then stays stored as it is.")
    if step.state not in {State.WAITING, State.FAILED}:
        return _over(step)
    if step.kind == Kind.VERIFY and not _was_read_back(step.video):
        return _("Only what was read back counts as stored, and lets go of the bytes received.")
    return ""


def why_not_cancel(step: Step) -> str:
    """Why a step cannot be called off, as a sentence; no words where it can."""
    if step.kind not in {Kind.ENCRYPT, *PICTURES}:
        return _("The film needs it. To be rid of the film, move it to the trash.")
    if step.state not in {State.WAITING, State.RUNNING, State.FAILED}:
        return _over(step)
    if step.kind == Kind.ENCRYPT and step.video.is_encrypted:
        return _("The film has its new bytes already; what is left of this has to be finished.")
    return ""


def skip(step: Step) -> None:
    """Leave a step out that waits or was given up. Raises WrongState."""
    with transaction.atomic():
        mine = _held(step)
        if problem := why_not_skip(mine):
            raise WrongState(problem)
        _leave_out(mine)
        events.record("step.skipped", video=mine.video, kind=mine.kind)


def cancel(step: Step) -> None:
    """Call a step off, also one that is running: its worker loses it. Raises WrongState."""
    with transaction.atomic():
        mine = _held(step)
        if problem := why_not_cancel(mine):
            raise WrongState(problem)
        _leave_out(mine)
        events.record("step.cancelled", video=mine.video, kind=mine.kind)


def _held(step: Step) -> Step:
    """The step as it is now, and stays until the transaction ends; and its film as of then."""
    held = Step.objects.select_for_update().filter(pk=step.pk).first()
    if held is None:
        raise WrongState(_("The film of this step is gone."))
    return held


def _leave_out(step: Step) -> None:
    # The lease's number goes up, so that whoever has it can write no more.
    Step.objects.filter(pk=step.pk).update(
        state=State.SKIPPED,
        lease=F("lease") + 1,
        lease_until=None,
        worker="",
        error="",
        updated_at=timezone.now(),
        finished_at=timezone.now(),
    )


def _was_read_back(video: Video) -> bool:
    return not video.staging and video.state not in {Video.State.RECEIVED, Video.State.AT_RISK}


def _over(step: Step) -> str:
    if step.state == State.RUNNING:
        return _("It is being done at this moment.")
    return _("It was left out already.") if step.state == State.SKIPPED else _("It is done.")


def _refuse_in_trash(video: Video) -> None:
    if video.trashed_at is not None:
        raise WrongState(_("This film is in the trash. Restore it first."))
