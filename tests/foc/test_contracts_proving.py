"""Proofs are checked leaf by leaf, and what is missed is on record."""

import os

import pytest

from tests.foc import merkle
from tests.foc.acting import drawn, refused


@pytest.fixture
def data_set(provider, payer):
    """Three pieces: the smallest, one of many leaves, and one with zeros at its end."""
    contents = os.urandom(127), os.urandom(300_000), os.urandom(70_000) + bytes(70_001)
    return provider.create_and_add(payer, 1, [provider.keep(one) for one in contents])


def _start(chain, provider, data_set):
    """Begin proving, and wait for the first challenge."""
    chain.mine(max(0, provider.next_period(data_set) - chain.block()))


def test_the_tree_of_a_file_has_the_root_of_its_piece(provider):
    for size in (1, 126, 127, 128, 127 * 5 + 1, 127 * 8192 * 3 + 5):
        piece = provider.keep(os.urandom(size))
        assert merkle.root(provider.folder / str(piece)) == piece.root


def test_a_proof_of_the_challenged_leaves_is_accepted(chain, provider, data_set):
    _start(chain, provider, data_set)
    view, pdp = chain.contract("view").functions, chain.contract("pdp").functions
    assert view.getDataSetStatus(data_set).call() == 1
    receipt = provider.prove(data_set)
    assert view.provenThisPeriod(data_set).call()
    assert view.provenPeriods(data_set, 0).call()
    assert pdp.getDataSetLastProvenEpoch(data_set).call() == receipt["blockNumber"]
    with refused(chain, "ProofAlreadySubmitted", data_set):
        provider.prove(data_set)


def test_a_proof_of_another_leaf_is_refused(chain, provider, data_set):
    _start(chain, provider, data_set)
    proofs = provider.proofs(data_set)
    leaf, path = proofs[2]
    prove = chain.contract("pdp").functions.provePossession
    other = b"\x01" * 32
    for wrong in ((other, path), (leaf, path[:-1]), (leaf, [other, *path[1:]])):
        with refused(chain, "Error", "proof did not verify"):
            chain.send(
                prove(data_set, [*proofs[:2], wrong, *proofs[3:]]), key=provider.key, value=10**17
            )
    with refused(chain, "InvalidChallengeCount", data_set, 5, 4):
        chain.send(prove(data_set, proofs[:4]), key=provider.key, value=10**17)


def test_a_proof_comes_in_its_window(chain, provider, data_set):
    challenge = provider.next_period(data_set)
    prove = chain.contract("pdp").functions.provePossession(data_set, [(bytes(32), [])])
    with refused(chain, "Error", "premature proof"):
        chain.send(prove, key=provider.key, value=10**17)
    deadline = chain.contract("view").functions.provingDeadline(data_set).call()
    assert challenge <= deadline
    chain.mine(deadline - chain.block() + 1)
    with refused(chain, "ProvingPeriodPassed", data_set, deadline, None):
        provider.prove(data_set)


def test_missed_periods_are_recorded_when_the_provider_calls_next(chain, provider, data_set):
    _start(chain, provider, data_set)
    view = chain.contract("view").functions
    deadline = view.provingDeadline(data_set).call()
    period = view.getPDPConfig().call()[0]
    chain.mine(deadline + period + 5 - chain.block())
    provider.next_period(data_set)
    event = chain.contract("fwss").events.FaultRecord()
    (fault,) = event.get_logs(from_block=deadline, argument_filters={"dataSetId": data_set})
    assert (fault["args"]["periodsFaulted"], fault["args"]["deadline"]) == (2, deadline)
    assert view.provingDeadline(data_set).call() == deadline + 2 * period


def test_a_proven_period_leaves_no_fault(chain, provider, data_set):
    _start(chain, provider, data_set)
    deadline = chain.contract("view").functions.provingDeadline(data_set).call()
    provider.prove(data_set)
    chain.mine(deadline - chain.block() + 1)
    provider.next_period(data_set)
    event = chain.contract("fwss").events.FaultRecord()
    filters = {"dataSetId": data_set}
    assert not event.get_logs(from_block=0, argument_filters=filters)


def test_a_removed_piece_leaves_at_the_next_period(chain, provider, payer, data_set):
    pdp = chain.contract("pdp").functions
    provider.remove(data_set, [1], payer.removal_extra(1, [1]))
    assert pdp.getScheduledRemovals(data_set).call() == [1]
    assert pdp.pieceLive(data_set, 1).call()
    with refused(chain, "Error", "Piece ID already scheduled for removal"):
        provider.remove(data_set, [1], payer.removal_extra(1, [1]))
    provider.next_period(data_set)
    assert pdp.getScheduledRemovals(data_set).call() == []
    assert pdp.getActivePiecesByCursor(data_set, 0, 10).call()[1] == [0, 2]
    with refused(chain, "Error", "Can only schedule removal of live pieces"):
        provider.remove(data_set, [1], payer.removal_extra(1, [1]))


def test_a_set_that_lost_all_its_pieces_costs_nothing(chain, provider, payer):
    piece = provider.keep(os.urandom(127))
    data_set = provider.create_and_add(payer, 2, [piece])
    _start(chain, provider, data_set)
    provider.prove(data_set)
    view = chain.contract("view").functions
    provider.remove(data_set, [0], payer.removal_extra(2, [0]))
    chain.mine(view.provingDeadline(data_set).call() - chain.block() + 1)
    provider.next_period(data_set)
    assert view.provingDeadline(data_set).call() == 0
    assert payer.account()[2] == 0
    provider.add(data_set, [piece], payer.add_extra(2, drawn(), [piece]))
    assert payer.account()[2] == 277777781119
