"""Writing down what a look at a film has found, so that the library mends it or says At risk."""

from __future__ import annotations

from django.db import transaction

from library.models import Step
from library.network import copies, reading_back
from library.rereading.films import Report
from library.storing import steps


def note(report: Report) -> None:
    """
    Have wrong copies replaced: those on this machine by the film's own step, which puts it
    At risk where nothing can be done; those of providers by new ones.
    """
    video = report.video
    for held in report.wrong:
        if not held.is_local:
            fault = next(str(f) for f in report.faults if f.piece == held.piece.index)
            with transaction.atomic():
                reading_back.lose(held.copy, video, fault)
    # Its step also makes the block roots anew, where they are what is wrong; and it tells
    # whether what could not be read here is lost.
    if not report.is_right and (video.is_local or not copies.has_roots(video)):
        steps.renew(video, Step.Kind.VERIFY)
