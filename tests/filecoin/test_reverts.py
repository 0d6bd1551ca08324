"""Why contracts refuse, in words that somebody can act on."""

from string import ascii_uppercase

import pytest
from eth_abi import encode
from eth_utils.crypto import keccak

from filmedia.filecoin.chain import reverts
from filmedia.filecoin.chain.revert_errors import DECLARED

LINES = [line.strip() for line in DECLARED.splitlines() if line.strip()]
USDFC = 10**18
ONE = "0x" + "11" * 20


@pytest.mark.parametrize("line", LINES, ids=[line.split(" ")[1] for line in LINES])
def test_selectors_are_those_of_the_signatures(line):
    selector, declared = line.split(" ", 1)
    name, _, rest = declared.partition("(")
    types = [part.split()[0] for part in rest.rstrip(")").split(",") if part.strip()]
    assert keccak(f"{name}({','.join(types)})".encode())[:4].hex() == selector


def data(name, types, *values):
    return keccak(f"{name}({','.join(types)})".encode())[:4] + encode(types, values)


@pytest.mark.parametrize(
    ("raw", "help", "words"),
    [
        pytest.param(
            data("InsufficientLockupFunds", ["address", "uint256", "uint256"],
                 ONE, 5 * USDFC, 18 * USDFC // 10),
            "deposit", "Deposit at least 3.20 USDFC first.", id="funds",
        ),
        pytest.param(
            data("OperatorNotApproved", ["address", "address"], ONE, ONE),
            "approve", "Approve the storage service", id="approval",
        ),
        pytest.param(
            data("OperatorRateAllowanceExceeded", ["uint256", "uint256"], 1, 2),
            "raise limit", "spending limit", id="allowance",
        ),
        pytest.param(
            data("InvalidSignature", ["address", "address"], ONE, ONE),
            "renew key", "Renew access", id="signature",
        ),
        pytest.param(
            data("ClientDataSetAlreadyRegistered", ["uint256"], 7),
            "look up", "processed already", id="nonce",
        ),
        pytest.param(
            data("ProviderNotRegistered", ["address"], ONE),
            "choose another provider", "left the registry", id="provider",
        ),
        pytest.param(
            data("DataSetPaymentBeyondEndEpoch", ["uint256"] * 3, 1, 2, 3),
            "new data set", "has ended", id="ended",
        ),
        pytest.param(
            data("InsufficientUnlockedFunds", ["uint256", "uint256"], USDFC, 2 * USDFC),
            "nothing to do", "Only 1.00 USDFC can be withdrawn.", id="withdrawal",
        ),
        pytest.param(
            data("CleanupDepositRequired", []),
            "provider's fault", "bond", id="bond",
        ),
        pytest.param(
            data("Error", ["string"], "invariant failure: insufficient funds to cover lockup "
                 "after function execution"),
            "deposit", "30 days", id="text of the payments contract",
        ),
        pytest.param(
            data("Error", ["string"], "EIP2612: invalid signature"),
            "our fault", "sign a new one", id="permit",
        ),
        pytest.param(
            data("Error", ["string"], "Cid must be CommPv2"), "our fault", "PieceCID", id="cid"
        ),
        pytest.param(
            data("IndexedError", ["uint256", "string"], 3, "Cid must be CommPv2"),
            "our fault", "PieceCID", id="cid of one of many",
        ),
    ],
)  # fmt: skip
def test_a_reason_is_told_with_what_helps(raw, help, words):
    found = reverts.decode(raw)
    assert words in str(found)
    assert found.help == help
    assert not found.retryable
    # Curio, and older nodes, say the same in a text.
    for text in (
        f"failed: vm error=[0x{raw.hex()}] [eid: 1-2-3]",
        f"message execution failed: revert reason=[0x{raw.hex()}]",
    ):
        assert str(reverts.find_in_text(text)) == str(found)


def test_a_text_in_the_text_is_found():
    found = reverts.find_in_text("message failed: vm error=[Error(Cid must be CommPv2)]")
    assert found.help == "our fault"


def test_an_unknown_error_shows_its_selector():
    assert "0xdeadbeef" in str(reverts.decode("0xdeadbeef" + "00" * 32))
    assert "panic 0x11" in str(reverts.decode("0x4e487b71" + f"{0x11:064x}"))


@pytest.mark.parametrize("text", ["", "disk full", "<html>busy</html>", "[eid: 1234]", "0x12"])
def test_a_text_without_a_revert_is_none(text):
    assert reverts.find_in_text(text) is None


@pytest.mark.parametrize("raw", [b"", b"\x00", "0x", "0xzz", "0x123", bytes(3)])
def test_rubbish_is_still_a_sentence(raw):
    assert str(reverts.decode(raw)).endswith(".")


def test_damaged_arguments_leave_the_name_and_what_helps():
    raw = data("InsufficientLockupFunds", ["address", "uint256", "uint256"], ONE, 5, 1)
    found = reverts.decode(raw[:40])
    assert (found.name, found.help) == ("InsufficientLockupFunds", "deposit")
    assert str(found).startswith("Deposit USDFC first")
    raw = data("InsufficientUnlockedFunds", ["uint256", "uint256"], 5, 1)
    assert "InsufficientUnlockedFunds" in str(reverts.decode(raw[:40]))


def test_what_can_be_withdrawn_is_never_shown_too_large():
    raw = data("InsufficientUnlockedFunds", ["uint256", "uint256"], 3199999999999999999, 4 * USDFC)
    assert "Only 3.19 USDFC" in str(reverts.decode(raw))


def test_what_is_missing_is_never_shown_too_small():
    raw = data("InsufficientLockupFunds", ["address", "uint256", "uint256"], ONE, 3 * USDFC + 1, 0)
    assert "at least 3.01 USDFC" in str(reverts.decode(raw))


# The table of the specification: what people are told to do of each.
HELP = {
    "deposit": [
        "InsufficientLockupFunds",
        "LockupNotSettledRateChangeNotAllowed",
        "LockupPeriodChangeNotAllowedDueToInsufficientFunds",
    ],
    "approve": ["OperatorNotApproved"],
    "raise limit": [
        "InsufficientRateAllowance",
        "InsufficientLockupAllowance",
        "OperatorRateAllowanceExceeded",
        "OperatorLockupAllowanceExceeded",
        "InsufficientMaxLockupPeriod",
        "LockupPeriodExceedsOperatorMaximum",
    ],
    "renew key": ["InvalidSignature"],
    "look up": ["ClientDataSetAlreadyRegistered"],
    "choose another provider": ["ProviderNotRegistered"],
    "new data set": [
        "DataSetPaymentAlreadyTerminated",
        "DataSetPaymentBeyondEndEpoch",
        "DataSetNotLive",
    ],
    "our fault": [
        "TooManyMetadataKeys",
        "MetadataKeyExceedsMaxLength",
        "MetadataValueExceedsMaxLength",
        "DuplicateMetadataKey",
        "MetadataArrayCountMismatch",
        "ExtraDataTooLarge",
        "SignerMustBeMsgSender",
    ],
    "nothing to do": [
        "InsufficientUnlockedFunds",
        "NoProgressInSettlement",
        "CannotSettleFutureEpochs",
        "RailInactiveOrSettled",
    ],
    "provider's fault": ["CleanupDepositRequired"],
}
NAMES = [(name, help) for help, names in HELP.items() for name in names]
DUMMIES = {"address": ONE, "string": "why", "bool": False}


def of_line(line):
    """The data of a declared error, with some argument for each parameter, and their names."""
    name, _, rest = line.split(" ", 1)[1].partition("(")
    parts = [part.split() for part in rest.rstrip(")").split(",") if part.strip()]
    types = [kind for kind, _ in parts]
    return data(name, types, *[DUMMIES.get(kind, 7) for kind in types]), [one for _, one in parts]


@pytest.mark.parametrize("line", LINES, ids=[line.split(" ")[1] for line in LINES])
def test_every_declared_error_becomes_a_sentence_with_its_facts(line):
    raw, names = of_line(line)
    found = reverts.decode(raw)
    assert found.name == line.split(" ", 1)[1].partition("(")[0]
    assert list(found.facts) == names
    assert str(found).startswith(("filmedia ", *ascii_uppercase))
    assert found.retryable is False


@pytest.mark.parametrize(("name", "help"), NAMES, ids=[name for name, _ in NAMES])
def test_what_helps_against_each_error(name, help):
    [line] = [line for line in LINES if line.split(" ", 1)[1].startswith(f"{name}(")]
    found = reverts.decode(of_line(line)[0])
    assert found.help == help
    assert str(found).endswith(".")
    # Some only ever see its name.
    assert reverts.find_in_text(f"GasEstimateError: {name}(1, 2)").help == help


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("invariant failure: insufficient funds to cover lockup after function execution",
         "deposit"),
        ("payers's full account lockup was not met as a precondition of the requested operation",
         "deposit"),
        ("EIP2612: expired deadline", "our fault"),
        ("EIP2612: invalid signature", "our fault"),
        ("ERC20: transfer amount exceeds balance", "deposit"),
        ("ERC20: transfer amount exceeds allowance", "approve"),
        ("Cid must be CommPv2", "our fault"),
        ("Can only schedule removal of live pieces", "nothing to do"),
        ("Piece ID already scheduled for removal", "nothing to do"),
        ("Provider does not exist", "choose another provider"),
    ],
)  # fmt: skip
def test_what_helps_against_each_text(text, help):
    for found in (
        reverts.decode(data("Error", ["string"], text)),
        reverts.find_in_text(f"exit 33, vm error=[Error({text})] [eid: 1]"),
        reverts.find_in_text(f"execution reverted: {text}"),
    ):
        assert found.help == help
        assert found.said == text


