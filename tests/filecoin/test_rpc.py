"""
What no EVM node of one's own shows: public nodes that are busy, away, late, or of an older make.
A scripted node answers; what travelled is looked at.
"""

from __future__ import annotations

import json

import httpx
import pytest

from filmedia.filecoin.chain.calls import Call, Caller
from filmedia.filecoin.chain.contracts import USDFC
from filmedia.filecoin.chain.networks import CALIBRATION, Clock
from filmedia.filecoin.chain.pace import OwnPace, TokenBucket
from filmedia.filecoin.chain.rpc import Node
from filmedia.filecoin.chain.service import Service
from filmedia.filecoin.chain.transactions import Request, Sender, Unconfirmed
from filmedia.filecoin.errors import (
    NotOnChain,
    Reverted,
    RpcBusy,
    RpcRefused,
    RpcUnreachable,
    WrongChain,
)
from filmedia.filecoin.signing.keys import LocalKey

pytestmark = pytest.mark.anyio
KEY = LocalKey("0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d")
HASH = "0x" + "ab" * 32


class Script:
    """Answers in turn: a result, an HTTP response, or an error to raise."""

    def __init__(self, *answers):
        self.answers, self.asked, self.slept = list(answers), [], []

    def __call__(self, request):
        body = json.loads(request.content)
        self.asked.append((str(request.url), body["method"], body["params"], request.headers))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return answer
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": body["id"], **answer})

    async def sleep(self, seconds):
        self.slept.append(seconds)

    def node(self, *urls, **options):
        http = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return Node(urls or ["https://one.example/rpc"], http, sleep=self.sleep, **options)


def good(result):
    return {"result": result}


def bad(message, code=-32000, **more):
    return {"error": {"code": code, "message": message, **more}}


async def test_a_busy_node_is_asked_again_when_it_says():
    script = Script(httpx.Response(429, headers={"Retry-After": "7"}), good("0x5"))
    assert await script.node().request("eth_blockNumber") == "0x5"
    assert len(script.slept) == 1 and 7 <= script.slept[0] <= 11


async def test_a_node_that_is_always_busy_is_told_of():
    script = Script(httpx.Response(429))
    with pytest.raises(RpcBusy):
        await script.node().request("eth_blockNumber")
    assert len(script.asked) == 4


async def test_the_next_node_is_asked_where_one_is_away():
    script = Script(httpx.ConnectError("refused"), good("0x7"))
    node = script.node("https://one.example", "https://two.example")
    assert await node.request("eth_blockNumber") == "0x7"
    assert [url for url, *_ in script.asked] == ["https://one.example", "https://two.example"]


async def test_the_token_goes_to_the_first_node_alone():
    script = Script(httpx.ConnectError("refused"), good("0x7"))
    node = script.node("https://one.example", "https://two.example", token="secret")
    await node.request("eth_blockNumber")
    sent = [headers.get("Authorization") for *_, headers in script.asked]
    assert sent == ["Bearer secret", None]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(httpx.Response(502, text="<html>bad gateway</html>"), id="no JSON"),
        pytest.param(httpx.Response(200, text="[" * 100_000), id="nested without end"),
        pytest.param(httpx.Response(200, json=[1]), id="no object"),
        pytest.param({}, id="neither result nor error"),
        pytest.param(bad("requested epoch was a null round (12345)"), id="a null round"),
        pytest.param(bad("requested a future epoch (beyond 'latest')"), id="a future epoch"),
        pytest.param(bad("refusing explicit call due to state fork"), id="a network upgrade"),
    ],
)
async def test_trouble_that_passes_is_asked_again(answer):
    script = Script(answer, good("0x9"))
    assert await script.node().request("eth_call") == "0x9"
    with pytest.raises(RpcUnreachable):
        await Script(answer).node().request("eth_call")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(bad("execution reverted", 3, data="0xdb94c961" + "00" * 31 + "07"), id="data"),
        pytest.param(
            bad("message execution failed: vm error=[0xdb94c961" + "00" * 31 + "07]", 11),
            id="an older node, in its words",
        ),
    ],
)
async def test_a_revert_is_told_by_its_name_and_not_asked_again(answer):
    script = Script(answer)
    with pytest.raises(Reverted) as refused:
        await script.node().request("eth_call")
    assert refused.value.name == "ClientDataSetAlreadyRegistered"
    assert refused.value.facts["clientDataSetId"] == 7
    assert len(script.asked) == 1


