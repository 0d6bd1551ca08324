"""What storing costs, to the last digit of the published examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filmedia.filecoin.money.account import UNLIMITED, Account, Approval, alert, forecast
from filmedia.filecoin.money.deposit import Item, cost, needed, plan
from filmedia.filecoin.money.prices import DAY, MONTH, PriceList, size_on_chain

USDFC = 10**18
GIB = 2**30
# As of version 1.3.1 of the service.
PRICES = PriceList(
    storage_per_tib_per_month=25 * USDFC // 10,
    dataset_fee_per_month=24 * USDFC // 1000,
    cdn_egress_per_tib=7 * USDFC,
    cache_miss_egress_per_tib=7 * USDFC,
    create_data_set_fee=25 * USDFC // 1000,
    add_pieces_base_fee=5 * USDFC // 10_000,
    add_pieces_per_piece_fee=3 * USDFC // 10_000,
    schedule_piece_removals_fee=2 * USDFC // 1000,
    terminate_fee=112 * USDFC // 100_000,
    lifecycle_reserve_target=USDFC // 10,
    replenish_threshold=5 * USDFC // 1000,
    default_lockup_period=86400,
    cdn_lockup_amount=7 * USDFC // 10,
    cache_miss_lockup_amount=3 * USDFC // 10,
    cdn_lockup_period=14400,
)
NOTHING = Account(0, 0, 0, 0)
EPOCH = 1_000_000
UNLIMITED_APPROVAL = Approval(True, UNLIMITED, UNLIMITED, 0, 0, MONTH)


class Given(Account):
    """With just these figures at EPOCH, whether a real account comes to them or not."""

    def __init__(self, rate, available, runway, debt):
        super().__init__(available, 0, rate, EPOCH)
        object.__setattr__(self, "told", (available, runway, debt))

    def available(self, epoch):
        return self.told[0]

    def runway(self, epoch):
        return self.told[1]

    def debt(self, epoch):
        return self.told[2]


@pytest.mark.parametrize(
    ("item", "before", "rate", "lockup", "fees", "deposit"),
    [
        pytest.param(
            Item(127, 1, new_data_set=True), NOTHING,
            277777781119, 124000000288681600, 25800000000000000, 149800000288681600,
            id="the smallest piece",
        ),
        pytest.param(
            Item(GIB, 1, new_data_set=True), NOTHING,
            306034794559, 126441406249897600, 25800000000000000, 152241406249897600,
            id="1 GiB",
        ),
        pytest.param(
            Item(GIB, 40, new_data_set=True, beam=True), NOTHING,
            306034794559, 1126441406249897600, 37500000000000000, 1163941406249897600,
            id="1 GiB through Beam",
        ),
        pytest.param(
            Item(100 * GIB, 100, new_data_set=True, beam=True), NOTHING,
            3103479456017, 1368140624999868800, 56500000000000000, 1424640624999868800,
            id="100 GiB through Beam, in three transactions",
        ),
        pytest.param(
            Item(2**40, 1000, new_data_set=True), NOTHING,
            29212962962962, 2623999999999916800, 337500000000000000, 2961499999999916800,
            id="1 TiB",
        ),
        pytest.param(
            Item(100 * GIB, 100, old=50 * GIB), Given(1690538194444, 0, 0, 1000),
            None, 244140625000022400, 31500000000000000, 275663206199386825,
            id="more, in an account with a debt",
        ),
        pytest.param(
            Item(GIB, 1, old=100 * GIB), Given(3103298611111, USDFC, 322236, 0),
            None, 2441406250051200, 800000000000000, 0,
            id="more, in an account with enough",
        ),
    ],
)  # fmt: skip
def test_the_published_examples(item, before, rate, lockup, fees, deposit):
    found = needed(PRICES, before, EPOCH, item)
    assert (found.lockup, found.fees, found.deposit) == (lockup, fees, deposit)
    assert cost(PRICES, item) == (found.rate, lockup, fees)
    if rate is not None:
        assert found.rate == rate


def test_the_rate_after_is_that_of_the_whole_data_set():
    assert PRICES.rate_per_epoch(150 * GIB) == 4516330295138
    assert PRICES.rate_per_epoch(101 * GIB) == 3131736472800
    assert PRICES.rate_per_epoch(0) == PRICES.rate_per_month(0) == 0


def test_a_plan_of_one_item_is_what_it_needs():
    item = Item(GIB, 3, new_data_set=True)
    one, whole = (
        needed(PRICES, NOTHING, EPOCH, item),
        plan(PRICES, NOTHING, UNLIMITED_APPROVAL, EPOCH, [item]),
    )
    assert (whole.lockup, whole.fees, whole.deposit) == (one.lockup, one.fees, one.deposit)
    assert not whole.is_ready
    assert whole.per_month == PRICES.rate_per_month(GIB)


items = st.lists(
    st.builds(
        Item,
        size=st.integers(127, 2**42),
        pieces=st.integers(1, 500),
        old=st.integers(0, 2**42),
        new_data_set=st.booleans(),
        beam=st.booleans(),
    ),
    min_size=1,
    max_size=4,
)
accounts = st.builds(
    lambda free, locked, rate, age: Account(free + locked, locked, rate, EPOCH - age),
    free=st.integers(0, 10**20),
    locked=st.integers(0, 10**19),
    rate=st.integers(0, 10**13),
    age=st.integers(0, 10**5),
)


@given(accounts, items)
def test_what_a_plan_asks_for_makes_it_ready(account, items):
    first = plan(PRICES, account, UNLIMITED_APPROVAL, EPOCH, items)
    assert first.deposit >= 0
    topped = account.deposited(first.deposit)
    assert topped.available(EPOCH) + account.debt(EPOCH) >= 0
    after = plan(PRICES, topped, UNLIMITED_APPROVAL, EPOCH, items)
    assert after.deposit <= first.deposit


@given(accounts, st.integers(0, 10**6))
def test_an_account_never_has_less_than_nothing(account, later):
    epoch = EPOCH + later
    assert account.available(epoch) >= 0
    assert account.debt(epoch) >= 0
    # What is left of an epoch that cannot be paid in full stays.
    assert not account.debt(epoch) or account.available(epoch) < account.lockup_rate
    runway, coverage = account.runway(epoch), account.coverage(epoch)
    if runway is not None and coverage is not None:
        assert 0 <= runway <= max(coverage, runway)


@given(st.integers(1, 2**50))
def test_the_chain_counts_up_to_31_bytes_more(size):
    assert 0 <= size_on_chain(size) - size <= 31


@pytest.mark.parametrize(
    ("approval", "problem"),
    [
        pytest.param(Approval(False, 0, 0, 0, 0, 0), "approve", id="none"),
        pytest.param(Approval(True, 9, 100, 0, 0, MONTH), "raise limit", id="rate"),
        pytest.param(Approval(True, 10, 99, 0, 0, MONTH), "raise limit", id="lockup"),
        pytest.param(Approval(True, 10, 100, 0, 0, MONTH - 1), "raise limit", id="period"),
        pytest.param(Approval(True, 10, 100, 0, 1, MONTH), "raise limit", id="used already"),
        pytest.param(Approval(True, 10, 100, 0, 0, MONTH), "", id="just enough"),
    ],
)
def test_what_is_wrong_with_an_approval(approval, problem):
    assert approval.problem(rate=10, lockup=100) == problem


@pytest.mark.parametrize(
    ("runway", "mark"),
    [
        pytest.param(None, None, id="nothing is paid"),
        pytest.param(0, 0, id="deficit"),
        pytest.param(1, 3, id="the last epoch"),
        pytest.param(3 * DAY, 3, id="three days"),
        pytest.param(3 * DAY + 1, 7, id="just over three"),
        pytest.param(14 * DAY, 14, id="fourteen"),
        pytest.param(30 * DAY, 30, id="thirty"),
        pytest.param(30 * DAY + 1, None, id="enough"),
    ],
)
def test_when_people_are_warned(runway, mark):
    assert alert(runway) == mark


def test_runway_and_coverage_are_different_things():
    # 30 days are bound as a reserve, 10 days are free.
    rate = 1000
    found = Account(rate * 40 * DAY, rate * 30 * DAY, rate, EPOCH)
    assert found.runway(EPOCH) == 10 * DAY
    assert found.coverage(EPOCH) == 40 * DAY
    assert found.runway(EPOCH + 11 * DAY) == 0
    assert found.debt(EPOCH + 11 * DAY) == rate * DAY
    assert forecast(found, EPOCH, 50)[0] == rate * 40 * DAY
    assert forecast(found, EPOCH, 50)[40] == 0
