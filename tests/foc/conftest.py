"""One chain for the tests of a process; each of them takes a payer of its own."""

import pytest
from eth_account import Account

from tests import machine
from tests.foc.acting import Payer, Provider
from tests.foc.chain import running_chain
from tests.foc.deploy import development_key


@pytest.fixture(scope="session")
def chain(tmp_path_factory):
    absent = [name for name in ("anvil", "solc") if name in machine.missing()]
    if absent:
        (pytest.fail if machine.CI else pytest.skip)(f"{' and '.join(absent)} missing: make test")
    with running_chain(tmp_path_factory.mktemp("chain")) as chain:
        yield chain


@pytest.fixture(scope="session")
def provider(chain, tmp_path_factory):
    """Registered, approved and endorsed."""
    key = development_key(2)
    chain.register_provider(key=key, name="first", service_url="http://127.0.0.1:1/", endorsed=True)
    return Provider(chain, key, tmp_path_factory.mktemp("pieces"))


@pytest.fixture
def penniless(chain):
    """A payer without USDFC and approvals; FIL for gas is there."""
    payer = Payer(chain, Account.create().key.hex())
    chain.give_fil(payer.address, 10**19)
    return payer


@pytest.fixture
def payer(penniless):
    """A payer with 10 USDFC in the account, and everything approved."""
    return penniless.funded(10 * 10**18)


def pytest_collection_modifyitems(items):
    """All of this starts processes; and nothing of it depends on how films are stored here."""
    for item in items:
        if "tests/foc/" in item.path.as_posix():
            item.add_marker(pytest.mark.slow)
