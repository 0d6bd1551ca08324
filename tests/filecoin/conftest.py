"""
A chain of this machine with the stand-in contracts, and the client connected to it.

Where FILECOIN_DEVNET names a description, the same tests run against those contracts, with the
well-known accounts' keys; tests that need back doors of ours (`back_door`) are left out then.
"""

import os
from pathlib import Path

import httpx
import pytest

from filmedia.filecoin.chain.networks import devnet
from filmedia.filecoin.chain.rpc import Node
from filmedia.filecoin.chain.service import Service
from tests.foc.chain import running_chain
from tests.foc.deploy import development_key
from tests.foc.described import DescribedChain

DESCRIBED = os.environ.get("FILECOIN_DEVNET", "")


@pytest.fixture(autouse=True)
def back_doors(request):
    if DESCRIBED and request.node.get_closest_marker("back_door"):
        pytest.skip("needs a back door of our own contracts")


@pytest.fixture(scope="session")
def chain(tmp_path_factory):
    if DESCRIBED:
        yield DescribedChain(Path(DESCRIBED))
        return
    with running_chain(tmp_path_factory.mktemp("chain")) as chain:
        chain.register_provider(
            key=development_key(2),
            name="first",
            service_url="http://127.0.0.1:9101/",
            endorsed=True,
        )
        chain.register_provider(
            key=development_key(3), name="second", service_url="https://second.example.org"
        )
        chain.register_provider(
            key=development_key(4),
            name="third",
            service_url="https://third.example.org",
            approved=False,
        )
        chain.provider_key = development_key(2)
        yield chain


@pytest.fixture
def network(chain):
    return devnet(chain.description)


@pytest.fixture
async def node(network):
    async with httpx.AsyncClient(trust_env=False) as http:
        yield Node(network.rpc_urls, http)


@pytest.fixture
async def service(network, node):
    return await Service.connect(network, node)
