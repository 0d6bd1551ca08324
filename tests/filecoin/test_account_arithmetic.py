"""An account over time, and what may be bound of it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filmedia.filecoin.money.account import UNLIMITED, Account, Approval, alert, days, forecast
from filmedia.filecoin.money.prices import DAY, MONTH

USDFC = 10**18
EPOCH = 1_000_000
RATE = 10**9
HUGE = 2**255


def account(*, free=0, rate=RATE, other=0, settled=EPOCH):
    """With the month of its rate that the contract binds, and what `other` things bind."""
    lockup = rate * MONTH + other
    return Account(lockup + free, lockup, rate, settled)


@pytest.mark.parametrize(
    ("found", "epoch", "available", "debt", "runway", "coverage"),
    [
        pytest.param(
            account(free=RATE * 10), EPOCH, RATE * 10, 0, 10, 10 + MONTH, id="just settled"
        ),
        pytest.param(
            account(free=RATE * 10), EPOCH + 4, RATE * 6, 0, 6, 6 + MONTH, id="some epochs later"
        ),
        pytest.param(
            account(free=RATE * 10), EPOCH + 10, 0, 0, 0, MONTH, id="the last epoch that is paid"
        ),
        pytest.param(
            account(free=RATE * 10), EPOCH + 11, 0, RATE, 0, MONTH - 1, id="one epoch in debt"
        ),
        pytest.param(
            account(free=RATE + 7), EPOCH + 2, 7, RATE - 7, 0, MONTH - 1, id="dust stays free"
        ),
        pytest.param(
            account(free=0), EPOCH + 2 * MONTH, 0, 2 * MONTH * RATE, 0, 0, id="long gone"
        ),
        pytest.param(
            account(free=USDFC, rate=0), EPOCH + 10**9, USDFC, 0, None, None, id="nothing is paid"
        ),
        pytest.param(Account(0, 0, 0, 0), EPOCH, 0, 0, None, None, id="never used"),
    ],
)  # fmt: skip
def test_an_account_at_an_epoch(found, epoch, available, debt, runway, coverage):
    assert found.available(epoch) == available
    assert found.debt(epoch) == debt
    assert found.runway(epoch) == runway
    assert found.coverage(epoch) == coverage


def test_what_is_bound_for_beam_prepays_no_storage():
    """One USDFC for Beam would be years of this rate."""
    found = account(free=RATE * 10 * DAY, other=USDFC)
    assert found.funds // found.lockup_rate > 1000 * DAY
    assert found.coverage(EPOCH) == 40 * DAY


def test_what_is_prepaid_is_never_more_than_there_is():
    """Where less than a month is bound, as of a payment that has ended."""
    assert Account(RATE * 5, 0, RATE, EPOCH).coverage(EPOCH) == 5


accounts = st.builds(
    account,
    free=st.integers(0, 10**18),
    rate=st.integers(0, 10**13),
    other=st.integers(0, 10**18),
)


@given(accounts, st.integers(0, 10**7), st.integers(0, 10**7))
def test_time_only_takes(found, soon, later):
    first, then = EPOCH + soon, EPOCH + soon + later
    assert found.available(then) <= found.available(first)
    assert found.debt(then) >= found.debt(first)
    for left in (found.runway, found.coverage):
        before, after = left(first), left(then)
        assert (before is None) == (after is None)
        if before is not None:
            # A span ends when it ends, whenever it is asked for; 0 where that is past.
            assert after == max(before - later, 0)


@given(accounts, st.integers(0, 10**6), st.integers(0, 10**18))
def test_a_deposit_pays_the_debt_first(found, passed, amount):
    epoch = EPOCH + passed
    topped = found.deposited(amount)
    assert topped.debt(epoch) == max(found.debt(epoch) - amount, 0)
    if not topped.debt(epoch):
        free = found.funds - found.lockup_current - found.lockup_rate * passed
        assert topped.available(epoch) == free + amount


@given(accounts, st.integers(0, 10**6), st.integers(0, 10**15), st.integers(0, 10**12))
def test_what_is_bound_is_free_no_longer(found, passed, lockup, rate):
    epoch = EPOCH + passed
    enough = found.deposited(found.debt(epoch) + lockup)
    bound = enough.bound(epoch, lockup=lockup, fees=0, rate=rate)
    assert bound.available(epoch) == enough.available(epoch) - lockup
    assert bound.lockup_rate == found.lockup_rate + rate


@pytest.mark.parametrize(
    ("approval", "names"),
    [
        pytest.param(Approval(False, HUGE, HUGE, 0, 0, MONTH), ["not approved"], id="none"),
        pytest.param(Approval(True, 14, 100, 5, 0, MONTH), ["rate allowance"], id="rate"),
        pytest.param(Approval(True, 10, 104, 0, 5, MONTH), ["lockup allowance"], id="lockup"),
        pytest.param(Approval(True, 10, 100, 0, 0, MONTH - 1), ["lockup period"], id="period"),
        pytest.param(
            Approval(True, 0, 0, 0, 0, 0),
            ["rate allowance", "lockup allowance", "lockup period"],
            id="all three",
        ),
        pytest.param(Approval(True, 15, 105, 5, 5, MONTH), [], id="just enough"),
    ],
)
def test_all_that_is_wrong_with_an_approval_is_found(approval, names):
    found = approval.findings(rate=10, lockup=100)
    assert [finding.name for finding in found] == names
    assert all(finding.sentence.endswith(".") for finding in found)
    assert approval.problem(rate=10, lockup=100) == (found[0].help if found else "")


def test_a_finding_says_how_much_is_allowed_and_needed():
    approval = Approval(True, USDFC // MONTH, USDFC, 0, USDFC // 2, MONTH)
    sentences = [
        finding.sentence for finding in approval.findings(rate=2 * USDFC // MONTH, lockup=USDFC)
    ]
    assert sentences[0].startswith("The storage service may spend 0.99 USDFC a month, and 2.0")
    assert sentences[1] == (
        "The storage service may lock 1.00 USDFC, and 1.50 USDFC are needed; raise its limit."
    )


@pytest.mark.parametrize(
    ("approval", "unlimited"),
    [
        pytest.param(Approval(True, UNLIMITED, UNLIMITED, 0, 0, MONTH), True, id="fresh"),
        pytest.param(Approval(True, UNLIMITED, UNLIMITED // 2, 0, 0, MONTH), True, id="used"),
        pytest.param(Approval(True, UNLIMITED, HUGE - 2, 0, 0, MONTH), False, id="used up"),
        pytest.param(Approval(True, UNLIMITED - 1, UNLIMITED, 0, 0, MONTH), False, id="a limit"),
        pytest.param(Approval(True, UNLIMITED, UNLIMITED, 0, 0, MONTH - 1), False, id="too short"),
        pytest.param(Approval(False, UNLIMITED, UNLIMITED, 0, 0, MONTH), False, id="withdrawn"),
    ],
)  # fmt: skip
def test_when_an_approval_is_once_and_for_all(approval, unlimited):
    assert approval.is_unlimited is unlimited


@given(st.integers(0, 100 * DAY))
def test_a_warning_is_of_the_smallest_mark_that_is_reached(runway):
    mark = alert(runway)
    if mark is None:
        assert runway > 30 * DAY
    else:
        assert runway <= mark * DAY
        assert mark == 0 or all(runway > less * DAY for less in (3, 7, 14) if less < mark)


def test_days_are_whole_ones_that_are_there():
    assert (days(None), days(DAY - 1), days(DAY), days(0)) == (None, 0, 1, 0)


@given(accounts, st.integers(0, 10**6), st.integers(0, 10**12))
def test_a_forecast_only_falls_and_by_what_is_paid(found, passed, extra):
    balances = forecast(found, EPOCH + passed, 180, extra=extra)
    assert len(balances) == 181
    a_day = (found.lockup_rate + extra) * DAY
    for before, after in pairwise(balances):
        assert after == max(before - a_day, 0)
