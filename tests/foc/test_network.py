"""Providers on a chain whose blocks come of themselves: what is proven, and what is missed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import httpx
import pytest

from tests.foc.acting import Payer
from tests.foc.chain import _free_port
from tests.foc.compile import ROOT
from tests.foc.deploy import development_key
from tests.foc.network import PROVIDERS
from tests.foc.provider import config
from tests.foc.provider.cast import Client, bytes_at_random
from tests.foc.provider.network import running_network
from tests.running import polling

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    with running_network(
        tmp_path_factory.mktemp("network"),
        block_time=0.2,
        proving_period=50,
        challenge_window=25,
        park_delay=0.1,
        tick=0.1,
    ) as running:
        yield running.ready()


@pytest.fixture
def payer(network):
    return Payer(network.chain, network.owner_key)


@pytest.fixture
def client(network):
    provider = network.providers[0]
    asking = Client(provider)
    with asking.http:
        yield asking
    provider.well()


def until(there, seconds=90):
    for _ in polling(seconds):
        if there():
            return
    raise AssertionError("it did not come to that")


def faults_recorded(network, data_set):
    event = network.chain.contract("fwss").events.FaultRecord()
    return event.get_logs(from_block=0, argument_filters={"dataSetId": data_set})


def test_what_is_added_is_proven_period_after_period(network, client, payer):
    cids = [client.store(bytes_at_random(size)) for size in (127, 5000, 1_000_000)]
    data_set = client.data_set(payer, 101, cids)
    view = network.chain.contract("view").functions
    until(lambda: view.provenPeriods(data_set, 0).call())
    until(lambda: view.provenPeriods(data_set, 1).call())
    shown = client.http.get(f"/pdp/data-sets/{data_set}").json()
    assert shown["nextChallengeEpoch"] > 0 and len(shown["pieces"]) == 3
    assert not faults_recorded(network, data_set)


def test_a_period_without_a_proof_is_a_fault_and_the_next_is_proven(network, client, payer):
    data_set = client.data_set(payer, 102, [client.store(bytes_at_random())])
    client.provider.faults(prove_late={"times": 1})
    view = network.chain.contract("view").functions
    until(lambda: faults_recorded(network, data_set))
    assert not view.provenPeriods(data_set, 0).call()
    client.provider.well()
    until(lambda: any(view.provenPeriods(data_set, number).call() for number in (1, 2, 3)))


def test_a_piece_that_is_gone_is_not_proven(network, client, payer):
    cid = client.store(bytes_at_random())
    data_set = client.data_set(payer, 103, [cid])
    client.provider.faults(lose_piece=str(cid))
    until(lambda: faults_recorded(network, data_set))


def test_a_provider_can_act_for_an_account_of_a_description(network, tmp_path):
    key, folder = development_key(PROVIDERS[1]), tmp_path / "sp"
    made = config.of_description(network.description, 2, folder, key, 9000)
    given = network.providers[1].config
    for name in ("key", "rpc_url"):
        assert made[name] == given[name]
    for name in ("pdp", "fwss", "view"):
        assert made["contracts"][name] == given["contracts"][name]
    for number in (0, 1, 3):
        with pytest.raises(config.NotDescribed):
            config.of_description(network.description, number, folder, key, 9000)


def test_the_description_names_what_is_there(network):
    info = json.loads(network.description.read_text())["info"]
    assert [one["pdp_service_url"] for one in info["pdp_sps"]] == [
        provider.url for provider in network.providers
    ]
    assert [one["is_endorsed"] for one in info["pdp_sps"]] == [True, False]
    assert network.environment["FILECOIN_DEVNET"] == str(network.description)


def test_a_network_that_is_kept_goes_on(tmp_path):
    options = {"providers": 1, "keep": True, "block_time": None, "park_delay": 0.1}
    with running_network(tmp_path / "kept", **options) as network:
        network.ready()
        client = Client(network.providers[0])
        with client.http:
            cid = client.store(bytes_at_random())
            payer = Payer(network.chain, network.owner_key)
            data_set = client.data_set(payer, 1, [cid])
        url, block = network.providers[0].url, network.chain.block()
    with running_network(tmp_path / "kept", **options) as network:
        assert network.providers[0].url == url
        assert network.chain.block() >= block
        assert httpx.get(f"{url}/pdp/data-sets/{data_set}", trust_env=False).json()["pieces"]
        assert network.chain.contract("pdp").functions.dataSetLive(data_set).call()


def test_providers_end_with_their_parent(tmp_path):
    port = _free_port()
    program = f"""
import time
from pathlib import Path
from tests.foc.provider.running import RunningProvider
config = {{"port": {port}, "key": "{development_key(2)}", "rpc_url": "http://127.0.0.1:1"}}
config["contracts"] = dict.fromkeys(("pdp", "fwss", "view"), "0x" + 40 * "1")
RunningProvider(Path({str(tmp_path / "sp")!r}), config).start()
print("started", flush=True)
time.sleep(600)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None and parent.stdout.readline() == "started\n"
        os.kill(parent.pid, signal.SIGKILL)
    until(lambda: not answers(port), 30)


def answers(port):
    try:
        httpx.get(f"http://127.0.0.1:{port}/faults", trust_env=False, timeout=2)
    except httpx.TransportError:
        time.sleep(0.05)
        return False
    return True
