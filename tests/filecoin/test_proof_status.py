"""What is said of a data set's proofs, and that no more is said than is known."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filmedia.filecoin.chain.networks import CALIBRATION, MAINNET, Clock
from filmedia.filecoin.proofs import DELETING, ProofFacts, period_of, proof_status

CREATED, ACTIVATION, PERIOD = 10_000, 10_100, 2880
FIRST_DEADLINE = ACTIVATION + PERIOD

# Created and activated, in its first period, with nothing proven yet.
NEW = ProofFacts(
    leaf_count=4096,
    activation=ACTIVATION,
    deadline=FIRST_DEADLINE,
    proven_this_period=False,
    last_proven_epoch=CREATED,
    created_epoch=CREATED,
    next_challenge=FIRST_DEADLINE - 30,
    pdp_end_epoch=0,
    faulted_periods=0,
    max_proving_period=PERIOD,
    challenge_window=60,
)
PROVEN_AT = FIRST_DEADLINE - 20
PROVEN = replace(NEW, proven_this_period=True, last_proven_epoch=PROVEN_AT)
# The next period was opened, and its proof is still to come.
OPENED = replace(PROVEN, proven_this_period=False, deadline=FIRST_DEADLINE + PERIOD)
# And proven as well.
AGAIN = replace(OPENED, proven_this_period=True, last_proven_epoch=FIRST_DEADLINE + PERIOD - 10)


@pytest.mark.parametrize(
    ("facts", "epoch", "word", "proven", "due"),
    [
        pytest.param(
            replace(NEW, leaf_count=0, activation=0, deadline=0), 10_001,
            "empty", None, None, id="nothing in it",
        ),
        pytest.param(
            replace(PROVEN, leaf_count=0, deadline=0), 20_000,
            "empty", PROVEN_AT, None, id="nothing in it any more",
        ),
        pytest.param(
            replace(NEW, activation=0, deadline=0), 10_001,
            "waiting", None, None, id="proving has not begun",
        ),
        pytest.param(
            replace(NEW, deadline=0), 10_101,
            "waiting", None, None, id="no deadline yet",
        ),
        pytest.param(
            NEW, FIRST_DEADLINE, "due", None, FIRST_DEADLINE, id="the last epoch of the first",
        ),
        pytest.param(
            NEW, FIRST_DEADLINE + 1, "overdue", None, FIRST_DEADLINE, id="the first is late",
        ),
        pytest.param(
            PROVEN, PROVEN_AT, "proven", PROVEN_AT, FIRST_DEADLINE + PERIOD, id="proven",
        ),
        pytest.param(
            PROVEN, FIRST_DEADLINE + PERIOD,
            "proven", PROVEN_AT, FIRST_DEADLINE + PERIOD, id="proven, the next not yet opened",
        ),
        pytest.param(
            PROVEN, FIRST_DEADLINE + PERIOD + 1,
            "overdue", PROVEN_AT, FIRST_DEADLINE + PERIOD, id="the next was never opened",
        ),
        pytest.param(
            OPENED, FIRST_DEADLINE + 1,
            "proven", PROVEN_AT, FIRST_DEADLINE + PERIOD, id="the next was opened",
        ),
        pytest.param(
            OPENED, FIRST_DEADLINE + PERIOD + 1,
            "overdue", PROVEN_AT, FIRST_DEADLINE + PERIOD, id="the second is late",
        ),
        pytest.param(
            replace(AGAIN, faulted_periods=1), AGAIN.deadline,
            "missed", AGAIN.last_proven_epoch, AGAIN.deadline + PERIOD, id="missed one lately",
        ),
        pytest.param(
            replace(OPENED, faulted_periods=1), OPENED.deadline + 1,
            "overdue", PROVEN_AT, OPENED.deadline, id="late again",
        ),
        pytest.param(
            replace(PROVEN, pdp_end_epoch=50_000), 20_000,
            "ending", PROVEN_AT, FIRST_DEADLINE + PERIOD, id="its payment ends",
        ),
        pytest.param(
            replace(PROVEN, pdp_end_epoch=50_000), 50_000,
            "ended", PROVEN_AT, FIRST_DEADLINE + PERIOD, id="its payment has ended",
        ),
        pytest.param(
            replace(PROVEN, next_challenge=DELETING), 20_000,
            "ended", PROVEN_AT, FIRST_DEADLINE + PERIOD, id="being deleted",
        ),
    ],
)  # fmt: skip
def test_the_word_for_each_state(facts, epoch, word, proven, due):
    found = proof_status(facts, epoch, None)
    assert (found.word, found.last_proven_epoch, found.due_epoch) == (word, proven, due)
    assert found.last_proven_at is None
    assert found.due_at is None
    assert found.sentence.endswith(".")
    assert "data set" in found.sentence


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(NEW, id="the epoch of creation is no proof"),
        pytest.param(replace(NEW, created_epoch=0), id="also where nobody knows it"),
        pytest.param(replace(NEW, last_proven_epoch=0), id="nothing is no proof"),
        pytest.param(
            replace(NEW, activation=0, last_proven_epoch=CREATED + 1), id="before proving began"
        ),
    ],
)
def test_without_evidence_nothing_counts_as_proven(facts):
    found = proof_status(facts, ACTIVATION + 1, MAINNET.clock)
    assert found.last_proven_epoch is None
    assert found.last_proven_at is None
    assert "was last proven" not in found.sentence


@pytest.mark.parametrize(
    ("facts", "missed"),
    [
        pytest.param(OPENED, 0, id="none"),
        pytest.param(replace(NEW, deadline=ACTIVATION + 2 * PERIOD), 1, id="the first"),
        pytest.param(replace(NEW, deadline=ACTIVATION + 4 * PERIOD), 3, id="all until now"),
        pytest.param(replace(OPENED, deadline=OPENED.deadline + PERIOD), 1, id="one"),
        pytest.param(
            replace(OPENED, deadline=OPENED.deadline + PERIOD, last_proven_epoch=FIRST_DEADLINE),
            1, id="one, after a proof at the last moment",
        ),
        pytest.param(
            replace(OPENED, deadline=OPENED.deadline + PERIOD, last_proven_epoch=ACTIVATION + 1),
            1, id="one, after a proof at the first moment",
        ),
        pytest.param(replace(OPENED, deadline=OPENED.deadline + 5 * PERIOD), 5, id="five"),
    ],
)  # fmt: skip
def test_missed_proofs_are_found_though_no_node_remembers_the_record(facts, missed):
    found = proof_status(facts, facts.deadline - 1, None)
    assert (found.word == "missed") == bool(missed)
    for count, words in ((1, "One proof was missed"), (2, "proofs were missed")):
        assert (words in found.sentence) == (bool(missed) and min(missed, 2) == count)
    if missed > 1:
        assert f"{missed} proofs" in found.sentence


@given(st.integers(0, 8), st.integers(1, PERIOD), st.integers(0, 8))
def test_what_was_missed_is_what_lies_between_the_periods(proven_in, offset, skipped):
    last = ACTIVATION + proven_in * PERIOD + offset
    open_period = proven_in + 1 + skipped
    facts = replace(NEW, last_proven_epoch=last, deadline=ACTIVATION + (open_period + 1) * PERIOD)
    assert period_of(last, ACTIVATION, PERIOD) == proven_in
    assert period_of(facts.deadline, ACTIVATION, PERIOD) == open_period
    found = proof_status(facts, facts.deadline, None)
    assert found.word == ("missed" if skipped else "proven")


@pytest.mark.parametrize(
    ("epoch", "period"),
    [
        pytest.param(ACTIVATION, None, id="before the first"),
        pytest.param(ACTIVATION + 1, 0, id="the first epoch"),
        pytest.param(ACTIVATION + PERIOD, 0, id="a deadline belongs to its period"),
        pytest.param(ACTIVATION + PERIOD + 1, 1, id="the second"),
    ],
)
def test_the_period_of_an_epoch(epoch, period):
    assert period_of(epoch, ACTIVATION, PERIOD) == period


def test_before_activation_there_is_no_period():
    assert period_of(5000, 0, PERIOD) is None


@pytest.mark.parametrize(
    ("facts", "epoch", "sentence"),
    [
        (replace(NEW, leaf_count=0), 10_001, "The data set holds nothing yet."),
        (replace(NEW, activation=0), 10_001, "The data set waits for its first proof."),
        (
            NEW, ACTIVATION,
            "The data set has not been proven yet. "
            "The first proof is due on 29 August 2020 at 10:10 UTC (epoch 12980).",
        ),
        (
            PROVEN, FIRST_DEADLINE,
            "The data set was last proven on 29 August 2020 at 10:00 UTC (epoch 12960). "
            "The next proof is due on 30 August 2020 at 10:10 UTC (epoch 15860).",
        ),
        (
            PROVEN, FIRST_DEADLINE + PERIOD + 1,
            "The data set was last proven on 29 August 2020 at 10:00 UTC (epoch 12960). "
            "A proof has been due since 30 August 2020 at 10:10 UTC (epoch 15860).",
        ),
        (
            replace(PROVEN, faulted_periods=2), FIRST_DEADLINE,
            "The data set was last proven on 29 August 2020 at 10:00 UTC (epoch 12960). "
            "2 proofs were missed lately.",
        ),
        (
            replace(PROVEN, pdp_end_epoch=15_860), FIRST_DEADLINE,
            "The data set was last proven on 29 August 2020 at 10:00 UTC (epoch 12960). "
            "The data set ends on 30 August 2020 at 10:10 UTC (epoch 15860).",
        ),
        (
            replace(NEW, pdp_end_epoch=15_860), 15_860,
            "The data set has not been proven yet. "
            "The data set ended on 30 August 2020 at 10:10 UTC (epoch 15860).",
        ),
        (
            replace(NEW, next_challenge=DELETING, pdp_end_epoch=15_860), 15_900,
            "The data set has not been proven yet. The data set is being deleted.",
        ),
    ],
)  # fmt: skip
def test_sentences(facts, epoch, sentence):
    assert proof_status(facts, epoch, MAINNET.clock).sentence == sentence


def test_without_a_clock_epochs_are_named():
    found = proof_status(NEW, ACTIVATION, None)
    assert found.sentence.endswith("The first proof is due at epoch 12980.")
    late = proof_status(NEW, FIRST_DEADLINE + 1, None)
    assert late.sentence.endswith("A proof has been due since epoch 12980.")


def test_an_epoch_that_is_no_date_is_only_a_number():
    found = proof_status(replace(PROVEN, pdp_end_epoch=2**200), 20_000, MAINNET.clock)
    assert found.word == "ending"
    assert found.sentence.endswith(f"The data set ends at epoch {2**200}.")


@pytest.mark.parametrize(
    ("clock", "epoch", "at"),
    [
        pytest.param(
            MAINNET.clock, 0, datetime(2020, 8, 24, 22, 0, tzinfo=UTC), id="mainnet's genesis"
        ),
        pytest.param(
            CALIBRATION.clock, 2880, datetime(2022, 11, 2, 18, 13, tzinfo=UTC),
            id="calibration's second day",
        ),
        pytest.param(
            Clock(500, datetime(2026, 1, 1, tzinfo=UTC), 4), 515,
            datetime(2026, 1, 1, 0, 1, tzinfo=UTC), id="a devnet, after its reference block",
        ),
        pytest.param(
            Clock(500, datetime(2026, 1, 1, tzinfo=UTC), 4), 485,
            datetime(2025, 12, 31, 23, 59, tzinfo=UTC), id="and before it",
        ),
    ],
)  # fmt: skip
def test_when_an_epoch_is(clock, epoch, at):
    assert clock.time(epoch) == at


epochs = st.one_of(st.just(0), st.integers(1, 10**6), st.just(2**63), st.just(DELETING))


@given(
    st.builds(
        ProofFacts, epochs, epochs, epochs, st.booleans(), epochs, epochs, epochs, epochs,
        st.integers(0, 5), st.integers(0, 3000), st.integers(0, 60),
    ),
    epochs,
    st.sampled_from([None, MAINNET.clock]),
)  # fmt: skip
def test_whatever_a_node_claims_there_is_a_word_and_a_sentence(facts, epoch, clock):
    found = proof_status(facts, epoch, clock)
    assert found.word in {
        "empty", "waiting", "proven", "due", "overdue", "missed", "ending", "ended",
    }  # fmt: skip
    assert found.sentence.startswith("The data set ")
    assert (found.last_proven_epoch is not None) or "was last proven" not in found.sentence
