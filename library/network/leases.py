"""The right to act for a data set: one worker at a time sends for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from library.models import DataSet


@contextmanager
def of(data_set: DataSet) -> Iterator[bool]:
    """
    Whether it is ours while the block runs. Losing it does no harm: what is done under it
    is decided by conditional updates, and by the contract's nonces in the end.
    """
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    taken = DataSet.objects.filter(free, pk=data_set.pk, lease=data_set.lease).update(
        lease=F("lease") + 1, lease_until=now + timedelta(seconds=settings.STEP_LEASE_SECONDS)
    )
    try:
        yield bool(taken)
    finally:
        if taken:
            mine = DataSet.objects.filter(pk=data_set.pk, lease=data_set.lease + 1)
            mine.update(lease_until=None)
