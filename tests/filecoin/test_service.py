"""What the client reads from the chain, on a real EVM node."""

import dataclasses
import time

import pytest
from eth_account import Account

from filmedia.filecoin.chain import history
from filmedia.filecoin.chain.calls import Call
from filmedia.filecoin.chain.contracts import FWSS, USDFC
from filmedia.filecoin.chain.service import Service, landed_addition
from filmedia.filecoin.chain.transactions import Allowances, Requests, Sender
from filmedia.filecoin.cid import PieceCid
from filmedia.filecoin.errors import Reverted, RpcUnreachable, WrongChain, WrongContracts
from filmedia.filecoin.piece import piece_cid
from filmedia.filecoin.signing import extra_data, keys
from filmedia.filecoin.signing.keys import SESSION_OPERATIONS, LocalKey

pytestmark = pytest.mark.anyio

USDFC_1 = 10**18


@pytest.fixture
def owner(chain):
    """A wallet with FIL for gas and 100 USDFC, and nothing in its account."""
    key = Account.create().key.hex()
    address = Account.from_key(key).address
    chain.give_fil(address, 10**20)
    chain.mint(address, 100 * USDFC_1)
    return LocalKey(key)


@pytest.fixture
def sender(service, owner):
    return Sender(service, owner)


async def funded(service, owner, sender, amount=50 * USDFC_1):
    typed = await Requests(service).permit(owner.address, amount, now=int(time.time()) + 10**6)
    deadline = typed.message["deadline"]
    request = Requests(service).deposit_and_approve(
        owner.address, amount, deadline, owner.sign(typed), Allowances()
    )
    await sender.wait(await sender.send(request), interval=0.05)


def as_provider(chain, extra, cids, *, set_id=0):
    call = chain.contract("pdp").functions.addPieces(
        set_id, chain.contracts["fwss"], [(cid.binary,) for cid in cids], extra
    )
    return chain.send(call, key=chain.provider_key, value=0 if set_id else 10**17)


async def made(chain, service, signer, payer, cids, *, metadata=None):
    """A data set with these pieces: its id, what signs for it, and the addition's nonce."""
    id, nonce = keys.new_nonce(), keys.new_nonce()
    address = Account.from_key(chain.provider_key).address
    registry = chain.contract("registry").functions
    payee = registry.getProviderPayee(registry.getProviderIdByAddress(address).call()).call()
    create = extra_data.for_create(
        signer,
        service.domain,
        payer=payer,
        client_data_set_id=id,
        payee=payee,
        metadata=metadata or {"source": "filmedia"},
    )
    add = extra_data.for_add(signer, service.domain, client_data_set_id=id, nonce=nonce, cids=cids)
    as_provider(chain, extra_data.for_create_and_add(create, add), cids)
    answer = (await service.nonces(payer, [nonce]))[0]
    return id, nonce, landed_addition(answer, len(cids))


def some_cids(count, size=200):
    return [
        PieceCid.parse(piece_cid(bytes([index]) * 4 + keys.new_nonce().to_bytes(32, "big") * 6))
        for index in range(count)
    ]


async def test_addresses_are_those_that_the_service_names(chain, service):
    found = dataclasses.asdict(service.addresses)
    expected = {name: chain.contracts[name] for name in ("view", "pay", "pdp", "usdfc", "fwss")}
    assert expected.items() <= found.items()
    assert found["registry"] == chain.contracts["registry"]


async def test_another_chain_is_refused(network, node):
    with pytest.raises(WrongChain, match="serves chain 31415926, not 314"):
        await Service.connect(dataclasses.replace(network, chain_id=314), node)


async def test_contracts_that_are_not_those_of_the_table_are_refused(network, node):
    other = dataclasses.replace(network, known={**network.known, "pay": network.fwss})
    with pytest.raises(WrongContracts, match="as its pay"):
        await Service.connect(other, node)


async def test_an_address_without_a_contract_is_no_service(network, node):
    nowhere = dataclasses.replace(network, fwss="0x" + "11" * 20)
    with pytest.raises(RpcUnreachable, match="no such answer"):
        await Service.connect(nowhere, node)


@pytest.mark.back_door
async def test_providers_are_told_with_their_tier(service):
    found = {one["providerInfo"]["name"]: one for one in await service.providers()}
    tiers = {name: (one["approved"], one["endorsed"]) for name, one in found.items()}
    assert tiers == {"first": (True, True), "second": (True, False), "third": (False, False)}


async def test_many_questions_are_one_request(service, node):
    before = node.requests
    calls = [Call(service.addresses.usdfc, USDFC["name"])] * 150
    calls.append(Call(service.addresses.usdfc, FWSS["VERSION"]))
    answers = await service.caller.many(calls)
    assert node.requests == before + 1
    assert answers[:150] == ["USD for Filecoin Community"] * 150
    assert isinstance(answers[150], Exception)


async def test_a_deposit_by_permit_and_what_the_account_is_then(service, owner, sender):
    await funded(service, owner, sender)
    account = await service.account(owner.address)
    assert account.funds == 50 * USDFC_1
    assert account.wallet == 50 * USDFC_1
    assert account.approved
    assert account.lockup_allowance == 2**256 - 1
    assert account.lockup_rate == 0
    found = await history.deposits(service, owner.address, 0)
    assert [one["amount"] for one in found] == [50 * USDFC_1]


async def test_a_deposit_with_an_allowance_and_a_withdrawal(service, owner, sender):
    requests = Requests(service)
    for request in (
        requests.allow_token(5 * USDFC_1),
        requests.deposit(owner.address, 5 * USDFC_1),
        requests.withdraw(2 * USDFC_1),
    ):
        await sender.wait(await sender.send(request), interval=0.05)
    assert (await service.account(owner.address)).funds == 3 * USDFC_1


