"""
The one way from the library's rows to the network: settings in, a client out.

Rows are plain code and the client waits, so its work happens on a loop of its own thread;
`run` is where the two meet. One connection serves a process, and its requests to the RPC
node are counted together with those of every other process of the installation.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import threading
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from filmedia.filecoin.chain.networks import NETWORKS, Clock, Network, devnet
from filmedia.filecoin.errors import NoKey, ProviderUnreachable
from library import places
from library.models import Provider
from library.network.pace import SharedPace

if TYPE_CHECKING:
    import httpx

    from filmedia.filecoin.chain.service import Service
    from filmedia.filecoin.provider.client import Provider as Client
    from filmedia.filecoin.signing.keys import LocalKey

LOCAL = "local"
# How long it takes at most to notice that a step should be left.
WATCH_SECONDS = 0.2
# The StateView changes with every upgrade of the service, so it is asked for again.
ADDRESSES_SECONDS = 1800.0
CLOCK_SECONDS = 60.0
# One provider that hangs must not hold up what is done for all others.
ANSWER_SECONDS = 30.0

_T = TypeVar("_T")


def is_local() -> bool:
    return bool(settings.FILECOIN_NETWORK == LOCAL)


def network() -> Network:
    """The network of the settings. Raises ImproperlyConfigured; never call it for `local`."""
    if settings.FILECOIN_NETWORK in NETWORKS:
        return NETWORKS[settings.FILECOIN_NETWORK]
    path = Path(settings.FILECOIN_DEVNET)
    try:
        return devnet(json.loads(path.read_text()))
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"FILECOIN_DEVNET={path} cannot be used: {error}") from None


def owner() -> str:
    """
    The address whose account pays, checksummed. Raises InvalidAddress, or NoKey where
    there is none.
    """
    from filmedia.filecoin.money.addresses import checked_address

    if not settings.FILECOIN_OWNER:
        raise NoKey("Nobody pays yet: set FILECOIN_OWNER to the address whose account does.")
    return checked_address(settings.FILECOIN_OWNER)


def session_key() -> str:
    """The private key, or "". One that was made meanwhile is found without a new start."""
    if settings.FILECOIN_SESSION_KEY:
        return str(settings.FILECOIN_SESSION_KEY)
    kept = places.session_key()
    return kept.read_text().strip() if kept.is_file() else ""


class Connection:
    """Made once a process by `current`; in tests, by hand."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="filecoin", daemon=True)
        self._thread.start()
        self._lock = threading.Lock()
        self._http: httpx.AsyncClient | None = None
        self._rpc_http: httpx.AsyncClient | None = None
        self._service: tuple[float, Service] | None = None
        self._clock: tuple[float, Clock] | None = None
        self._signer: LocalKey | None = None

    def run(self, work: Coroutine[Any, Any, _T], watch: Callable[[], None] | None = None) -> _T:
        """
        The result of `work`. Meanwhile `watch` is called now and then, in the caller's
        thread; when it raises, the work is cancelled.
        """
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            while True:
                try:
                    return future.result(WATCH_SECONDS if watch else None)
                except concurrent.futures.TimeoutError:
                    # The work's own, or else it is only not done yet.
                    if future.done():
                        return future.result()
                    if watch is not None:
                        watch()
        except BaseException:
            future.cancel()
            raise

    def ask(
        self,
        client: Client,
        work: Coroutine[Any, Any, _T],
        watch: Callable[[], None] | None = None,
        seconds: float = ANSWER_SECONDS,
    ) -> _T:
        """
        As `run`, of a question to a provider: whoever does not answer in time is not
        reached. Whether what was asked happened all the same is then open.
        """

        async def bounded() -> _T:
            try:
                return await asyncio.wait_for(work, seconds)
            except TimeoutError:
                raise ProviderUnreachable(client.name, "it does not answer in time") from None

        return self.run(bounded(), watch)

    @property
    def service(self) -> Service:
        """Connected, its chain and its contracts checked. Raises what `Service.connect` does."""
        with self._lock:
            kept = self._service
            if kept is None or time.monotonic() - kept[0] > ADDRESSES_SECONDS:
                kept = (time.monotonic(), self.run(self._connect()))
                self._service = kept
            return kept[1]

    def clock(self) -> Clock:
        """When epochs are."""
        kept = self._clock
        if kept is None or time.monotonic() - kept[0] > CLOCK_SECONDS:
            kept = (time.monotonic(), self.run(self.service.clock()))
            self._clock = kept
        return kept[1]

    def provider(self, row: Provider) -> Client:
        from filmedia.filecoin.provider.addresses import client as new_client
        from filmedia.filecoin.provider.client import Provider as Client

        if self._http is None:
            self._http = self.run(_on_loop(lambda: new_client(self.network.insecure_providers)))
        return Client(row.service_url, self._http, row.title)

    @property
    def http(self) -> httpx.AsyncClient:
        """For services of the network's own, not for what providers name."""
        import httpx

        if self._rpc_http is None:
            self._rpc_http = self.run(
                _on_loop(lambda: httpx.AsyncClient(timeout=30.0, trust_env=False))
            )
        return self._rpc_http

    @property
    def signer(self) -> LocalKey:
        """The session key. Raises NoKey where there is none, or it is no key."""
        from filmedia.filecoin.signing.keys import LocalKey

        if self._signer is None:
            key = session_key()
            if not key:
                raise NoKey(
                    "The server has no session key yet: `manage.py filecoin session-key new` "
                    "makes one, or FILECOIN_SESSION_KEY_FILE names it."
                )
            self._signer = LocalKey(key)
        return self._signer

    def close(self) -> None:
        for client in (self._http, self._rpc_http):
            if client is not None:
                self.run(client.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _connect(self) -> Service:
        import httpx

        from filmedia.filecoin.chain.rpc import Node
        from filmedia.filecoin.chain.service import Service

        if self._rpc_http is None:
            self._rpc_http = httpx.AsyncClient(timeout=30.0, trust_env=False)
        urls = settings.FILECOIN_RPC_URLS or self.network.rpc_urls
        pace = SharedPace(settings.FILECOIN_RPC_PER_MINUTE)
        node = Node(
            urls,
            self._rpc_http,
            token=settings.FILECOIN_RPC_TOKEN,
            # A node of this machine takes any number of requests.
            pace=None if self.network.insecure_providers else pace,
        )
        return await Service.connect(self.network, node)


_current: Connection | None = None
_making = threading.Lock()


def current() -> Connection:
    """The connection of this process."""
    global _current
    with _making:
        if _current is None:
            _current = Connection(network())
        return _current


def close() -> None:
    """Forget the connection: what asks next makes a new one."""
    global _current
    with _making:
        if _current is not None:
            _current.close()
            _current = None


async def _on_loop(make: Callable[[], _T]) -> _T:
    return make()
