"""
The chain takes a transaction back. No EVM of one's own does that to a single one, so here the
node's answers say it: the nonce is unused once more, and then it is not.
"""

from __future__ import annotations

from collections import Counter

import pytest

from filmedia.filecoin.chain.service import Service
from library.models import Addition, Copy, DataSet, Video

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.xdist_group("network"),
]


@pytest.fixture
def forgetful(monkeypatch):
    """While it is on, no nonce was ever used and there is no data set, for all the node says."""
    nonces, data_sets, switch = Service.nonces, Service.data_sets, {"on": False}

    async def no_nonces(self, payer, asked):
        return [0] * len(asked) if switch["on"] else await nonces(self, payer, asked)

    async def no_data_sets(self, owner):
        return [] if switch["on"] else await data_sets(self, owner)

    monkeypatch.setattr(Service, "nonces", no_nonces)
    monkeypatch.setattr(Service, "data_sets", no_data_sets)
    return switch


def test_what_a_reorganisation_drops_is_sent_again_with_its_nonce_and_happens_once(
    stage, forgetful
):
    video = stage.film()
    stage.work_until(lambda: Addition.objects.filter(state__in=["landed", "settled"]).exists())
    nonces = set(Addition.objects.values_list("nonce", flat=True))
    forgetful["on"] = True

    def taken_back():
        return not Addition.objects.filter(state__in=["landed", "settled"]).exists()

    stage.work_until(taken_back)
    assert not Copy.objects.filter(piece__video=video, state="committed").exists()
    assert not DataSet.objects.filter(state="live").exists()
    forgetful["on"] = False
    stage.work(video)
    assert nonces <= set(Addition.objects.values_list("nonce", flat=True))
    assert Addition.objects.count() == 2
    added = Counter(stage.added())
    assert len(added) == 6 and set(added.values()) == {1}
    stage.work_until(lambda: not Video.objects.get(pk=video.pk).staging)
