"""A library, worked by hand, whose films go to the stand-in network."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import F
from eth_account import Account

from library.models import Addition, Copy, Provider, Step, Video
from library.network import connection, patrol, rounds
from library.storing.worker import Worker
from tests.foc.provider.network import described_network, running_network
from tests.making import SMALL_PIECES, received_video
from tests.running import polling


@pytest.fixture(autouse=True)
def back_doors(request):
    if DESCRIBED and request.node.get_closest_marker("back_door"):
        pytest.skip("needs a back door of our own contracts")


@pytest.fixture(scope="session")
def net(tmp_path_factory):
    """Our own network, or providers of ours on contracts that FILECOIN_DEVNET describes."""
    if DESCRIBED:
        with described_network(tmp_path_factory.mktemp("network"), Path(DESCRIBED)) as network:
            yield network
        return
    with running_network(
        tmp_path_factory.mktemp("network"),
        providers=4,
        endorsed=2,
        block_time=0.2,
        proving_period=100,
        challenge_window=40,
        park_delay=0.05,
        tick=0.4,
    ) as network:
        yield network


DESCRIBED = os.environ.get("FILECOIN_DEVNET", "")


class Stage:
    """What a test does and sees. `work` is what worker and rounds do in a library that runs."""

    def __init__(self, net, owner, payer) -> None:
        self.net, self.owner, self.payer = net, owner, payer
        self.worker = Worker()

    def film(self, size: int = 3 * SMALL_PIECES - 1000, **fields) -> Video:
        """Received, of three pieces, its check taken as done; bytes at random."""
        video = received_video(
            self.owner,
            os.urandom(size),
            piece_size=SMALL_PIECES,
            kind=Video.Kind.FILM,
            media_type="video/mp4",
            **fields,
        )
        from library.storing import steps

        video.steps.filter(kind=Step.Kind.CHECK).update(state=Step.State.DONE)
        steps.enqueue(video, Step.Kind.STORE)
        return video

    def turn(self) -> None:
        """One round of everything; what was put off is due at once."""
        Step.objects.filter(state=Step.State.WAITING).update(next_try_at=F("created_at"))
        Addition.objects.update(next_try_at=F("drawn_at"))
        # Who failed may be asked again.
        Provider.objects.filter(failures__gt=0).update(failed_at=F("seen_at") - timedelta(days=1))
        self.worker.drain()
        rounds.turn()

    def work(self, *videos: Video, until: str = "", timeout: float = 90) -> None:
        """Until all of these films have as many copies on chain as are wanted, or that state."""

        def is_there(video: Video) -> bool:
            if until:
                return video.state == until
            return video.committed_copies >= video.wanted_copies and not video.is_local

        def there() -> bool:
            return all(map(is_there, Video.objects.filter(pk__in=[one.pk for one in videos])))

        self.work_until(there, timeout)
        for video in videos:
            video.refresh_from_db()

    def work_until(self, there, timeout: float = 90) -> None:
        for _ in polling(timeout):
            if there():
                return
            self.turn()
        steps = [(str(one), one.state, one.error) for one in Step.objects.all()]
        sent = [(str(one), one.state, one.error) for one in Addition.objects.all()]
        films = [(one.state, one.state_reason) for one in Video.objects.all()]
        raise AssertionError(f"it did not come to that: {films} {steps} {sent}")

    def patrol(self) -> None:
        patrol.round(connection.current())

    def added(self) -> list[tuple[int, str]]:
        """What the chain has been told to add for this payer: provider and PieceCID."""
        return self.net.added(self.payer)

    def copies(self, video: Video) -> list[Copy]:
        return list(Copy.objects.filter(piece__video=video).select_related("holder", "piece"))

    def holders(self, video: Video) -> set[int]:
        return {copy.holder.number for copy in self.copies(video) if copy.state == "committed"}

    def additions(self) -> list[Addition]:
        return list(Addition.objects.all())

    def provider(self, number: int):
        return next(one for one in self.net.providers if one.id == number)


@pytest.fixture
def stage(net, settings, alice):
    """With an account of its own: nothing of what another test has stored is in it."""
    for provider in net.providers:
        provider.well()
    key = "0x" + bytes(Account.create().key).hex()
    payer = Account.from_key(key).address
    net.ready_for(key)
    settings.FILECOIN_NETWORK = "devnet"
    settings.FILECOIN_DEVNET = str(net.description)
    settings.FILECOIN_OWNER = payer
    settings.FILECOIN_SESSION_KEY = net.session_key
    settings.FILECOIN_RPC_URLS = []
    settings.COPIES = 2
    settings.BEAM = False
    settings.COMMIT_GATHER_SECONDS = 0
    settings.PATROL_SECONDS = 1
    settings.PIECE_SIZE = SMALL_PIECES
    stage = Stage(net, alice, payer)
    stage.key = key
    yield stage
    connection.close()
    for provider in net.providers:
        if provider.process is None:
            provider.start()
        provider.well()
        # Proofs of what tests have left would take more blocks with each test, until none is
        # in time any more.
        provider.leave_off()
