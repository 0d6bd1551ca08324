"""Amounts of USDFC as people write them. Whole numbers of 1e-18 inside; never floats."""

from __future__ import annotations

import re

from ..errors import InvalidAmount

DECIMALS = 18
ONE = 10**DECIMALS
MOST = 2**256 - 1

_WRITTEN = re.compile(r"(\d+)(?:\.(\d+))?|\.(\d+)", re.ASCII)


def parse(text: str) -> int:
    """ "3.2" as 3200000000000000000. Raises InvalidAmount, which says what is wrong."""
    given = text.strip().removesuffix("USDFC").strip()
    if not given:
        raise InvalidAmount(text, "there is no number")
    if given.startswith("-"):
        raise InvalidAmount(text, "it is less than nothing")
    if "," in given or "_" in given or "'" in given:
        raise InvalidAmount(text, "write it without separators, with a point before decimals")
    match = _WRITTEN.fullmatch(given)
    if match is None:
        raise InvalidAmount(text, "it is no decimal number")
    whole, decimals = (match[1] or "").lstrip("0") or "0", match[2] or match[3] or ""
    if len(decimals) > DECIMALS:
        raise InvalidAmount(text, f"it has {len(decimals)} decimals, and at most 18 exist")
    # Longer than any amount, and Python minds converting very long ones.
    if len(whole) > 60:
        raise InvalidAmount(text, "there is not that much of it")
    amount = int(whole) * ONE + int(decimals.ljust(DECIMALS, "0") or "0")
    if amount > MOST:
        raise InvalidAmount(text, "there is not that much of it")
    return amount


def exact(amount: int) -> str:
    """All decimals that are there, and no others: "3.2"."""
    sign, amount = ("-", -amount) if amount < 0 else ("", amount)
    whole, rest = divmod(amount, ONE)
    decimals = f"{rest:018d}".rstrip("0")
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"


def rounded(amount: int, places: int = 2, *, up: bool = False) -> str:
    """To so many decimals, towards zero; with `up` away from it, for what has to be paid."""
    sign, amount = ("-", -amount) if amount < 0 else ("", amount)
    unit = 10 ** (DECIMALS - places)
    units = -(-amount // unit) if up else amount // unit
    sign = sign if units else ""
    whole, rest = divmod(units, 10**places)
    shown = f"{whole:,}" if whole >= 10_000 else str(whole)
    return f"{sign}{shown}.{rest:0{places}d}" if places else f"{sign}{shown}"


def shown(amount: int, *, up: bool = True) -> str:
    """
    For people: "3.20 USDFC"; a small one with as many decimals as tell it from nothing. Up is
    for what has to be paid; what somebody has is shown with `up=False`.
    """
    places = 2
    size = abs(amount)
    while 0 < size < ONE // 10 and size < 10 ** (DECIMALS - places + 1) and places < DECIMALS:
        places += 1
    return f"{rounded(amount, places, up=up)} USDFC"
