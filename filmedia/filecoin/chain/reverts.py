"""
Why a contract refused, in a sentence that somebody can act on.

A revert comes as bytes, from a node that gives its data, or as text, from older nodes and
from providers who pass on what they saw. `help` says what kind of thing would let the same
be done: nothing here is ever right to simply try again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from ..errors import Reverted
from ..money import amounts
from .abi import Parameter
from .abi import decode as decoded
from .revert_errors import DECLARED

DEPOSIT, APPROVE, RAISE_LIMIT = "deposit", "approve", "raise limit"
RENEW_KEY, LOOK_UP = "renew key", "look up"
OTHER_PROVIDER, NEW_DATA_SET = "choose another provider", "new data set"
OUR_FAULT, PROVIDERS_FAULT, NOTHING = "our fault", "provider's fault", "nothing to do"

_ERROR, _PANIC = "08c379a0", "4e487b71"
# Longer than any message that is not made to keep us busy.
_LONGEST = 20_000
_HEX = re.compile(r"(?:vm error|revert reason)=\[(0x[0-9a-fA-F]*)\]")
# Perhaps cut off by who passed it on.
_LATE_HEX = re.compile(r"\b0x([0-9a-fA-F]{8,})")
_BROKE_OFF = re.compile(
    r"(?:vm error|revert reason)=\[(Panic\((?:0x[0-9a-fA-F]+)?\)|(?!Error)[A-Z]\w+\(\))\]"
)
_TEXT = re.compile(r"""(?:vm error=\[Error\(|revert reason=\[Error\()(.*?)\)\]""", re.S)
_REVERTED = re.compile(r"execution reverted(?:: ?)(?!custom error)(.+)", re.S)


class Refused(Reverted):
    """A reason that is known, with the kind of `help` that it needs."""

    help = ""


class NotEnoughFunds(Refused):
    help = DEPOSIT


class NotApproved(Refused):
    help = APPROVE


class LimitTooLow(Refused):
    help = RAISE_LIMIT


class KeyRefused(Refused):
    help = RENEW_KEY


class AlreadyProcessed(Refused):
    """A nonce was used before: what was asked for has happened already. Look it up."""

    help = LOOK_UP


class ProviderGone(Refused):
    help = OTHER_PROVIDER


class DataSetEnded(Refused):
    help = NEW_DATA_SET


class MadeWrong(Refused):
    help = OUR_FAULT


class ProviderMadeWrong(Refused):
    help = PROVIDERS_FAULT


class NothingToDo(Refused):
    help = NOTHING


def _shown(amount: Any, *, up: bool = True) -> str:
    return amounts.shown(int(amount), up=up)


def _missing(required: str, available: str) -> Callable[[Mapping[str, Any]], str]:
    def sentence(facts: Mapping[str, Any]) -> str:
        if required not in facts:
            return "Deposit USDFC first: what there is does not cover this."
        lacking = max(int(facts[required]) - int(facts[available]), 1)
        return f"Deposit at least {_shown(lacking)} first."

    return sentence


def _always(sentence: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda facts: sentence


_IN_DEFICIT = _always(
    "The account is in deficit: its money does not cover what is stored already. "
    "Deposit USDFC, then it goes on."
)
_TOO_LOW = _always("The spending limit of the storage service is too low; raise it.")
_ENDED = _always("This data set has ended; a new one is made for what is added.")
_SILENT = "The contract refused this, and did not say why."
_OURS = _always("filmedia asked for something that the storage service never takes.")

_KNOWN: dict[str, tuple[type[Refused], Callable[[Mapping[str, Any]], str]]] = {
    "InsufficientLockupFunds": (NotEnoughFunds, _missing("required", "available")),
    "InsufficientFundsForOneTimePayment": (NotEnoughFunds, _missing("required", "actual")),
    "LockupFixedIncreaseNotAllowedDueToInsufficientFunds": (NotEnoughFunds, _IN_DEFICIT),
    "LockupNotSettledRateChangeNotAllowed": (NotEnoughFunds, _IN_DEFICIT),
    "LockupPeriodChangeNotAllowedDueToInsufficientFunds": (NotEnoughFunds, _IN_DEFICIT),
    "LockupExceedsFundsInvariant": (NotEnoughFunds, _IN_DEFICIT),
    "OperatorNotApproved": (
        NotApproved,
        _always("Approve the storage service to use your deposit."),
    ),
    "InsufficientRateAllowance": (LimitTooLow, _TOO_LOW),
    "InsufficientLockupAllowance": (LimitTooLow, _TOO_LOW),
    "OperatorRateAllowanceExceeded": (LimitTooLow, _TOO_LOW),
    "OperatorLockupAllowanceExceeded": (LimitTooLow, _TOO_LOW),
    "InsufficientMaxLockupPeriod": (LimitTooLow, _always("Allow a lock-up of at least 30 days.")),
    "LockupPeriodExceedsOperatorMaximum": (
        LimitTooLow,
        _always("Allow a lock-up of at least 30 days."),
    ),
    "InvalidSignature": (
        KeyRefused,
        _always(
            "The signature was not accepted: the session key has expired, was revoked or never "
            "allowed to do this, or it is for another network. Renew access."
        ),
    ),
    "ClientDataSetAlreadyRegistered": (
        AlreadyProcessed,
        _always("This request was processed already; it is looked up, and not made again."),
    ),
    "ProviderNotRegistered": (
        ProviderGone,
        _always("The provider has left the registry; another one is chosen."),
    ),
    "DataSetPaymentAlreadyTerminated": (DataSetEnded, _ENDED),
    "DataSetPaymentBeyondEndEpoch": (DataSetEnded, _ENDED),
    "DataSetNotLive": (DataSetEnded, _ENDED),
    "DataSetNotRegistered": (DataSetEnded, _ENDED),
    "TooManyMetadataKeys": (MadeWrong, _OURS),
    "MetadataKeyExceedsMaxLength": (MadeWrong, _OURS),
    "MetadataValueExceedsMaxLength": (MadeWrong, _OURS),
    "MetadataKeyAndValueLengthMismatch": (MadeWrong, _OURS),
    "DuplicateMetadataKey": (MadeWrong, _OURS),
    "MetadataArrayCountMismatch": (MadeWrong, _OURS),
    "ExtraDataTooLarge": (MadeWrong, _OURS),
    "ExtraDataRequired": (MadeWrong, _OURS),
    "InsufficientUnlockedFunds": (
        NothingToDo,
        lambda facts: f"Only {_shown(facts['available'], up=False)} can be withdrawn.",
    ),
    "SignerMustBeMsgSender": (
        MadeWrong,
        _always("Send this from the wallet that signed the permit."),
    ),
    "NoProgressInSettlement": (NothingToDo, _always("There is nothing to settle yet.")),
    "CannotSettleFutureEpochs": (NothingToDo, _always("There is nothing to settle yet.")),
    "RailInactiveOrSettled": (NothingToDo, _always("This payment is closed already.")),
    "CleanupDepositRequired": (
        ProviderMadeWrong,
        _always("The provider did not pay its own bond for a new data set."),
    ),
}
_SAID: list[tuple[str, type[Refused], str]] = [
    (
        "insufficient funds to cover lockup after function execution",
        NotEnoughFunds,
        "The deposit does not cover 30 days of what this would cost. Deposit USDFC first.",
    ),
    (
        "full account lockup was not met",
        NotEnoughFunds,
        "The account is in deficit: deposit USDFC first.",
    ),
    ("EIP2612: expired deadline", MadeWrong, "The permit has expired; sign a new one."),
    (
        "EIP2612: invalid signature",
        MadeWrong,
        "The permit is not valid any more, because another was used meanwhile; sign a new one.",
    ),
    (
        "ERC20: transfer amount exceeds balance",
        NotEnoughFunds,
        "There is not enough USDFC in the wallet.",
    ),
    (
        "ERC20: transfer amount exceeds allowance",
        NotApproved,
        "Let the payments contract take USDFC from the wallet first.",
    ),
    ("Cid must be CommPv2", MadeWrong, "The chain takes no such PieceCID."),
    (
        "Can only schedule removal of live pieces",
        NothingToDo,
        "The piece has left the data set already.",
    ),
    (
        "Piece ID already scheduled for removal",
        NothingToDo,
        "The piece is to leave the data set already.",
    ),
    ("Provider does not exist", ProviderGone, "There is no provider of this number."),
    ("Provider not found", ProviderGone, "There is no provider of this number."),
    ("Data set not live", DataSetEnded, "This data set has ended; a new one is made."),
]


def decode(data: bytes | str) -> Reverted:
    """What the data of a revert says. A sentence also where nobody knows the error."""
    raw = data if isinstance(data, bytes) else _bytes(data)
    if len(raw) < 4:
        return Reverted(_SILENT)
    selector, arguments = raw[:4].hex(), raw[4:]
    if selector == _ERROR:
        return said(_string(arguments))
    if selector == _PANIC:
        code = int.from_bytes(arguments[:32], "big")
        return Reverted(f"The contract broke off (panic 0x{code:02x}).", name="Panic", code=code)
    declared = _errors().get(selector)
    if declared is None:
        return Reverted(f"The contract refused this, with an error 0x{selector} nobody knows.")
    name, parameters = declared
    try:
        values = decoded([one.type for one in parameters], arguments)
    except ValueError:
        # Cut off on its way; the name says most.
        return _of(name, {})
    facts = {
        one.name: "0x" + value.hex() if isinstance(value, bytes) else value
        for one, value in zip(parameters, values, strict=True)
    }
    return _of(name, facts)


def said(text: str, name: str = "", **facts: object) -> Reverted:
    """Of a revert that is a text, or has one in it."""
    text = _printable(text)
    for part, kind, sentence in _SAID:
        if part.lower() in text.lower():
            return kind(sentence, name, text, **facts)
    told = f"The contract refused this: {text[:300]}" if text.strip() else _SILENT
    return Reverted(told, name, text, **facts)


def find_in_text(text: str) -> Reverted | None:
    """The revert that a node or a provider tells of in words, if it does."""
    text = text[:_LONGEST]
    for match in _HEX.finditer(text):
        if len(match[1]) >= 10:
            return decode(match[1])
    if broke := _BROKE_OFF.search(text):
        return _of_nodes_word(broke[1])
    if told := _TEXT.search(text):
        return said(told[1].strip().strip("'\""))
    for match in _LATE_HEX.finditer(text):
        if match[1][:8].lower() in {*_errors(), _ERROR, _PANIC}:
            return decode(match[1])
    if reason := _REVERTED.search(text):
        return said(reason[1].strip()[:300])
    known = next((name for name in _KNOWN if f"{name}(" in text), None)
    return _of(known, {}) if known else None


def _of_nodes_word(word: str) -> Reverted:
    """Older nodes write what broke off as "ArithmeticOverflow()", errors without arguments too."""
    name = word.partition("(")[0]
    if any(name == declared for declared, _ in _errors().values()):
        return _of(name, {})
    return Reverted(f"The contract broke off ({word}).", name="Panic", said=word)


def _of(name: str, facts: Mapping[str, Any]) -> Reverted:
    if name == "IndexedError":
        # The verifier's way of saying which of several pieces it refuses.
        return said(str(facts.get("msg", "")), name, **facts)
    if name not in _KNOWN:
        told = _printable(", ".join(f"{key} {value}" for key, value in facts.items()))
        shown = f"{name} ({told})" if told else name
        return Reverted(f"The contract refused this: {shown[:500]}.", name=name, **facts)
    kind, sentence = _KNOWN[name]
    try:
        words = sentence(facts)
    except KeyError:
        words = f"The contract refused this: {name}."
    return kind(words, name=name, **facts)


def _printable(text: str) -> str:
    """It is shown to people, on terminals too, and anybody may have written it."""
    return "".join(one if one.isprintable() else " " for one in text[:_LONGEST])


@cache
def _errors() -> dict[str, tuple[str, tuple[Parameter, ...]]]:
    from .abi import Contract

    found = {}
    for line in filter(None, map(str.strip, DECLARED.splitlines())):
        selector, signature = line.split(" ", 1)
        function = Contract(f"function {signature}").functions
        [name] = [key for key in function if "(" not in key]
        found[selector] = name, function[name].inputs
    return found


def _string(arguments: bytes) -> str:
    try:
        return str(decoded(["string"], arguments)[0])
    except ValueError:
        return "it gave a reason that cannot be read"


def _bytes(text: str) -> bytes:
    digits = text.removeprefix("0x")
    try:
        return bytes.fromhex(digits[: len(digits) // 2 * 2])
    except ValueError:
        return b""
