"""Rights that ended are heard of, whatever becomes visible when and whatever clocks say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from library import revoking
from library.models import Revocation
from tests.streaming.doors.test_grants import asking, film, looked, watching

__all__ = ["asking", "film", "watching"]

pytestmark = pytest.mark.django_db


def test_what_becomes_visible_late_is_not_missed(asking, watching, client):
    """A row whose transaction took half a minute, as a reader finds it."""
    looked(asking)
    client.post("/logout/")
    late = list(Revocation.objects.all())
    Revocation.objects.all().delete()
    revoking.user(4711)
    looked(asking)
    for row in late:
        row.at -= timedelta(seconds=30)
        row.save(force_insert=True)
    looked(asking)
    assert watching() == 403


@pytest.mark.parametrize("hours", [-30, -1, 1, 30])
@pytest.mark.parametrize("whose", ["who reads", "who writes", "the database"])
def test_it_is_heard_of_whatever_the_clocks_of_the_machines_say(
    asking, watching, client, monkeypatch, hours, whose
):
    now = timezone.now
    off = timedelta(hours=hours)
    with monkeypatch.context() as machine:
        if whose == "who reads":
            machine.setattr(timezone, "now", lambda: now() + off)
        looked(asking)
    with monkeypatch.context() as machine:
        if whose == "who writes":
            machine.setattr(timezone, "now", lambda: now() + off)
        revoking.session(client.session.session_key)
    if whose == "the database":
        Revocation.objects.update(at=now() + off)
    with monkeypatch.context() as machine:
        if whose == "who reads":
            machine.setattr(timezone, "now", lambda: now() + off)
        looked(asking)
    assert watching() == 403


def test_rows_that_no_address_is_left_for_are_swept_away():
    revoking.user(1)
    revoking.user(2)
    Revocation.objects.filter(key="1").update(at=timezone.now() - timedelta(hours=26))
    Revocation.objects.outlived().delete()
    assert [row.key for row in Revocation.objects.all()] == ["2"]
