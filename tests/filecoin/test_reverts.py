"""Why contracts refuse, in words that somebody can act on."""

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
            "deposit", "Only 1.00 USDFC can be withdrawn.", id="withdrawal",
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


def test_damaged_arguments_leave_the_name():
    raw = data("InsufficientLockupFunds", ["address", "uint256", "uint256"], ONE, 5, 1)
    assert "InsufficientLockupFunds" in str(reverts.decode(raw[:40]))
