"""The price list, what bytes cost by it, and that what is asked for is enough."""

from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filmedia.filecoin import tree
from filmedia.filecoin.money.account import UNLIMITED, Account, Approval
from filmedia.filecoin.money.deposit import Item, needed, plan
from filmedia.filecoin.money.prices import MONTH, PriceList, size_of_leaves, size_on_chain

USDFC = 10**18
GIB = 2**30
EPOCH = 1_000_000
# As version 1.3.1 of the service tells it.
TOLD = {
    "token": "0x80B98d3aa09ffff255c3ba4A241111Ff1262F045",
    "rates": {
        "storagePerTibPerMonth": 25 * USDFC // 10,
        "datasetFeePerMonth": 24 * USDFC // 1000,
        "cdnEgressPerTib": 7 * USDFC,
        "cacheMissEgressPerTib": 7 * USDFC,
    },
    "fees": {
        "createDataSetFee": 25 * USDFC // 1000,
        "addPiecesBaseFee": 5 * USDFC // 10_000,
        "addPiecesPerPieceFee": 3 * USDFC // 10_000,
        "schedulePieceRemovalsFee": 2 * USDFC // 1000,
        "terminateFee": 112 * USDFC // 100_000,
    },
    "lockups": {
        "lifecycleReserveTarget": USDFC // 10,
        "replenishThreshold": 5 * USDFC // 1000,
        "defaultLockupPeriod": 86400,
        "cdnLockupAmount": 7 * USDFC // 10,
        "cacheMissLockupAmount": 3 * USDFC // 10,
        "cdnLockupPeriod": 14400,
    },
}
PRICES = PriceList.from_abi(TOLD)
UNLIMITED_APPROVAL = Approval(True, UNLIMITED, UNLIMITED, 0, 0, MONTH)
NOTHING = Account(0, 0, 0, 0)


def test_every_item_of_the_list_is_read_into_its_own_place():
    """A list of numbers that are all different, so that no two can be mistaken."""
    numbers = iter(range(100))
    told = {
        part: {name: next(numbers) for name in TOLD[part]} for part in ("rates", "fees", "lockups")
    }
    assert list(asdict(PriceList.from_abi(told)).values()) == list(range(15))


@pytest.mark.parametrize(
    ("pieces", "fee"),
    [
        pytest.param(1, 8, id="one"),
        pytest.param(40, 125, id="as many as one transaction takes"),
        pytest.param(41, 133, id="two transactions"),
        pytest.param(0, 0, id="none"),
    ],
)
def test_the_fee_of_adding_pieces(pieces, fee):
    assert PRICES.add_fee(pieces) == fee * USDFC // 10_000


def test_a_miss_of_beam_costs_both_fees():
    assert PRICES.egress(2**40, hit=True) == 7 * USDFC
    assert PRICES.egress(2**40, hit=False) == 14 * USDFC


@pytest.mark.parametrize("size", [127, 128, 1016, 1017, 127 * 2**13, GIB, 10**9 + 7])
def test_leaves_are_those_of_the_tree_without_its_padding(size):
    height = tree.height_of(size)
    padding = tree.capacity(height) - size
    leaves = (1 << height) - padding * 128 // 127 // 32
    assert size_on_chain(size) == size_of_leaves(leaves)


@given(st.integers(1, 2**45), st.integers(0, 2**45))
def test_more_bytes_never_cost_less(size, more):
    assert PRICES.rate_per_epoch(size) <= PRICES.rate_per_epoch(size + more)
    assert PRICES.rate_per_month(size) <= PRICES.rate_per_month(size + more)
    new = [Item(each, 1, new_data_set=True) for each in (size, size + more)]
    less, greater = (needed(PRICES, NOTHING, EPOCH, item) for item in new)
    assert less.deposit <= greater.deposit


@given(st.integers(1, 2**45))
def test_a_month_of_the_rate_is_the_rate_of_a_month(size):
    """But for the two floors, each of which loses less than one a month's epochs."""
    lost = PRICES.rate_per_month(size) - PRICES.rate_per_epoch(size) * MONTH
    assert 0 <= lost < 2 * MONTH


items = st.lists(
    st.one_of(
        st.builds(
            Item, st.integers(127, 2**42), st.integers(1, 500),
            new_data_set=st.just(True), beam=st.booleans(),
        ),
        st.builds(Item, st.integers(127, 2**42), st.integers(1, 500), old=st.integers(0, 2**42)),
    ),
    min_size=1,
    max_size=4,
)  # fmt: skip
accounts = st.builds(
    lambda free, locked, rate, age: Account(free + locked, locked, rate, EPOCH - age),
    free=st.integers(0, 10**20),
    locked=st.integers(0, 10**19),
    rate=st.integers(0, 10**13),
    age=st.integers(0, 10**5),
)
months = st.integers(0, 24).map(MONTH.__mul__)


@given(accounts, items, months)
def test_what_a_plan_asks_for_is_enough(account, items, extra_runway):
    asked = plan(PRICES, account, UNLIMITED_APPROVAL, EPOCH, items, extra_runway=extra_runway)
    topped = account.deposited(asked.deposit)
    after = plan(PRICES, topped, UNLIMITED_APPROVAL, EPOCH, items, extra_runway=extra_runway)
    assert asked.deposit >= 0
    assert after.deposit == 0
    assert after.is_ready
    # It covers what the contract binds and takes, and every debt before that.
    assert topped.debt(EPOCH) == 0
    assert topped.available(EPOCH) >= asked.lockup + asked.fees
    assert after.runway_after is not None
    assert after.runway_after >= extra_runway


@given(accounts, items)
def test_one_item_needs_what_a_plan_of_it_says(account, items):
    [item] = items[:1]
    one, whole = (
        needed(PRICES, account, EPOCH, item),
        plan(PRICES, account, UNLIMITED_APPROVAL, EPOCH, [item]),
    )
    assert (one.rate, one.lockup, one.fees, one.deposit) == (
        whole.rate, whole.lockup, whole.fees, whole.deposit,
    )  # fmt: skip


def test_the_second_copy_is_reckoned_after_the_first():
    item = Item(GIB, 1, new_data_set=True)
    one = needed(PRICES, NOTHING, EPOCH, item)
    two = plan(PRICES, NOTHING, UNLIMITED_APPROVAL, EPOCH, [item, item])
    # From the second on the account is charged while the chain is asked.
    assert two.deposit == 2 * one.deposit + 5 * 2 * one.rate
    assert two.rate == 2 * one.rate
    assert two.runway_before is None


def test_without_approval_nothing_is_ready_however_much_there_is():
    rich = Account(10**30, 0, 0, EPOCH)
    refused = replace(UNLIMITED_APPROVAL, approved=False)
    found = plan(PRICES, rich, refused, EPOCH, [Item(GIB, 1, new_data_set=True)])
    assert found.deposit == 0
    assert not found.is_ready
