"""The chain takes a transaction back: what was in it is on its way again, and happens once."""

from __future__ import annotations

from collections import Counter

import pytest

from library.models import Addition, DataSet, Video

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.xdist_group("network"),
]


def test_an_addition_that_a_reorganisation_drops_is_sent_again_with_its_nonce(stage):
    chain = stage.net.chain
    video = stage.film()
    # Up to the moment before anything is sent to the chain.
    for provider in stage.net.providers:
        provider.faults(add_never_submitted=True)
    stage.work_until(lambda: Addition.objects.filter(state="sent").count() == 2)
    before = chain.request("evm_snapshot")
    for provider in stage.net.providers:
        provider.well()
    stage.work_until(lambda: Addition.objects.filter(state__in=["landed", "settled"]).exists())
    nonces = set(Addition.objects.values_list("nonce", flat=True))
    assert chain.request("evm_revert", before)

    stage.work_until(lambda: Addition.objects.filter(state="drawn").exists() or _again(nonces))
    stage.work(video)
    assert set(Addition.objects.values_list("nonce", flat=True)) == nonces
    added = Counter(stage.added())
    assert len(added) == 6 and set(added.values()) == {1}
    assert DataSet.objects.filter(state="live", number__isnull=False).count() == 2
    stage.work_until(lambda: not Video.objects.get(pk=video.pk).staging)


def _again(nonces):
    return Addition.objects.filter(nonce__in=nonces, state="sent").exists()
