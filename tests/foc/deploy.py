"""Our contracts on a fresh chain, and what the network is then described as."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from eth_account import Account
from web3 import Web3

from tests.foc.compile import artifacts

MULTICALL3 = "0xcA11bde05977b3631167028862bE2a173976CA11"
# The accounts of the mnemonic that development chains know, by their number.
_MNEMONIC = "test test test test test test test test test test test junk"
_DEPLOYER, _BENEFICIARY = 0, 9
_USERS = {"USER_1": 1, "USER_2": 3}
_USER_MONEY = 10_000 * 10**18

# The name of a contract here, and what it is compiled under.
CONTRACTS = {
    "usdfc": "USDFC",
    "pay": "FilecoinPayV1",
    "fwss": "FilecoinWarmStorageService",
    "view": "StateView",
    "pdp": "PDPVerifier",
    "registry": "ServiceProviderRegistry",
    "sessions": "SessionKeyRegistry",
    "endorsed": "ProviderIdSet",
    "multicall": "Multicall3",
}


def development_key(number: int) -> str:
    """The private key of one of the well-known accounts."""
    Account.enable_unaudited_hdwallet_features()
    account = Account.from_mnemonic(_MNEMONIC, account_path=f"m/44'/60'/0'/0/{number}")
    return "0x" + bytes(account.key).hex()


def owner(web3: Web3) -> str:
    """Whoever deploys owns the contracts. The node signs for this account."""
    return web3.eth.accounts[_DEPLOYER]


def deploy(
    web3: Web3, *, proving_period: int, challenge_window: int, challenge_finality: int
) -> dict[str, str]:
    """Addresses by name. Periods are in epochs."""
    at: dict[str, str] = {}

    def make(name: str, *arguments: Any) -> None:
        artifact = artifacts()[CONTRACTS[name]]
        contract = web3.eth.contract(abi=artifact.abi, bytecode=artifact.code)
        sent = contract.constructor(*arguments).transact({"from": owner(web3)})
        at[name] = web3.eth.wait_for_transaction_receipt(sent, poll_latency=0.01)["contractAddress"]

    for name in ("usdfc", "pay", "registry", "sessions", "endorsed"):
        make(name)
    make("pdp", challenge_finality)
    beneficiary = web3.eth.accounts[_BENEFICIARY]
    addresses = [at["pdp"], at["pay"], at["usdfc"], beneficiary, at["registry"], at["sessions"]]
    make("fwss", *addresses, proving_period, challenge_window)
    make("view", at["fwss"])
    fwss = web3.eth.contract(at["fwss"], abi=artifacts()[CONTRACTS["fwss"]].abi)
    fwss.functions.setViewContract(at["view"]).transact({"from": owner(web3)})

    # Multicall3 has one address on every chain, which no deployer of ours can reach.
    web3.provider.make_request("anvil_setCode", [MULTICALL3, artifacts()["Multicall3"].runtime])
    at["multicall"] = MULTICALL3
    usdfc = web3.eth.contract(at["usdfc"], abi=artifacts()[CONTRACTS["usdfc"]].abi)
    for number in _USERS.values():
        user = web3.eth.accounts[number]
        usdfc.functions.mint(user, _USER_MONEY).transact({"from": owner(web3)})
    return at


def described(rpc_url: str, at: dict[str, str]) -> dict[str, Any]:
    """The network as a devnet describes itself; without providers."""
    return {
        "version": 1,
        "info": {
            "run_id": "filmedia",
            "start_time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "startup_duration": "0s",
            "users": [_user(name, development_key(number)) for name, number in _USERS.items()],
            "contracts": {
                "multicall3_addr": at["multicall"],
                "mockusdfc_addr": at["usdfc"],
                "fwss_service_proxy_addr": at["fwss"],
                "fwss_state_view_addr": at["view"],
                "fwss_impl_addr": at["fwss"],
                "pdp_verifier_proxy_addr": at["pdp"],
                "pdp_verifier_impl_addr": at["pdp"],
                "service_provider_registry_proxy_addr": at["registry"],
                "service_provider_registry_impl_addr": at["registry"],
                "filecoin_pay_v1_addr": at["pay"],
                "endorsements_addr": at["endorsed"],
                "session_key_registry_addr": at["sessions"],
            },
            "lotus": {
                "host_rpc_url": rpc_url,
                "container_id": "none",
                "container_name": "anvil",
            },
            "lotus_miner": {"container_id": "none", "container_name": "none", "api_port": 1},
            "pdp_sps": [],
        },
    }


def _user(name: str, key: str) -> dict[str, str]:
    return {
        "name": name,
        "evm_addr": Account.from_key(key).address,
        "native_addr": "f410",
        "private_key_hex": key,
    }