def test_the_piece_that_was_refused_is_among_the_facts():
    raw = data("IndexedError", ["uint256", "string"], 3, "Piece size must be positive")
    found = reverts.decode(raw)
    assert (found.name, found.facts["idx"]) == ("IndexedError", 3)
    assert "Piece size must be positive" in str(found)


@pytest.mark.parametrize("cut", [10, 30, 74, 100])
def test_a_revert_that_was_cut_off_is_still_known(cut):
    raw = data("ClientDataSetAlreadyRegistered", ["uint256"], 7)
    whole = f"failed to send: vm error=[0x{raw.hex()}]"
    found = reverts.find_in_text(whole[: whole.index("0x") + cut] + "…")
    assert found.help == "look up"


@pytest.mark.parametrize("word", ["ArithmeticOverflow()", "Panic(0x51)", "Panic()"])
def test_what_older_nodes_write_of_a_panic(word):
    found = reverts.find_in_text(f"message failed with exit code 33: vm error=[{word}]")
    assert found.name == "Panic"
    assert word in str(found)


def test_a_text_from_outside_cannot_move_the_cursor():
    text = "\x1b[2Jgone\r\n\u202eevil"
    for raw in (
        data("Error", ["string"], text),
        data("IndexedError", ["uint256", "string"], 1, text),
        data("ZeroAddressNotAllowed", ["string"], text),
    ):
        assert str(reverts.decode(raw)).isprintable()
        assert "gone" in str(reverts.decode(raw))


def test_a_huge_text_is_not_searched_for_ever():
    assert reverts.find_in_text("vm error=[Error(" * 10**6) is None


def test_a_transaction_is_no_revert():
    assert reverts.find_in_text("sent as 0x" + "ab" * 32) is None


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(reverts.decode(b""), id="no data"),
        pytest.param(reverts.decode(data("Error", ["string"], "")), id="an empty text"),
        pytest.param(reverts.find_in_text("vm error=[Error()]"), id="an empty text in a text"),
        pytest.param(
            reverts.decode(data("IndexedError", ["uint256", "string"], 1, " ")), id="only an index"
        ),
    ],
)
def test_a_revert_without_a_word_says_so(found):
    assert str(found) == "The contract refused this, and did not say why."
