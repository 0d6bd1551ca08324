"""
What the chain says: the storage service, its prices and providers, an owner's account and
data sets, and how far proofs have got. Reads only.

`Service.connect` reads the addresses from the service itself and holds them against the
table; without that nothing may be signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from ..cid import PieceCid
from ..errors import FilecoinError, PieceError, RpcUnreachable, WrongChain, WrongContracts
from ..signing.keys import Access
from ..signing.typed_data import PERMISSIONS, Domain
from .calls import Call, Caller
from .contracts import ENDORSED, FWSS, PAY, PDP, REGISTRY, SESSIONS, USDFC, VIEW
from .networks import Clock, Network
from .readings import (
    AccountReading,
    Addresses,
    DataSetInfo,
    ProofReading,
    ProvingConfig,
    Receipt,
)
from .rpc import Node

PAGE = 100
_PDP_PRODUCT = 0
# From which on a wider span of blocks gives a better measure of the seconds in an epoch.
_MEASURED_BLOCKS = 50


class Service:
    """The warm storage service of `network`, asked through `caller`."""

    def __init__(self, network: Network, caller: Caller, addresses: Addresses) -> None:
        self.network, self.caller, self.addresses = network, caller, addresses
        self._eth = caller.node.web3().eth

    @classmethod
    async def connect(cls, network: Network, node: Node) -> Service:
        """Raises WrongChain or WrongContracts, or that nobody answers."""
        found = int(await node.request("eth_chainId"), 16)
        if found != network.chain_id:
            raise WrongChain(network.chain_id, found)
        caller = Caller(node, network.multicall)
        return cls(network, caller, await _addresses(network, caller))

    @property
    def domain(self) -> Domain:
        return Domain(self.network.chain_id, self.addresses.fwss)

    # --- the chain itself -------------------------------------------------------------

    async def block(self) -> int:
        """The newest block that has been executed: the current epoch."""
        return int(await self.caller.node.request("eth_blockNumber"), 16)

    async def clock(self) -> Clock:
        """When epochs are. Where the table does not say, it is measured."""
        if self.network.clock is not None:
            return self.network.clock
        last = await self._eth.get_block("latest")
        number, at = int(last["number"]), int(last["timestamp"])
        seconds = 1.0
        if number > 1:
            first = await self._eth.get_block(max(1, number - _MEASURED_BLOCKS))
            seconds = max((at - int(first["timestamp"])) / (number - int(first["number"])), 0.1)
        return Clock(number, datetime.fromtimestamp(at, UTC), seconds)

    async def receipt(self, transaction: str) -> Receipt | None:
        """None while no block has it. May be None again after a reorg."""
        told = await self.caller.node.request("eth_getTransactionReceipt", [transaction])
        if told is None:
            return None
        return Receipt(
            transaction,
            int(told["status"], 16) == 1,
            int(told["blockNumber"], 16),
            str(told["blockHash"]),
        )

    async def versions(self) -> tuple[str, str]:
        """Of the service and of the verifier, for the log."""
        fwss, pdp = await self.caller.all(
            [
                Call(self.addresses.fwss, FWSS["VERSION"]),
                Call(self.addresses.pdp, PDP["VERSION"]),
            ]
        )
        return fwss, pdp

    # --- prices and providers ---------------------------------------------------------

    async def price_list(self) -> dict[str, Any]:
        """As the contract has it: see `money.prices.PriceList`."""
        told: dict[str, Any] = await self.caller.one(self._view("getPriceList"))
        return told

    async def proving_config(self) -> ProvingConfig:
        told = await self.caller.one(self._view("getPDPConfig"))
        return ProvingConfig(told["maxProvingPeriod"], told["challengeWindowSize"])

    async def providers(self) -> list[dict[str, Any]]:
        """
        Every provider of the registry that offers PDP, with `approved` and `endorsed`. What
        they say of themselves is as they wrote it: see `provider.offering`.
        """
        approved, endorsed = await self.caller.all(
            [
                self._view("getApprovedProviders", 0, 0),
                Call(self.network.endorsed, ENDORSED["getProviderIds"]),
            ]
        )
        found: list[dict[str, Any]] = []
        page = REGISTRY["getProvidersByProductType"]
        more = True
        while more:
            call = Call(self.addresses.registry, page, (_PDP_PRODUCT, False, len(found), PAGE))
            told = await self.caller.one(call)
            found += told["providers"]
            more = told["hasMore"] and bool(told["providers"])
        for provider in found:
            provider["approved"] = provider["providerId"] in approved
            provider["endorsed"] = provider["providerId"] in endorsed
        return found

    # --- an owner ---------------------------------------------------------------------

    async def account(self, owner: str) -> AccountReading:
        """All of one block."""
        pay, usdfc, fwss = self.addresses.pay, self.addresses.usdfc, self.addresses.fwss
        epoch, account, approval, wallet, fil = await self.caller.all(
            [
                self.caller.block_number(),
                Call(pay, PAY["accounts"], (usdfc, owner)),
                Call(pay, PAY["operatorApprovals"], (usdfc, owner, fwss)),
                Call(usdfc, USDFC["balanceOf"], (owner,)),
                self.caller.balance(owner),
            ]
        )
        return AccountReading(
            epoch,
            account["funds"],
            account["lockupCurrent"],
            account["lockupRate"],
            account["lockupLastSettledAt"],
            approval["isApproved"],
            approval["rateAllowance"],
            approval["lockupAllowance"],
            approval["rateUsage"],
            approval["lockupUsage"],
            approval["maxLockupPeriod"],
            wallet,
            fil,
        )

    async def access(self, owner: str, signer: str) -> Access:
        """What `signer` may do for `owner`, until when."""
        if owner == signer:
            return Access(owner, signer, {})
        expiry = SESSIONS["authorizationExpiry"]
        asked = [
            Call(self.addresses.sessions, expiry, (owner, signer, bytes.fromhex(hash[2:])))
            for hash in PERMISSIONS.values()
        ]
        answers = await self.caller.all(asked)
        return Access(owner, signer, dict(zip(PERMISSIONS, answers, strict=True)))

    async def nonces(self, payer: str, nonces: Sequence[int]) -> list[int]:
        """
        What became of signed operations: 0 where one never landed; after a creation the
        data set's id; after an addition see `landed_addition`.
        """
        calls = [self._view("clientNonces", payer, nonce) for nonce in nonces]
        return await self.caller.all(calls)

    async def data_sets(self, owner: str) -> list[DataSetInfo]:
        """All that were not deleted, ending ones too."""
        found: list[DataSetInfo] = []
        while True:
            page = await self.caller.one(self._view("getClientDataSets", owner, len(found), PAGE))
            found += [info for told in page if (info := DataSetInfo.of(told)) is not None]
            if len(page) < PAGE:
                return found

    async def metadata(self, data_set_ids: Sequence[int]) -> list[dict[str, str]]:
        calls = [self._view("getAllDataSetMetadata", id) for id in data_set_ids]
        answers = await self.caller.all(calls)
        return [dict(zip(one["keys"], one["values"], strict=True)) for one in answers]

    # --- data sets --------------------------------------------------------------------

    async def proofs(self, data_set_ids: Sequence[int]) -> tuple[int, list[ProofReading]]:
        """The epoch, and where the proofs of each data set stand."""
        calls = [self.caller.block_number()]
        for id in data_set_ids:
            calls += self._proof_calls(id)
        answers = await self.caller.many(calls)
        each = len(self._proof_calls(0))
        readings = [
            _proof_reading(id, answers[1 + index * each : 1 + (index + 1) * each])
            for index, id in enumerate(data_set_ids)
        ]
        return answers[0], readings

    async def pieces(self, data_set_id: int) -> dict[int, PieceCid]:
        """Every piece that is in the data set, by its id; those that leave soon too."""
        found: dict[int, PieceCid] = {}
        start, more = 0, True
        while more:
            call = Call(
                self.addresses.pdp,
                PDP["getActivePiecesByCursor"],
                (data_set_id, start, PAGE * 5),
            )
            told = await self.caller.one(call)
            ids = told["pieceIds"]
            for id, piece in zip(ids, told["pieces"], strict=True):
                found[id] = _cid(piece["data"])
            more = told["hasMore"] and bool(ids)
            start = ids[-1] + 1 if ids else start
        return found

    async def piece_cids(self, data_set_id: int, piece_ids: Iterable[int]) -> list[PieceCid | None]:
        """What the data set has under these ids; None where it has nothing (any more)."""
        ids = list(piece_ids)
        live = [Call(self.addresses.pdp, PDP["pieceLive"], (data_set_id, id)) for id in ids]
        cids = [Call(self.addresses.pdp, PDP["getPieceCid"], (data_set_id, id)) for id in ids]
        answers = await self.caller.many(live + cids)
        return [
            _cid(cid["data"]) if alive is True and isinstance(cid, dict) else None
            for alive, cid in zip(answers[: len(ids)], answers[len(ids) :], strict=True)
        ]

    async def scheduled_removals(self, data_set_id: int) -> set[int]:
        call = Call(self.addresses.pdp, PDP["getScheduledRemovals"], (data_set_id,))
        return set(await self.caller.one(call))

    def _proof_calls(self, id: int) -> list[Call]:
        pdp = self.addresses.pdp
        return [
            Call(pdp, PDP["dataSetLive"], (id,)),
            self._view("getDataSet", id),
            Call(pdp, PDP["getDataSetLeafCount"], (id,)),
            self._view("provingActivationEpoch", id),
            self._view("provingDeadline", id),
            self._view("provenThisPeriod", id),
            Call(pdp, PDP["getDataSetLastProvenEpoch"], (id,)),
            Call(pdp, PDP["getNextChallengeEpoch"], (id,)),
        ]

    def _view(self, name: str, *arguments: Any) -> Call:
        return Call(self.addresses.view, VIEW[name], arguments)


def landed_addition(answer: int, pieces: int) -> tuple[int, list[int]] | None:
    """
    From `clientNonces` of an addition of so many pieces: its data set, and the pieces' ids
    in the order of the batch. None where it never landed.
    """
    if not answer:
        return None
    data_set_id, following = answer & (2**128 - 1), answer >> 128
    return data_set_id, list(range(following - pieces, following))


async def _addresses(network: Network, caller: Caller) -> Addresses:
    getters = {
        "view": "viewContractAddress",
        "pay": "paymentsContractAddress",
        "pdp": "pdpVerifierAddress",
        "usdfc": "usdfcTokenAddress",
        "registry": "serviceProviderRegistry",
        "sessions": "sessionKeyRegistry",
        "beam": "filBeamBeneficiaryAddress",
    }
    answers = await caller.all([Call(network.fwss, FWSS[name]) for name in getters.values()])
    found = {name: _checksummed(address) for name, address in zip(getters, answers, strict=True)}
    for name, expected in network.known.items():
        if found[name].lower() != expected.lower():
            raise WrongContracts(name, expected, found[name])
    return Addresses(fwss=_checksummed(network.fwss), **found)


def _checksummed(address: str) -> str:
    from eth_utils.address import to_checksum_address

    return str(to_checksum_address(address))


def _proof_reading(id: int, answers: Sequence[Any]) -> ProofReading:
    live, info, *rest = answers
    for answer in (live, info, *(rest if live is True else ())):
        if isinstance(answer, FilecoinError):
            raise answer
    # Of a data set that was deleted the verifier tells nothing but that.
    leaves, activation, deadline, proven, last, challenge = (
        0 if isinstance(answer, FilecoinError) else answer for answer in rest
    )
    return ProofReading(
        id,
        live,
        info["pdpEndEpoch"],
        leaves,
        activation,
        deadline,
        bool(proven),
        last,
        challenge,
    )


def _cid(data: bytes) -> PieceCid:
    try:
        return PieceCid.from_binary(data)
    except PieceError as error:
        raise RpcUnreachable(f"the chain names a piece that is none: {error}") from error
