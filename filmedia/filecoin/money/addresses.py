"""Addresses of accounts, as people paste them."""

from __future__ import annotations

import re

from ..errors import InvalidAddress

_ADDRESS = re.compile(r"0x([0-9a-fA-F]{40})")


def checked_address(text: str) -> str:
    """
    The address in its checksummed spelling. Raises InvalidAddress for one whose capital
    letters are not those of its checksum: one of its letters is mistyped.
    """
    given = text.strip()
    match = _ADDRESS.fullmatch(given)
    if match is None:
        if re.fullmatch(r"[ft][0-9][a-z0-9]+", given):
            raise InvalidAddress(text, "give it in its 0x form")
        raise InvalidAddress(text, "it is not 0x and 40 hexadecimal digits")
    digits = match[1]
    summed = checksummed(digits.lower())
    if digits not in {digits.lower(), digits.upper()} and given != summed:
        raise InvalidAddress(text, "its checksum is wrong, so a letter of it is mistyped")
    return summed


def checksummed(digits: str) -> str:
    """40 lower-case digits as EIP-55 spells them."""
    from ..chain.abi import keccak

    hashed = keccak(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if int(mark, 16) >= 8 else digit
        for digit, mark in zip(digits, hashed, strict=False)
    )
