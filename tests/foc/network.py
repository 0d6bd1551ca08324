"""
An owner with money on the stand-in network, and what a test or a person does in its name.
`tests.foc.provider.network` starts the network.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from eth_account import Account

from tests.foc.chain import Chain
from tests.foc.deploy import development_key

if TYPE_CHECKING:
    from tests.foc.provider.running import RunningProvider

USDFC = 10**18
OWNER, SESSION = 1, 8
# The first providers' accounts; the owner and the session key are others.
PROVIDERS = (2, 4, 5, 6, 7)
OPERATIONS = ("CreateDataSet", "AddPieces", "SchedulePieceRemovals")


class Network:
    def __init__(self, folder: Path, chain: Chain, providers: list[RunningProvider]) -> None:
        self.folder, self.chain, self.providers = folder, chain, providers
        self.owner_key, self.session_key = development_key(OWNER), development_key(SESSION)
        self.owner = Account.from_key(self.owner_key).address
        self.session = Account.from_key(self.session_key).address
        self.description = folder / "devnet.json"

    @property
    def environment(self) -> dict[str, str]:
        """What makes a library store its films here."""
        return {
            "FILECOIN_NETWORK": "devnet",
            "FILECOIN_DEVNET": str(self.description),
            "FILECOIN_OWNER": self.owner,
            "FILECOIN_SESSION_KEY": self.session_key,
        }

    def fund(self, usdfc: int = 100, key: str | None = None) -> None:
        """Deposit into the account of a key; the owner's, if none is named."""
        key = key or self.owner_key
        amount, chain, payer = usdfc * USDFC, self.chain, Account.from_key(key).address
        chain.mint(payer, amount)
        token, pay = chain.contract("usdfc").functions, chain.contract("pay").functions
        chain.send(token.approve(chain.contracts["pay"], amount), key=key)
        chain.send(pay.deposit(chain.contracts["usdfc"], payer, amount), key=key)

    def approve(self, approved: bool = True, key: str | None = None, **limits: int) -> None:
        """Let the service use the account; `limits` of rate and lockup, else none."""
        most = 2**256 - 1 if approved else 0
        call = self.chain.contract("pay").functions.setOperatorApproval(
            self.chain.contracts["usdfc"],
            self.chain.contracts["fwss"],
            approved,
            limits.get("rate", most),
            limits.get("lockup", most),
            86400,
        )
        self.chain.send(call, key=key or self.owner_key)

    def authorise(self, *, days: float = 90, key: str | None = None) -> None:
        """Let the session key sign for an account. A negative time makes it expired."""
        from tests.foc.acting import type_hash

        expiry = max(self.chain.now(), int(time.time())) + int(days * 86400)
        call = self.chain.contract("sessions").functions.login(
            self.session, expiry, [type_hash(one) for one in OPERATIONS], "tests"
        )
        self.chain.send(call, key=key or self.owner_key)

    def ready(self) -> Network:
        return self.ready_for(self.owner_key)

    def ready_for(self, key: str) -> Network:
        """An account with money, that the service may use, and the session key may sign for."""
        address = Account.from_key(key).address
        self.chain.give_fil(address, 10**20)
        self.fund(key=key)
        self.approve(key=key)
        self.authorise(key=key)
        return self

    def added(self, payer: str | None = None) -> list[tuple[int, str]]:
        """Every PieceAdded there is (for `payer`): the provider's number and the PieceCID."""
        from filmedia.filecoin.piece import PieceCid

        fwss = self.chain.contract("fwss")
        view = self.chain.contract("view").functions
        found = []
        for event in fwss.events.PieceAdded().get_logs(from_block=0):
            cid = str(PieceCid.from_binary(bytes(event["args"]["pieceCid"]["data"])))
            info = view.getDataSet(event["args"]["dataSetId"]).call()
            if payer is None or info[3] == payer:
                found.append((info[9], cid))
        return found
