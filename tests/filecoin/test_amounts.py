import pytest
from hypothesis import given
from hypothesis import strategies as st

from filmedia.filecoin.errors import InvalidAddress, InvalidAmount
from filmedia.filecoin.money import amounts
from filmedia.filecoin.money.addresses import checked_address

OWNER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("3.2", 32 * 10**17),
        ("0.000000000000000001", 1),
        (".5", 5 * 10**17),
        ("100", 100 * 10**18),
        (" 12.5 USDFC ", 125 * 10**17),
        ("007", 7 * 10**18),
    ],
)
def test_an_amount_is_read(text, amount):
    assert amounts.parse(text) == amount


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "no number", id="empty"),
        pytest.param("0.0000000000000000001", "19 decimals, and at most 18", id="decimals"),
        pytest.param("-1", "less than nothing", id="negative"),
        pytest.param("1,5", "without separators", id="comma"),
        pytest.param("1_000", "without separators", id="underscore"),
        pytest.param("1e3", "no decimal number", id="exponent"),
        pytest.param("nan", "no decimal number", id="nan"),
        pytest.param("1.", "no decimal number", id="no decimals"),
        pytest.param("٣", "no decimal number", id="other digits"),
        pytest.param("9" * 5000, "not that much", id="huge"),
        pytest.param(str(2**256), "not that much", id="more than exists"),
    ],
)
def test_what_is_no_amount_is_refused_with_the_reason(text, why):
    with pytest.raises(InvalidAmount, match=why):
        amounts.parse(text)


@given(st.integers(0, 2**200))
def test_exact_amounts_are_read_back(amount):
    assert amounts.parse(amounts.exact(amount)) == amount


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (0, "0.00 USDFC"),
        (32 * 10**17, "3.20 USDFC"),
        (3199999999999999999, "3.20 USDFC"),
        (3 * 10**14, "0.00030 USDFC"),
        (1, "0.000000000000000001 USDFC"),
        (12345 * 10**18, "12,345.00 USDFC"),
        (-5 * 10**17, "-0.50 USDFC"),
    ],
)
def test_an_amount_as_people_read_it(amount, shown):
    assert amounts.shown(amount) == shown


@given(st.integers(1, 10**24))
def test_what_has_to_be_paid_is_never_shown_too_small(amount):
    assert amounts.parse(amounts.shown(amount).replace(",", "")) >= amount


@pytest.mark.parametrize("text", [OWNER, OWNER.lower(), "0x" + OWNER[2:].upper(), f" {OWNER} "])
def test_an_address_is_read_in_every_honest_spelling(text):
    assert checked_address(text) == OWNER


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(OWNER[:-1] + "9", "mistyped", id="last digit"),
        pytest.param(OWNER.replace("C5", "c5"), "mistyped", id="a capital letter"),
        pytest.param(OWNER[:-1], "40 hexadecimal", id="short"),
        pytest.param("f410fabc", "0x form", id="native"),
        pytest.param("", "40 hexadecimal", id="empty"),
    ],
)
def test_a_mistyped_address_is_refused(text, why):
    with pytest.raises(InvalidAddress, match=why):
        checked_address(text)


def test_zeros_before_an_amount_do_not_matter_however_many():
    assert amounts.parse("0" * 5000 + "1") == 10**18
    assert amounts.parse("0" * 5000) == 0


@given(st.integers(0, 10**24))
def test_what_somebody_has_is_never_shown_too_large(amount):
    shown = amounts.parse(amounts.shown(amount, up=False).replace(",", ""))
    assert shown <= amount
    assert bool(shown) == bool(amount)


def test_nothing_has_no_sign():
    assert amounts.rounded(-1) == "0.00"
    assert amounts.rounded(-1, up=True) == "-0.01"
