"""What `python -m tests.foc` does: the network that runs, and what is done to it meanwhile."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.foc.chain import Chain
from tests.foc.network import USDFC, Network
from tests.foc.provider.faults import KNOWN
from tests.foc.provider.network import running_network
from tests.foc.provider.running import RunningProvider

PERIOD, WINDOW, EPOCHS_A_DAY = 60, 20, 2880
_LOOK_SECONDS = 0.3


class CannotPlay(Exception):
    """A sentence for whoever typed the command."""


def run(folder: Path, providers: int, block_time: float) -> None:
    """Until Ctrl-C."""
    signal.signal(signal.SIGTERM, _interrupted)
    orders = folder / "orders"
    with running_network(
        folder,
        providers=providers,
        endorsed=max(1, providers // 2),
        block_time=block_time,
        proving_period=PERIOD,
        challenge_window=WINDOW,
        keep=True,
        park_delay=2,
    ) as network:
        orders.mkdir(exist_ok=True)
        _introduce(network)
        try:
            while True:
                time.sleep(_LOOK_SECONDS)
                for order in sorted(orders.iterdir()):
                    _follow(network, order)
        except KeyboardInterrupt:
            print("\nEnding; it goes on here the next time.", flush=True)


def _interrupted(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _introduce(network: Network) -> None:
    print(f"\n  chain      {network.chain.rpc_url}   log {network.folder / 'anvil.log'}")
    for number, provider in enumerate(network.providers, 1):
        print(f"  provider {number} {provider.url}   log {provider.log}")
    print("\n  Store films here:\n")
    print(f"    {_environment(network)} make run")
    print("\n  The owner's account is empty at first. The keys are well-known, so never use")
    print(f"  them elsewhere:\n\n    owner        {network.owner_key}")
    print(f"    session key  {network.session_key}\n")
    print(f"    python -m tests.foc {network.folder} ready     fund, approve and authorise")
    print(f"    python -m tests.foc {network.folder} --help    and what else can be played")
    print("\n  Stop it with Ctrl-C.\n", flush=True)


def _environment(network: Network) -> str:
    return " ".join(f"{name}={value}" for name, value in network.environment.items())


def _follow(network: Network, order: Path) -> None:
    number, word = order.read_text().split()
    order.unlink()
    provider = network.providers[int(number) - 1]
    if word == "start" and provider.process is None:
        provider.start()
    elif word in ("kill", "stop"):
        getattr(provider, word)()
    print(f"  {time.strftime('%H:%M:%S')} provider {number}: {word}", flush=True)


# --- from another terminal ----------------------------------------------------------------


def _network(folder: Path) -> Network:
    """The one that runs in that folder."""
    record = folder / "chain.json.contracts"
    if not record.exists():
        raise CannotPlay(f"No network was ever started in {folder}.")
    kept = json.loads(record.read_text())
    url = kept["description"]["info"]["lotus"]["host_rpc_url"]
    chain = Chain(url, urlsplit(url).port or 0)
    if not chain.web3.is_connected():
        raise CannotPlay(f"The network in {folder} does not run: python -m tests.foc {folder}")
    chain.contracts, chain.description = kept["contracts"], kept["description"]
    network = Network(folder, chain, [])
    for path in sorted(folder.glob("sp*/config.json")):
        network.providers.append(RunningProvider(path.parent, json.loads(path.read_text())))
    return network


def _provider(folder: Path, number: str) -> RunningProvider:
    providers = _network(folder).providers
    if not number.isdecimal() or not 0 < int(number) <= len(providers):
        raise CannotPlay(f"There are providers 1 to {len(providers)}.")
    return providers[int(number) - 1]


def order(word: str) -> Callable[..., None]:
    def give(folder: Path, number: str = "") -> None:
        _provider(folder, number)
        path = folder / "orders" / f"{time.time_ns()}"
        # The file appears whole, as it may be read at once.
        draft = folder / f"order-{path.name}"
        draft.write_text(f"{number} {word}")
        draft.replace(path)

    return give


def fault(folder: Path, number: str = "", name: str = "", value: str = "true") -> None:
    if not name:
        for known, meaning in KNOWN.items():
            print(f"  {known:26}{meaning}")
        return
    if name not in KNOWN:
        raise CannotPlay(f"There is no fault {name}; without a name they are listed.")
    try:
        given = json.loads(value)
    except ValueError:
        given = value
    print(json.dumps(_asked(_provider(folder, number).faults, **{name: given})))


def well(folder: Path, number: str = "") -> None:
    _asked(_provider(folder, number).well)


def _asked(call: Callable[..., Any], **given: Any) -> Any:
    try:
        return call(**given)
    except httpx.HTTPError as error:
        raise CannotPlay(f"The provider does not answer: {error}.") from None


def ready(folder: Path) -> None:
    network = _network(folder)
    network.ready()
    _account(network)


def fund(folder: Path, amount: str = "10") -> None:
    network = _network(folder)
    network.fund(_whole(amount))
    _account(network)


def approve(folder: Path) -> None:
    _network(folder).approve()


def authorise(folder: Path, days: str = "30") -> None:
    _network(folder).authorise(days=_whole(days))


def drain(folder: Path, days: str = "3") -> None:
    """Withdraw what is over, so that the rest pays for about so many days."""
    network = _network(folder)
    chain, token = network.chain, network.chain.contracts["usdfc"]
    pay = chain.contract("pay").functions
    _, _, available, rate = pay.getAccountInfoIfSettled(token, network.owner).call()
    if not rate:
        raise CannotPlay("Nothing is stored yet, so what is there lasts for ever.")
    # A few epochs go by until the withdrawal is mined.
    over = available - rate * (EPOCHS_A_DAY * _whole(days) + 10)
    if over > 0:
        chain.send(pay.withdraw(token, over), key=network.owner_key)
    _account(network)


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise CannotPlay(f"{text} is not a whole number.")
    return int(text)


def status(folder: Path) -> None:
    network = _network(folder)
    print(f"  block {network.chain.block()} at {network.chain.rpc_url}")
    for number, provider in enumerate(network.providers, 1):
        try:
            state = f"faults {json.dumps(provider.faults())}"
        except httpx.HTTPError:
            state = "does not answer"
        print(f"  provider {number} {provider.url}: {state}")
    view = network.chain.contract("view").functions
    for info in view.getClientDataSets(network.owner, 0, 100).call():
        data_set, provider_id, end = info[12], info[9], info[8]
        deadline = view.provingDeadline(data_set).call()
        proven = view.provenThisPeriod(data_set).call()
        words = f"due by {deadline}" if deadline else "proving has not started"
        words = f"ended at {end}" if end else f"proven, next {words}" if proven else words
        print(f"  data set {data_set} at the provider with id {provider_id}: {words}")
    _account(network)


def _account(network: Network) -> None:
    pay, token = network.chain.contract("pay").functions, network.chain.contracts["usdfc"]
    until, funds, available, rate = pay.getAccountInfoIfSettled(token, network.owner).call()
    left = "for ever" if not rate else f"{(until - network.chain.block()) // EPOCHS_A_DAY} days"
    print(f"  owner {network.owner}: {_shown(funds)} USDFC, {_shown(available)} free, {left}")


def _shown(amount: int) -> str:
    return f"{amount // USDFC}.{amount % USDFC // 10**14:04}"
