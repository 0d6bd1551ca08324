"""Two providers of the test's chain, and a client that knows nothing but HTTP."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from eth_abi import encode
from eth_account import Account

from filmedia.filecoin.piece import PieceCid, piece_cid
from tests.foc.acting import Payer, drawn
from tests.foc.chain import Chain, _free_port
from tests.foc.provider.running import RunningProvider
from tests.running import polling


class Client:
    """`http` asks one provider, always for plain bytes."""

    def __init__(self, provider: RunningProvider) -> None:
        self.provider = provider
        self.http = httpx.Client(
            base_url=provider.url, trust_env=False, headers={"Accept-Encoding": "identity"}
        )

    def begin(self) -> str:
        answer = self.http.post("/pdp/piece/uploads")
        assert answer.status_code == 201
        return answer.headers["Location"]

    def send(self, session: str, data: Any) -> httpx.Response:
        headers = {"Content-Type": "application/octet-stream"}
        return self.http.put(session, content=data, headers=headers, timeout=60)

    def store(self, data: bytes) -> PieceCid:
        """Uploaded, finalised and parked."""
        cid, session = PieceCid.parse(piece_cid([data])), self.begin()
        assert self.send(session, data).status_code == 204
        assert self.http.post(session, json={"pieceCid": str(cid)}).status_code == 200
        self.until(lambda: self.find(cid) == 200)
        return cid

    def find(self, cid: PieceCid) -> int:
        return self.http.get("/pdp/piece", params={"pieceCid": str(cid)}).status_code

    def create_and_add(self, payer: Payer, client_set: int, cids: list[PieceCid]) -> str:
        """Where to ask how it went."""
        create = payer.create_extra(client_set, self.address, {})
        extra = encode(["bytes", "bytes"], [create, payer.add_extra(client_set, drawn(), cids)])
        body = {
            "recordKeeper": payer.chain.contracts["fwss"],
            "extraData": "0x" + extra.hex(),
            "pieces": pieces(cids),
        }
        answer = self.http.post("/pdp/data-sets/create-and-add", json=body)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"]

    def data_set(self, payer: Payer, client_set: int, cids: list[PieceCid]) -> int:
        return self.over(self.create_and_add(payer, client_set, cids), "dataSetCreated")[
            "dataSetId"
        ]

    def add(self, data_set: int, cids: list[PieceCid], extra: bytes) -> httpx.Response:
        body = {"pieces": pieces(cids), "extraData": "0x" + extra.hex()}
        return self.http.post(f"/pdp/data-sets/{data_set}/pieces", json=body)

    def over(self, location: str, done: str) -> dict[str, Any]:
        """What is told once it is done."""
        for _ in polling(30):
            told = self.http.get(location).json()
            if told[done]:
                return told
        raise AssertionError(told)

    @property
    def address(self) -> str:
        return Account.from_key(self.provider.config["key"]).address

    def until(self, there: Any, seconds: float = 30) -> None:
        for _ in polling(seconds):
            if there():
                return
        raise AssertionError(f"it did not come to that:\n{self.provider.log.read_text()[-3000:]}")


def pieces(cids: list[PieceCid]) -> list[dict[str, Any]]:
    return [{"pieceCid": str(cid), "subPieces": [{"subPieceCid": str(cid)}]} for cid in cids]


def configured(chain: Chain, key: str, **more: Any) -> dict[str, Any]:
    return {
        "port": _free_port(),
        "key": key,
        "rpc_url": chain.rpc_url,
        "contracts": chain.contracts,
        "park_delay": 0.1,
        "tick": 0.1,
        "pull_pause": 0.05,
        "missing_seconds": 0,
        "throttle_seconds": 1,
    } | more


@pytest.fixture(scope="module")
def providers(chain, tmp_path_factory) -> Iterator[list[RunningProvider]]:
    """Two of them, with accounts that nobody else has."""
    running = []
    try:
        for name in ("one", "two"):
            key = "0x" + bytes(Account.create().key).hex()
            folder = tmp_path_factory.mktemp("provider") / name
            provider = RunningProvider(folder, configured(chain, key), name)
            running.append(provider)
            provider.id = chain.register_provider(key=key, name=name, service_url=provider.url)
            provider.start()
        yield running
    finally:
        for provider in running:
            provider.stop()


@pytest.fixture
def first(providers) -> Iterator[Client]:
    yield from _visited(providers[0])


@pytest.fixture
def second(providers) -> Iterator[Client]:
    yield from _visited(providers[1])


def _visited(provider: RunningProvider) -> Iterator[Client]:
    client = Client(provider)
    with client.http:
        yield client
    if provider.process is None:
        provider.start()
    provider.well()


def bytes_at_random(size: int = 10_000) -> bytes:
    return os.urandom(size)
