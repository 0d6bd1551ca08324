"""Money is locked, spent and freed to the last digit as the published contracts do it."""

import os

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from web3.logs import DISCARD

from filmedia.filecoin.piece import PieceCid
from tests.foc.acting import MAX, Payer, drawn, refused
from tests.foc.chain import CHAIN_ID

USDFC = 10**18
RESERVE, CREATE_FEE, ONE_PIECE_FEE = USDFC // 10, USDFC // 40, 8 * 10**14
MONTH = 86400


def _some_piece(size):
    """A name is enough where nothing is proven."""
    return PieceCid(bytes(31) + b"\x01", size)


def _rail(chain, data_set):
    rail = chain.contract("view").functions.getDataSet(data_set).call()[0]
    return chain.contract("pay").functions.getRail(rail).call()


@pytest.mark.parametrize(
    ("size", "rate"),
    [(127, 277777781119), (1 << 30, 306034794559), (100 << 30, 3103479456017)],
)
def test_the_rate_is_that_of_the_price_list(chain, provider, payer, size, rate):
    one = 127 << 23
    pieces = [_some_piece(one)] * (size // one) + [_some_piece(size % one or 127)]
    if size < one:
        pieces = [_some_piece(size)]
    number = drawn()
    data_set = provider.create(payer, number)
    for start in range(0, len(pieces), 40):
        some = pieces[start : start + 40]
        provider.add(data_set, some, payer.add_extra(number, drawn(), some))
    leaves = chain.contract("pdp").functions.getDataSetLeafCount(data_set).call()
    billed = chain.contract("view").functions.getDataSetSizeInBytes(leaves).call()
    assert size <= billed < size + 32 * len(pieces)
    expected = billed * 25 * 10**17 // (2**40 * MONTH) + 24 * 10**15 // MONTH
    assert _rail(chain, data_set)[5] == payer.account()[2] == expected
    # The examples count the bytes that are there, the chain counts whole leaves.
    assert 0 <= expected - rate <= 32 * len(pieces) * 27


def test_a_first_film_costs_what_the_examples_say(chain, provider, penniless):
    payer = penniless.funded(149800000288681600 + 10 * 277777781119)
    data_set = provider.create_and_add(payer, 1, [_some_piece(127)])
    funds, locked, rate, _ = payer.account()
    assert rate == 277777781119
    assert funds == 149800000288681600 + 10 * rate - CREATE_FEE - ONE_PIECE_FEE
    assert locked == 124000000288681600 - CREATE_FEE - ONE_PIECE_FEE
    fee = 129000000000000
    assert (
        chain.contract("pay")
        .functions.accounts(chain.contracts["usdfc"], chain.contracts["pay"])
        .call()[0]
        >= fee
    )
    assert _rail(chain, data_set)[7] == RESERVE - CREATE_FEE - ONE_PIECE_FEE


def test_the_reserve_is_filled_up_when_it_runs_low(chain, provider, payer):
    data_set, pieces = provider.create(payer, 2), [_some_piece(127)] * 40
    view, balances = chain.contract("view").functions, []
    for _ in range(6):
        provider.add(data_set, pieces, payer.add_extra(2, drawn(), pieces))
        balances.append(view.getDataSet(data_set).call()[11])
    fee = 125 * 10**14
    after_creation = RESERVE - CREATE_FEE
    assert balances == [*(after_creation - fee * n for n in range(1, 6)), RESERVE]


def test_what_is_paid_once_lowers_the_allowance_for_ever(chain, provider, payer):
    payer.approve(lockup=USDFC)
    provider.create_and_add(payer, 3, [_some_piece(127)])
    approval = (
        chain.contract("pay")
        .functions.operatorApprovals(
            chain.contracts["usdfc"], payer.address, chain.contracts["fwss"]
        )
        .call()
    )
    assert approval[2] == USDFC - CREATE_FEE - ONE_PIECE_FEE
    assert approval[3:5] == [277777781119, payer.account()[1]]


def test_creation_needs_funds_for_a_month_and_the_reserve(chain, provider, penniless):
    payer = penniless.funded(124 * 10**15 - 1)
    wanted = (payer.address, 124 * 10**15, 124 * 10**15 - 1)
    with refused(chain, "InsufficientLockupFunds", *wanted):
        provider.create(payer, 4)
    chain.mint(payer.address, USDFC)
    _deposit(chain, payer, 1)
    provider.create(payer, 4)


def _deposit(chain, payer, amount, to=None):
    token, pay = chain.contracts["usdfc"], chain.contracts["pay"]
    chain.send(chain.contract("usdfc").functions.approve(pay, amount), key=payer.key)
    call = chain.contract("pay").functions.deposit(token, to or payer.address, amount)
    chain.send(call, key=payer.key)


@pytest.mark.parametrize(
    ("limits", "error"),
    [
        ({"approved": False}, "OperatorNotApproved"),
        ({"rate": 277777777776}, "InsufficientRateAllowance"),
        ({"lockup": 124 * 10**15 - 1}, "InsufficientLockupAllowance"),
        ({"period": 86399}, "InsufficientMaxLockupPeriod"),
    ],
)
def test_creation_needs_approval_within_limits(chain, provider, payer, limits, error):
    payer.approve(**limits)
    with refused(chain, error):
        provider.create(payer, drawn())


@pytest.mark.parametrize(
    ("limits", "error"),
    [
        ({"rate": 277777781118}, "OperatorRateAllowanceExceeded"),
        ({"lockup": 124000000288681599}, "OperatorLockupAllowanceExceeded"),
    ],
)
def test_additions_stay_within_the_limits(chain, provider, payer, limits, error):
    payer.approve(**limits)
    with refused(chain, error):
        provider.create_and_add(payer, drawn(), [_some_piece(127)])


def test_additions_need_funds_for_a_month_of_the_new_rate(chain, provider, penniless):
    payer = penniless.funded(124 * 10**15)
    data_set = provider.create(payer, 5)
    piece = [_some_piece(1 << 30)]
    words = "invariant failure: insufficient funds to cover lockup after function execution"
    with refused(chain, "Error", words):
        provider.add(data_set, piece, payer.add_extra(5, drawn(), piece))


def test_an_account_in_deficit_can_do_nothing_but_be_filled_up(chain, provider, penniless):
    payer = penniless.funded(124000000288681600 + 20 * 277777781119)
    data_set = provider.create_and_add(payer, 6, [_some_piece(127)])
    chain.mine(30)
    pay, token = chain.contract("pay").functions, chain.contracts["usdfc"]
    until, _, available, _ = pay.getAccountInfoIfSettled(token, payer.address).call()
    assert (available, until < chain.block()) == (0, True)
    piece = [_some_piece(1000)]
    with refused(chain, "LockupNotSettledRateChangeNotAllowed"):
        provider.add(data_set, piece, payer.add_extra(6, drawn(), piece))
    with refused(chain, "Error"):
        chain.send(pay.withdraw(token, 1), key=payer.key)
    termination = chain.contract("fwss").functions.terminateService(
        data_set, payer.termination_extra(data_set)
    )
    with refused(chain, "LockupPeriodChangeNotAllowedDueToInsufficientFunds"):
        chain.send(termination, key=provider.key)
    chain.mint(payer.address, USDFC)
    _deposit(chain, payer, USDFC)
    provider.add(data_set, piece, payer.add_extra(6, drawn(), piece))


def test_only_what_is_not_locked_can_be_withdrawn(chain, provider, payer):
    provider.create_and_add(payer, 7, [_some_piece(127)])
    pay, token = chain.contract("pay").functions, chain.contracts["usdfc"]
    with refused(chain, "InsufficientUnlockedFunds", None, 10 * USDFC):
        chain.send(pay.withdraw(token, 10 * USDFC), key=payer.key)
    chain.send(pay.withdrawTo(token, provider.address, 9 * USDFC), key=payer.key)
    assert chain.contract("usdfc").functions.balanceOf(provider.address).call() >= 9 * USDFC


def test_a_permit_deposits_and_approves_in_one(chain, penniless):
    chain.mint(penniless.address, USDFC)
    deadline = chain.now() + 1000
    v, r, s = _permit(chain, penniless, USDFC, deadline)
    token, pay = chain.contracts["usdfc"], chain.contract("pay").functions
    arguments = (token, penniless.address, USDFC, deadline, v, r, s)
    call = pay.depositWithPermitAndApproveOperator(
        *arguments, chain.contracts["fwss"], MAX, MAX, MONTH
    )
    stranger = Payer(chain, Account.create().key.hex())
    chain.give_fil(stranger.address, USDFC)
    with refused(chain, "SignerMustBeMsgSender"):
        chain.send(call, key=stranger.key)
    chain.send(call, key=penniless.key)
    assert penniless.account()[0] == USDFC
    with refused(chain, "Error", "EIP2612: invalid signature"):
        chain.send(pay.depositWithPermit(*arguments), key=penniless.key)
    with refused(chain, "Error", "EIP2612: expired deadline"):
        chain.send(pay.depositWithPermit(*arguments[:3], 1, v, r, s), key=penniless.key)


def _permit(chain, payer, amount, deadline):
    usdfc = chain.contract("usdfc")
    domain = {
        "name": usdfc.functions.name().call(),
        "version": usdfc.functions.version().call(),
        "chainId": CHAIN_ID,
        "verifyingContract": usdfc.address,
    }
    words = ("owner address", "spender address", "value uint256", "nonce uint256")
    fields = [word.split() for word in (*words, "deadline uint256")]
    message = {
        "owner": payer.address,
        "spender": chain.contracts["pay"],
        "value": amount,
        "nonce": usdfc.functions.nonces(payer.address).call(),
        "deadline": deadline,
    }
    types = {"Permit": [{"name": name, "type": kind} for name, kind in fields]}
    signed = Account.sign_message(encode_typed_data(domain, types, message), payer.key)
    return signed.v, signed.r.to_bytes(32), signed.s.to_bytes(32)


def test_beam_locks_its_own_money_and_takes_more(chain, provider, payer):
    data_set = provider.create(payer, 8, {"withCDN": ""})
    info = chain.contract("view").functions.getDataSet(data_set).call()
    pay, fwss = chain.contract("pay").functions, chain.contract("fwss").functions
    fixed = [pay.getRail(rail).call()[6:8] for rail in info[:3]]
    assert fixed == [(MONTH, RESERVE), (14400, 3 * USDFC // 10), (14400, 7 * USDFC // 10)]
    chain.send(fwss.topUpCDNPaymentRails(data_set, 5, 6), key=payer.key)
    assert [pay.getRail(rail).call()[7] for rail in info[1:3]] == [
        3 * USDFC // 10 + 6,
        7 * USDFC // 10 + 5,
    ]
    with refused(chain, "CallerNotPayer"):
        chain.send(fwss.topUpCDNPaymentRails(data_set, 5, 6), key=provider.key)


def test_only_proven_periods_are_paid(chain, provider, payer):
    piece = provider.keep(os.urandom(1000))
    data_set = provider.create_and_add(payer, 9, [piece])
    view, pay = chain.contract("view").functions, chain.contract("pay").functions
    period = view.getPDPConfig().call()[0]
    chain.mine(provider.next_period(data_set) - chain.block())
    provider.prove(data_set)
    deadline = view.provingDeadline(data_set).call()
    chain.mine(deadline + 1 - chain.block())
    provider.next_period(data_set)
    chain.mine(deadline + period + 1 - chain.block())

    rail, before = view.getDataSet(data_set).call()[0], payer.account()[0]
    settled = chain.send(pay.settleRail(rail, chain.block()), key=provider.key)
    (event,) = chain.contract("pay").events.RailSettled().process_receipt(settled, errors=DISCARD)
    rate = payer.account()[2]
    paid = event["args"]["totalSettledAmount"]
    assert paid == rate * period == before - payer.account()[0]
    assert event["args"]["networkFee"] == -(-paid // 200)
    assert event["args"]["settledUpTo"] == deadline + period


def test_the_payer_ends_a_service_in_thirty_days(chain, provider, payer):
    data_set = provider.create_and_add(payer, 10, [_some_piece(127)])
    terminate = chain.contract("fwss").functions.terminateService(data_set)
    receipt = chain.send(terminate, key=payer.key)
    end = chain.contract("view").functions.getDataSet(data_set).call()[8]
    assert end == receipt["blockNumber"] + MONTH
    assert payer.account()[2] == 0
    with refused(chain, "DataSetPaymentAlreadyTerminated", data_set):
        chain.send(terminate, key=payer.key)
    piece = [_some_piece(127)]
    with refused(chain, "DataSetPaymentAlreadyTerminated", data_set):
        provider.add(data_set, piece, payer.add_extra(10, drawn(), piece))


def test_a_service_is_paid_to_its_end_and_then_deleted(chain, provider, payer):
    data_set = provider.create_and_add(payer, 13, [provider.keep(os.urandom(500))], {"withCDN": ""})
    info = chain.contract("view").functions.getDataSet(data_set).call()
    chain.send(chain.contract("fwss").functions.terminateService(data_set), key=provider.key)
    end = chain.contract("view").functions.getDataSet(data_set).call()[8]
    delete = chain.contract("pdp").functions.deleteDataSet(data_set, b"")
    with refused(chain, "PaymentRailsNotFinalized", data_set, end):
        chain.send(delete, key=provider.key)
    chain.skip(end + 1 - chain.block())
    with refused(chain, "DataSetPaymentBeyondEndEpoch", data_set, end, None):
        provider.next_period(data_set)
    for rail in info[:3]:
        settle = chain.contract("pay").functions.settleRail(rail, chain.block())
        chain.send(settle, key=provider.key)
    # Nothing was ever proven, so nothing but the fees of the beginning was paid.
    assert payer.account()[:3] == (10 * USDFC - CREATE_FEE - ONE_PIECE_FEE, 0, 0)
    chain.send(delete, key=provider.key)


def test_after_thirty_days_without_a_proof_anybody_may_delete(chain, provider, payer):
    data_set = provider.create(payer, 14)
    delete = chain.contract("pdp").functions.deleteDataSet(data_set, b"")
    with refused(chain, "OnlyStorageProviderCanDelete"):
        chain.send(delete, key=payer.key)
    chain.skip(MONTH + 1)
    chain.send(delete, key=payer.key)


def test_a_service_ends_at_once_with_consent_and_can_be_deleted(chain, provider, payer):
    data_set = provider.create_and_add(payer, 11, [_some_piece(127)])
    extra = payer.termination_extra(data_set)
    fwss, pay = chain.contract("fwss").functions, chain.contract("pay").functions
    with refused(chain, "CallerNotServiceProvider"):
        chain.send(fwss.terminateService(data_set, extra), key=payer.key)
    receipt = chain.send(fwss.terminateService(data_set, extra), key=provider.key)
    info = chain.contract("view").functions.getDataSet(data_set).call()
    assert info[8] == receipt["blockNumber"]
    delete = chain.contract("pdp").functions.deleteDataSet(data_set, b"")
    chain.mine()
    with refused(chain, "RailNotFullySettled"):
        chain.send(delete, key=provider.key)
    chain.send(pay.settleRail(info[0], info[8]), key=provider.key)
    with refused(chain, "RailInactiveOrSettled", info[0]):
        pay.getRail(info[0]).call()
    assert payer.account()[1:3] == (0, 0)
    chain.send(delete, key=provider.key)
    assert not chain.contract("pdp").functions.dataSetLive(data_set).call()
    assert chain.contract("view").functions.clientDataSets(payer.address).call() == []


def test_rails_are_listed_by_payer(chain, provider, payer):
    provider.create(payer, 12, {"withCDN": ""})
    pay, token = chain.contract("pay").functions, chain.contracts["usdfc"]
    rails, following, total = pay.getRailsForPayerAndToken(payer.address, token, 0, 2).call()
    assert (len(rails), following, total) == (2, 2, 3)
    assert all(ended is False for _, ended, _ in rails)


def test_a_provider_goes_on_proving_for_an_account_in_deficit(chain, provider, penniless):
    payer = penniless.funded(124000000288681600 + 10 * 277777781119)
    data_set = provider.create_and_add(payer, 15, [provider.keep(os.urandom(127))])
    chain.mine(provider.next_period(data_set) - chain.block())
    provider.prove(data_set)
    deadline = chain.contract("view").functions.provingDeadline(data_set).call()
    chain.mine(deadline + 1 - chain.block())
    pay, token = chain.contract("pay").functions, chain.contracts["usdfc"]
    assert pay.getAccountInfoIfSettled(token, payer.address).call()[2] == 0
    chain.mine(provider.next_period(data_set) - chain.block())
    provider.prove(data_set)
