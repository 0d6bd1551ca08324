"""The whole network on these providers: the chain, and an owner who may have money."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.foc.chain import _free_port, running_chain
from tests.foc.deploy import development_key
from tests.foc.described import DescribedChain, key_of
from tests.foc.network import PROVIDERS, Network
from tests.foc.provider import config
from tests.foc.provider.running import RunningProvider


@contextmanager
def running_network(
    folder: Path,
    *,
    providers: int = 2,
    endorsed: int = 1,
    block_time: float | None = 1,
    proving_period: int = 60,
    challenge_window: int = 20,
    keep: bool = False,
    **settings: Any,
) -> Iterator[Network]:
    """
    Everything in `folder`. With `keep` it goes on there where it ended, at the same ports.
    `settings` are for all providers, see `config`: park_delay, keep_unclaimed, tick, in seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ports = _ports(folder / "ports.json", 1 + providers, keep)
    with running_chain(
        folder,
        port=ports[0],
        block_time=block_time,
        proving_period=proving_period,
        challenge_window=challenge_window,
        state=folder / "chain.json" if keep else None,
    ) as chain:
        network = Network(folder, chain, [])
        try:
            for index, port in enumerate(ports[1:]):
                own = {
                    "port": port,
                    "rpc_url": chain.rpc_url,
                    "contracts": chain.contracts,
                    "key": development_key(PROVIDERS[index]),
                }
                provider = RunningProvider(folder / f"sp{index + 1}", own | settings)
                provider.id = chain.register_provider(
                    key=own["key"],
                    name=provider.name,
                    service_url=provider.url,
                    endorsed=index < endorsed,
                )
                network.providers.append(provider)
                provider.begin()
            for provider in network.providers:
                provider.wait()
            chain.save(network.description)
            yield network
        finally:
            for provider in network.providers:
                provider.stop()


@contextmanager
def described_network(folder: Path, description: Path, **settings: Any) -> Iterator[Network]:
    """
    Providers of ours that submit to the contracts of a description, each with the key of the
    well-known account that is named there, and at the port that is named there.
    """
    chain = DescribedChain(description)
    network = Network(folder, chain, [])
    network.description = description
    try:
        for number, told in enumerate(chain.description["info"]["pdp_sps"]):
            key = key_of(told["eth_addr"])
            port = urlsplit(told["pdp_service_url"]).port or 80
            place = folder / f"sp{number + 1}"
            made = config.of_description(description, number + 1, place, key, port)
            provider = RunningProvider(place, made | settings, told["container_name"])
            provider.id = told["provider_id"]
            network.providers.append(provider)
            provider.start()
        yield network
    finally:
        for provider in network.providers:
            provider.stop()


def _ports(kept: Path, count: int, keep: bool) -> list[int]:
    """The same each time, as addresses are written on the chain and in clients' databases."""
    ports = json.loads(kept.read_text()) if keep and kept.exists() else []
    while len(ports) < count:
        if (port := _free_port()) not in ports:
            ports.append(port)
    if keep:
        kept.write_text(json.dumps(ports))
    return ports[:count]