async def test_what_a_contract_refuses_is_not_sent(service, owner, sender, chain):
    nonce = chain.web3.eth.get_transaction_count(owner.address)
    with pytest.raises(Reverted) as refused:
        await sender.send(Requests(service).withdraw(USDFC_1))
    assert refused.value.name == "InsufficientUnlockedFunds"
    assert chain.web3.eth.get_transaction_count(owner.address) == nonce


async def test_transactions_sent_at_once_have_nonces_of_their_own(service, owner, sender):
    import asyncio

    requests = Requests(service)
    sent = await asyncio.gather(*[sender.send(requests.allow_token(n)) for n in range(1, 6)])
    assert len(set(sent)) == 5
    for transaction in sent:
        await sender.wait(transaction, interval=0.05)


async def test_a_session_key_signs_for_its_owner_until_it_is_revoked(chain, service, owner, sender):
    await funded(service, owner, sender)
    session = LocalKey(keys.new_private_key())
    requests, expiry = Requests(service), chain.now() + 10 * 24 * 3600
    assert (await service.access(owner.address, session.address)).expiry == 0
    await sender.wait(
        await sender.send(requests.authorise(session.address, expiry, SESSION_OPERATIONS)),
        interval=0.05,
    )
    access = await service.access(owner.address, session.address)
    assert access.may("AddPieces", chain.now())
    assert not access.may("TerminateService", chain.now())
    cids = some_cids(3)
    _, _, landed = await made(chain, service, session, owner.address, cids)
    assert landed is not None
    data_set, ids = landed
    assert await service.piece_cids(data_set, ids) == cids
    assert await service.pieces(data_set) == dict(zip(ids, cids, strict=True))
    [info] = await service.data_sets(owner.address)
    assert info.data_set_id == data_set
    assert await service.metadata([data_set]) == [{"source": "filmedia"}]

    await sender.wait(await sender.send(requests.revoke(session.address)), interval=0.05)
    access = await service.access(owner.address, session.address)
    assert not access.may("AddPieces", chain.now())
    with pytest.raises(Exception, match="0x"):
        await made(chain, service, session, owner.address, some_cids(1))


async def test_nonces_tell_what_landed(chain, service, owner, sender):
    await funded(service, owner, sender)
    id, _, landed = await made(chain, service, owner, owner.address, some_cids(2))
    assert landed is not None
    data_set, ids = landed
    never = keys.new_nonce()
    assert (await service.nonces(owner.address, [id, never])) == [data_set, 0]
    assert landed_addition(0, 3) is None
    receipt = await history.addition_receipt(service, data_set, ids[0], await service.block())
    assert receipt is not None and receipt.ok
    assert (await service.receipt(receipt.transaction)) == receipt
    assert await service.receipt("0x" + "00" * 32) is None


async def test_proofs_of_a_new_data_set_have_not_begun(chain, service, owner, sender):
    await funded(service, owner, sender)
    _, _, landed = await made(chain, service, owner, owner.address, some_cids(1))
    assert landed is not None
    epoch, [reading] = await service.proofs([landed[0]])
    assert reading.live and reading.activation == 0 and reading.leaf_count > 0
    assert epoch >= reading.last_proven > 0


async def test_an_unknown_data_set_is_not_live(service):
    _, [reading] = await service.proofs([10**9])
    assert not reading.live
    assert reading.leaf_count == 0


async def test_a_gone_piece_is_none(chain, service, owner, sender):
    await funded(service, owner, sender)
    _, _, landed = await made(chain, service, owner, owner.address, some_cids(1))
    assert landed is not None
    assert await service.piece_cids(landed[0], [landed[1][0] + 5]) == [None]


async def test_the_clock_of_a_devnet_is_measured(chain, service):
    clock = await service.clock()
    assert clock.seconds > 0
    assert abs(clock.time(chain.block()).timestamp() - chain.now()) < 2


async def test_requests_for_a_wallet_are_what_the_sender_would_send(service, owner):
    request = Requests(service).approve(Allowances(rate=5, lockup=6))
    told = request.for_wallet(owner.address, 314159)
    assert told["to"] == service.addresses.pay
    assert told["chainId"] == hex(314159)
    assert told["data"].startswith("0x")


@pytest.mark.back_door
async def test_two_hundred_additions_of_forty_pieces_never_share_a_nonce(
    chain, service, owner, sender
):
    await funded(service, owner, sender)
    id, first, landed = await made(chain, service, owner, owner.address, some_cids(1))
    assert landed is not None
    data_set, nonces, count = landed[0], [first], 200
    cids = some_cids(40)
    for _ in range(count):
        nonce = keys.new_nonce()
        extra = extra_data.for_add(
            owner, service.domain, client_data_set_id=id, nonce=nonce, cids=cids
        )
        as_provider(chain, extra, cids, set_id=data_set)
        nonces.append(nonce)
    answers = await service.nonces(owner.address, nonces)
    assert len(set(nonces)) == count + 1
    followed = [landed_addition(answer, 40) for answer in answers[1:]]
    ids = [id for one in followed if one for id in one[1]]
    assert len(set(ids)) == 40 * count


def test_loading_the_client_does_not_loosen_pythons_bound_on_recursion():
    """Otherwise a deeply nested answer would end the process instead of being refused."""
    import subprocess
    import sys

    code = (
        "import sys; before = sys.getrecursionlimit();"
        "from filmedia.filecoin.chain import abi, history, reverts, service, transactions;"
        "from filmedia.filecoin.signing.keys import LocalKey, new_private_key;"
        "LocalKey(new_private_key()); abi.encode(['uint256'], [1]); abi.keccak(b'');"
        "assert sys.getrecursionlimit() == before"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
