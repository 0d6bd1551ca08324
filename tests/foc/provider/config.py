"""
What a provider is told at its start: `python -m tests.foc.provider CONFIG.json`.

    port, folder, key, rpc_url      where it listens, what it keeps, who it is, which chain
    contracts                       fwss, view and pdp by name
    park_delay, keep_unclaimed      seconds until a piece can be found, and until it is dropped
    tick, pull_pause                seconds between rounds of its clock, and tries of a pull
    missing_seconds                 how long a reading that found nothing is remembered
    throttle_seconds                how long an offender is kept out
    allow_insecure                  pulls from http and from private addresses
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


class NotDescribed(Exception):
    """No provider of that number is in the description, or the key is another's."""


def of_description(path: Path, number: int, folder: Path, key: str, port: int) -> dict[str, Any]:
    """
    For the `number`th provider, from 1, of a devnet that is described as FILECOIN_DEVNET takes it.
    Descriptions have no keys of providers: `key` is the one of its account.
    """
    from eth_account import Account

    info = json.loads(path.read_text())["info"]
    if not 0 < number <= len(info["pdp_sps"]):
        raise NotDescribed(f"There are {len(info['pdp_sps'])} providers, and no {number}.")
    named = info["pdp_sps"][number - 1]["eth_addr"]
    if Account.from_key(key).address.lower() != named.lower():
        raise NotDescribed(f"The key is not that of {named}.")
    at = info["contracts"]
    return {
        "port": port,
        "folder": str(folder),
        "key": key,
        "rpc_url": info["lotus"]["host_rpc_url"],
        "contracts": {
            "fwss": at["fwss_service_proxy_addr"],
            "view": at["fwss_state_view_addr"],
            "pdp": at["pdp_verifier_proxy_addr"],
        },
    }
