"""
The networks there are, and their addresses.

Only the address of the warm storage service (FWSS) is trusted. The others are what the
service itself names; where this table has them too, both must agree (`WrongContracts`).
The StateView changes with every upgrade of the service, so the table leaves it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH_SECONDS = 30
MULTICALL = "0xcA11bde05977b3631167028862bE2a173976CA11"


@dataclass(frozen=True)
class Clock:
    """When epochs are: one epoch is one block number. `at` is the time of `epoch`."""

    epoch: int
    at: datetime
    seconds: float = EPOCH_SECONDS

    def time(self, epoch: int) -> datetime:
        return self.at + timedelta(seconds=self.seconds * (epoch - self.epoch))


@dataclass(frozen=True)
class Network:
    """
    `settled` and `safe` are depths in epochs under the newest block: from the first on a
    transaction counts as there, from the second on it counts as there for good.
    """

    name: str
    title: str
    chain_id: int
    rpc_urls: tuple[str, ...]
    fwss: str
    endorsed: str
    multicall: str = MULTICALL
    # As far as they are known; by the names of `Addresses` in `service`.
    known: Mapping[str, str] = field(default_factory=dict)
    explorer: str = ""
    genesis: int | None = None
    beam_suffix: str = ""
    beam_stats: str = ""
    settled: int = 5
    safe: int = 30
    # A network of one machine: providers on http and loopback addresses are let pass.
    insecure_providers: bool = False

    @property
    def clock(self) -> Clock | None:
        """None where it must be read from a block."""
        if self.genesis is None:
            return None
        return Clock(0, datetime.fromtimestamp(self.genesis, UTC))

    def transaction_url(self, transaction: str) -> str:
        """A page that shows the transaction; "" where the network has no explorer."""
        return f"{self.explorer}/tx/{transaction}" if self.explorer and transaction else ""

    def address_url(self, address: str) -> str:
        return f"{self.explorer}/address/{address}" if self.explorer else ""


MAINNET = Network(
    name="mainnet",
    title="Filecoin mainnet",
    chain_id=314,
    rpc_urls=(
        "https://api.node.glif.io/rpc/v1",
        "https://rpc.ankr.com/filecoin",
        "https://filecoin.drpc.org",
    ),
    fwss="0x8408502033C418E1bbC97cE9ac48E5528F371A9f",
    endorsed="0x59eFa2e8324E1551d46010d7B0B140eE2F5c726b",
    known={
        "pay": "0x23b1e018F08BB982348b15a86ee926eEBf7F4DAa",
        "pdp": "0xBADd0B92C1c71d02E7d520f64c0876538fa2557F",
        "registry": "0xf55dDbf63F1b55c3F1D4FA7e339a68AB7b64A5eB",
        "sessions": "0x74FD50525A958aF5d484601E252271f9625231aB",
        "usdfc": "0x80B98d3aa09ffff255c3ba4A241111Ff1262F045",
        "beam": "0x1D60d2F5960Af6341e842C539985FA297E10d6eA",
    },
    explorer="https://filecoin.blockscout.com",
    genesis=1598306400,
    beam_suffix="filbeam.io",
    beam_stats="https://stats.filbeam.com",
)

CALIBRATION = Network(
    name="calibration",
    title="the calibration test network",
    chain_id=314159,
    rpc_urls=(
        "https://api.calibration.node.glif.io/rpc/v1",
        "https://rpc.ankr.com/filecoin_testnet",
        "https://filecoin-calibration.drpc.org",
    ),
    fwss="0x02925630df557F957f70E112bA06e50965417CA0",
    endorsed="0xAA2f7CfC7ecAc616EC9C1f6d700fAd19087FAC84",
    known={
        "pay": "0x09a0fDc2723fAd1A7b8e3e00eE5DF73841df55a0",
        "pdp": "0x85e366Cf9DD2c0aE37E963d9556F5f4718d6417C",
        "registry": "0x839e5c9988e4e9977d40708d0094103c0839Ac9D",
        "sessions": "0x518411c2062E119Aaf7A8B12A2eDf9a939347655",
        "usdfc": "0xb3042734b608a1B16e9e86B374A3f3e389B4cDf0",
        "beam": "0x1D60d2F5960Af6341e842C539985FA297E10d6eA",
    },
    explorer="https://filecoin-testnet.blockscout.com",
    genesis=1667326380,
    beam_suffix="calibration.filbeam.io",
    beam_stats="https://calibration.stats.filbeam.com",
)

NETWORKS = {network.name: network for network in (MAINNET, CALIBRATION)}
DEVNET_CHAIN_ID = 31415926


def devnet(description: Mapping[str, Any]) -> Network:
    """
    The network that a devnet description tells of, in the shape that foc-devnet writes.
    Raises ValueError for what is none.
    """
    try:
        info = description["info"]
        contracts = info["contracts"]
        return Network(
            name="devnet",
            title="a network of this machine",
            chain_id=int(info.get("chain_id", DEVNET_CHAIN_ID)),
            rpc_urls=(str(info["lotus"]["host_rpc_url"]),),
            fwss=str(contracts["fwss_service_proxy_addr"]),
            endorsed=str(contracts["endorsements_addr"]),
            multicall=str(contracts["multicall3_addr"]),
            known={
                "pay": str(contracts["filecoin_pay_v1_addr"]),
                "pdp": str(contracts["pdp_verifier_proxy_addr"]),
                "registry": str(contracts["service_provider_registry_proxy_addr"]),
                "sessions": str(contracts["session_key_registry_addr"]),
                "usdfc": str(contracts["mockusdfc_addr"]),
            },
            settled=1,
            safe=3,
            insecure_providers=True,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"This does not describe a devnet: {error!r}.") from None
