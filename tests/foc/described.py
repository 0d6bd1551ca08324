"""
Contracts that are somebody else's, as a devnet's description tells of them: what tests do to
our own chain by back doors is done here with the accounts that the description names.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from eth_account import Account

from tests.foc.chain import Chain
from tests.foc.deploy import development_key

_NAMES = {
    "usdfc": "mockusdfc_addr",
    "pay": "filecoin_pay_v1_addr",
    "fwss": "fwss_service_proxy_addr",
    "view": "fwss_state_view_addr",
    "pdp": "pdp_verifier_proxy_addr",
    "registry": "service_provider_registry_proxy_addr",
    "sessions": "session_key_registry_addr",
    "endorsed": "endorsements_addr",
    "multicall": "multicall3_addr",
}
_TRANSFER = [
    {
        "type": "function",
        "name": "transfer",
        "stateMutability": "nonpayable",
        "inputs": [{"name": "to", "type": "address"}, {"name": "amount", "type": "uint256"}],
        "outputs": [{"name": "", "type": "bool"}],
    }
]


class DescribedChain(Chain):
    """FIL and USDFC come from the first user; providers are those that are there."""

    def __init__(self, path: Path) -> None:
        told = json.loads(path.read_text())
        url = told["info"]["lotus"]["host_rpc_url"]
        super().__init__(url, 0)
        self.description = told
        addresses = told["info"]["contracts"]
        self.contracts = {name: addresses[key] for name, key in _NAMES.items()}
        self._user = told["info"]["users"][0]["private_key_hex"]
        self.provider_key = key_of(told["info"]["pdp_sps"][0]["eth_addr"])

    def mine(self, blocks: int = 1) -> int:
        until = self.block() + blocks
        while self.block() < until:
            time.sleep(0.5)
        return self.block()

    def mint(self, address: str, amount: int) -> None:
        token = self.web3.eth.contract(self.contracts["usdfc"], abi=_TRANSFER)
        self.send(token.functions.transfer(address, amount), key=self._user)

    def give_fil(self, address: str, amount: int) -> None:
        sender = Account.from_key(self._user).address
        fields: dict[str, Any] = {
            "to": address,
            "value": min(amount, 10**19),
            "nonce": self.web3.eth.get_transaction_count(sender, "pending"),
            "chainId": self.web3.eth.chain_id,
            "gasPrice": 2 * self.web3.eth.gas_price,
        }
        fields["gas"] = self.web3.eth.estimate_gas({**fields, "from": sender}) * 13 // 10
        signed = Account.sign_transaction(fields, self._user)
        sent = self.web3.eth.send_raw_transaction(signed.raw_transaction)
        self.web3.eth.wait_for_transaction_receipt(sent, timeout=300)

    def register_provider(self, **offer: Any) -> int:
        raise AssertionError("Providers are those that the description names.")


def key_of(address: str) -> str:
    """Of an account of the development mnemonic."""
    for number in range(20):
        key = development_key(number)
        if Account.from_key(key).address.lower() == address.lower():
            return key
    raise AssertionError(f"{address} is none of the well-known accounts.")
