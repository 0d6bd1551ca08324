"""The node under the stand-in network: how its blocks come, and how it ends and goes on."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.foc.chain import running_chain
from tests.foc.compile import ROOT
from tests.foc.deploy import development_key
from tests.running import polling

_HOLDER = """
import sys
from pathlib import Path
from tests.foc.chain import running_chain
with running_chain(Path(sys.argv[1])) as chain:
    print(chain.rpc_url, flush=True)
    sys.stdin.read()
"""


def test_a_chain_goes_on_where_it_ended(tmp_path):
    state = tmp_path / "state.json"
    with running_chain(tmp_path, state=state, proving_period=33) as chain:
        chain.register_provider(key=development_key(2), name="a", service_url="http://127.0.0.1:1/")
        contracts, block = chain.contracts, chain.block()
    with running_chain(tmp_path, state=state) as chain:
        assert (chain.contracts, chain.block()) == (contracts, block)
        assert chain.contract("view").functions.getPDPConfig().call()[0] == 33
        assert chain.contract("view").functions.getApprovedProviders(0, 0).call() == [1]
        assert [one["provider_id"] for one in chain.description["info"]["pdp_sps"]] == [1]
        chain.register_provider(key=development_key(4), name="b", service_url="http://127.0.0.1:2/")
        chain.register_provider(key=development_key(2), name="a", service_url="http://127.0.0.1:3/")
        chain.save(tmp_path / "devnet.json")
    described = json.loads((tmp_path / "devnet.json").read_text())["info"]
    assert described["lotus"]["host_rpc_url"] == chain.rpc_url
    assert [(one["provider_id"], one["pdp_service_url"]) for one in described["pdp_sps"]] == [
        (1, "http://127.0.0.1:3/"),
        (2, "http://127.0.0.1:2/"),
    ]


def test_blocks_come_at_an_interval_and_for_transactions(tmp_path):
    with running_chain(tmp_path, block_time=0.1) as chain:
        before = chain.block()
        for _ in polling(20):
            if chain.block() > before + 2:
                break
        else:
            pytest.fail("no blocks came of themselves")
        chain.set_mining(True, None)
        still = chain.block()
        chain.mint(chain.owner, 1)
        assert chain.block() == still + 1


def test_months_pass_in_a_moment_and_what_happened_before_stays(tmp_path):
    with running_chain(tmp_path) as chain:
        call = chain.contract("usdfc").functions.mint(chain.owner, 7)
        receipt = chain.send(call, key=development_key(1))
        block, now = chain.block(), chain.now()
        assert chain.skip(86400, 30 * 86400) == block + 86400
        assert chain.now() >= now + 30 * 86400
        chain.mint(chain.owner, 1)
        assert chain.contract("usdfc").functions.balanceOf(chain.owner).call() == 8
        assert chain.web3.eth.get_transaction_receipt(receipt["transactionHash"]) == receipt
        minted = chain.contract("usdfc").events.Transfer().get_logs(from_block=block)
        assert [one["args"]["value"] for one in minted] == [7, 1]
        chain.mine(3)
        assert now + 30 * 86400 <= chain.now() <= now + 30 * 86400 + 60


def test_a_node_ends_with_a_process_that_is_killed(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        port = holder.stdout.readline().strip().rsplit(":", 1)[1]
        assert _listening(port)
        os.kill(holder.pid, signal.SIGKILL)
        for _ in polling(20):
            if not _listening(port):
                return
    pytest.fail("the node is still there")


def _listening(port):
    wanted = f":{int(port):04X} "
    table = Path("/proc/net/tcp").read_text().splitlines()
    return any(wanted in line and " 0A " in line for line in table)
