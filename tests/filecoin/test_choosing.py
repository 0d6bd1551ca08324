"""Which provider gets a copy."""

import asyncio
from dataclasses import replace

import pytest

from filmedia.filecoin.errors import ProviderBusy, ProviderUnfit, ProviderUnreachable
from filmedia.filecoin.provider.choosing import (
    Candidate,
    NoEndorsedProvider,
    choose,
    objection,
    ranked,
)

SIZES = {"smallest": 1000, "largest": 2000}


def candidate(id, **facts):
    usual = Candidate(
        provider_id=id,
        name=f"sp{id}",
        service_url=f"https://sp{id}.example.org",
        service_provider="0x" + "ab" * 20,
        payee="0x" + "ab" * 20,
        approved=True,
        endorsed=True,
        active=True,
        min_piece_size=127,
        max_piece_size=10**9,
    )
    return replace(usual, **facts)


class Pinging:
    def __init__(self, *dead):
        self.dead, self.asked = dead, []

    async def __call__(self, one):
        self.asked.append(one.provider_id)
        if one.provider_id in self.dead:
            raise ProviderUnreachable(one.name, "it does not answer")


def ids(found):
    return [one.provider_id for one in found]


def test_our_data_sets_come_first_then_fuller_ones_then_lower_numbers():
    candidates = [
        candidate(5),
        candidate(4, data_set_id=9),
        candidate(3, data_set_id=8, pieces=2),
        candidate(2),
        candidate(1, data_set_id=7),
        candidate(6, data_set_id=6, pieces=1),
    ]
    assert ids(ranked(candidates, **SIZES, first=False)) == [3, 6, 1, 4, 2, 5]


@pytest.mark.parametrize(
    ("facts", "first", "why"),
    [
        ({}, True, ""),
        ({"endorsed": False}, False, ""),
        ({"endorsed": False}, True, "endorsed"),
        ({"approved": False}, False, "not approved"),
        ({"approved": False}, True, "not approved"),
        ({"active": False}, False, "not active"),
        ({"service_url": ""}, False, "not active"),
        ({"min_piece_size": 1000}, False, ""),
        ({"min_piece_size": 1001}, False, "under 1001 bytes"),
        ({"max_piece_size": 2000}, False, ""),
        ({"max_piece_size": 1999}, False, "over 1999 bytes"),
    ],
)
def test_whoever_is_left_out_is_told_why(facts, first, why):
    one = candidate(1, **facts)
    said = objection(one, **SIZES, first=first)
    assert why in said
    assert bool(why) == bool(said)
    assert ids(ranked([one], **SIZES, first=first)) == ([] if why else [1])


def test_those_left_out_and_those_that_have_it_are_not_asked_again():
    candidates = [candidate(1), candidate(2), candidate(3)]
    assert ids(ranked(candidates, **SIZES, first=True, exclude={1}, taken={3})) == [2]
    assert objection(candidates[0], **SIZES, first=True, exclude={1})
    assert objection(candidates[2], **SIZES, first=True, taken={3})


@pytest.mark.anyio
async def test_the_first_is_endorsed_and_further_ones_need_not_be():
    candidates = [candidate(1, endorsed=False, data_set_id=1, pieces=3), candidate(2), candidate(3)]
    assert ids(await choose(candidates, 2, **SIZES, first=True, ping=Pinging())) == [2, 1]
    assert ids(await choose(candidates, 2, **SIZES, first=False, ping=Pinging())) == [1, 2]


@pytest.mark.anyio
async def test_endorsed_ones_are_asked_together_and_taken_in_their_order():
    everybody = asyncio.Event()
    asked = []

    async def ping(one):
        asked.append(one.provider_id)
        if len(asked) == 3:
            everybody.set()
        await everybody.wait()
        if one.provider_id == 1:
            raise ProviderUnreachable(one.name, "it does not answer")

    candidates = [candidate(3), candidate(1), candidate(2)]
    assert ids(await choose(candidates, 1, **SIZES, first=True, ping=ping)) == [2]
    assert asked == [1, 2, 3]


@pytest.mark.anyio
async def test_without_an_endorsed_one_that_is_well_it_is_an_error_with_each_reason():
    candidates = [candidate(1), candidate(2), candidate(3, endorsed=False)]
    with pytest.raises(NoEndorsedProvider) as caught:
        await choose(candidates, 2, **SIZES, first=True, ping=Pinging(1, 2))
    assert "sp1 cannot be reached: it does not answer; sp2 cannot be reached" in str(caught.value)
    assert set(caught.value.reasons) == {1, 2}
    assert caught.value.retryable
    assert isinstance(caught.value, ProviderUnfit)


@pytest.mark.anyio
async def test_without_one_for_these_sizes_the_reasons_are_told_and_time_does_not_help():
    candidates = [candidate(2, min_piece_size=5000), candidate(3, endorsed=False)]
    with pytest.raises(NoEndorsedProvider) as caught:
        await choose(candidates, 2, **SIZES, first=True, ping=Pinging())
    assert "sp2: it takes no piece under 5000 bytes" in str(caught.value)
    assert not caught.value.retryable
    with pytest.raises(NoEndorsedProvider, match="no provider is endorsed"):
        await choose([], 1, **SIZES, first=True, ping=Pinging())


@pytest.mark.anyio
async def test_fewer_further_ones_than_wanted_are_no_error():
    candidates = [candidate(1), candidate(2), candidate(3)]
    found = await choose(candidates, 3, **SIZES, first=True, ping=Pinging(2, 3))
    assert ids(found) == [1]
    assert await choose(candidates, 3, **SIZES, first=False, ping=Pinging(1, 2, 3)) == []
    assert await choose(candidates, 0, **SIZES, first=True, ping=Pinging()) == []


@pytest.mark.anyio
async def test_where_many_are_dead_those_behind_them_are_found():
    candidates = [candidate(id) for id in range(1, 31)]
    found = await choose(candidates, 2, **SIZES, first=False, ping=Pinging(*range(1, 20)))
    assert ids(found) == [20, 21]


@pytest.mark.anyio
async def test_one_that_is_busy_is_not_well():
    async def ping(one):
        if one.provider_id == 1:
            raise ProviderBusy(one.name, 503, "alerts")

    found = await choose([candidate(1), candidate(2)], 1, **SIZES, first=True, ping=ping)
    assert ids(found) == [2]