async def test_what_the_node_does_not_do_is_said():
    with pytest.raises(RpcRefused, match="method not found"):
        await Script(bad("method not found", -32601)).node().request("eth_nonsense")


async def test_a_node_that_lies_about_its_chain_is_refused():
    with pytest.raises(WrongChain, match="serves chain 1, not 314159"):
        await Service.connect(CALIBRATION, Script(good("0x1")).node())


async def test_an_endless_answer_is_left():
    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self):
            while True:
                yield b" " * 2**20

    with pytest.raises(RpcUnreachable, match="stop answering"):
        endless = [httpx.Response(200, stream=Endless()) for _ in range(4)]
        await Script(*endless).node().request("eth_call")


async def test_a_wrong_number_of_answers_is_no_answer():
    from filmedia.filecoin.chain.abi import encode

    told = encode(["(bool,bytes)[]"], [[(True, b"")]])
    caller = Caller(Script(good("0x" + told.hex())).node(), CALIBRATION.multicall)
    call = Call(CALIBRATION.known["usdfc"], USDFC["name"])
    with pytest.raises(RpcUnreachable, match="another number"):
        await caller.many([call, call])


def service_of(script):
    from filmedia.filecoin.chain.readings import Addresses

    known = dict(CALIBRATION.known)
    addresses = Addresses(fwss=CALIBRATION.fwss, view=CALIBRATION.fwss, **known)
    return Service(CALIBRATION, Caller(script.node(), CALIBRATION.multicall), addresses)


async def test_a_receipt_that_comes_late_is_waited_for():
    told = {"status": "0x1", "blockNumber": "0x10", "blockHash": HASH}
    script = Script(good(None), good(None), good(told))
    receipt = await Sender(service_of(script), KEY, sleep=script.sleep).wait(HASH)
    assert (receipt.block, receipt.ok) == (16, True)
    assert script.slept == [5.0, 5.0]


async def test_a_receipt_that_never_comes_is_told():
    script = Script(good(None))
    with pytest.raises(NotOnChain):
        await Sender(service_of(script), KEY, sleep=script.sleep).wait(HASH, timeout=20)


async def test_a_transaction_whose_answer_is_lost_is_never_sent_twice():
    block = {"baseFeePerGas": "0x64"}
    script = Script(
        good("0x5208"), good(block), good("0x1"), good("0x0"), httpx.ReadTimeout("late")
    )
    request = Request(CALIBRATION.fwss, b"", "nothing")
    with pytest.raises(Unconfirmed) as lost:
        await Sender(service_of(script), KEY, sleep=script.sleep).send(request)
    assert lost.value.transaction.startswith("0x")
    sent = [method for _, method, *_ in script.asked]
    assert sent.count("eth_sendRawTransaction") == 1


def test_a_pace_keeps_every_minute_under_its_limit():
    bucket = TokenBucket(90, 20)
    level, now, times = 20.0, 0.0, []
    for _ in range(400):
        level, pause = bucket.take(level, now, now)
        times.append(now + pause)
        now += pause
        level += pause * bucket.rate
    busiest = max(sum(start <= at < start + 60 for at in times) for start in times)
    assert busiest <= 91


async def test_a_pace_makes_whoever_is_too_fast_wait():
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    pace = OwnPace(60, 5, clock=lambda: 0.0, sleep=sleep)
    for _ in range(8):
        await pace.wait()
    assert len(slept) == 3 and slept == sorted(slept)


def test_an_epoch_has_its_time_without_asking_anybody():
    assert CALIBRATION.clock.time(0).isoformat() == "2022-11-01T18:13:00+00:00"
    clock = Clock(100, CALIBRATION.clock.time(0), 2.0)
    assert (clock.time(103) - clock.time(100)).total_seconds() == 6
