"""`filmedia upload`: several files at once, each until its film is stored."""

from __future__ import annotations

import os
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import asdict, dataclass
from typing import Any

from filmedia.client import following, words
from filmedia.client.api import Api
from filmedia.client.backoff import Patience
from filmedia.client.errors import CANCELLED, FAILED, OK, Cancelled, ClientError, NotAllowed
from filmedia.client.files import LocalFile
from filmedia.client.following import Standing
from filmedia.client.screen import Bar, Screen
from filmedia.client.sending import Sender, Sent, Watch
from filmedia.client.stopping import Stop
from filmedia.client.waiting import Waiting

GO_ON = "Stopped. What the library has is kept: the same command goes on from there."
_SOON, _LATER = 0.5, 5.0


@dataclass
class Outcome:
    """A file's line with `--json`."""

    path: str
    size: int
    # One of the five words; refused, failed or cancelled where there is no film of it.
    state: str = "failed"
    video: str | None = None
    title: str | None = None
    watch_url: str | None = None
    sha256: str | None = None
    piece_cid: str | None = None
    # Bytes that this command sent, and where it went on from.
    sent: int = 0
    resumed_at: int = 0
    was_there: bool = False
    problem: str | None = None
    code: str | None = None


@dataclass
class Item:
    """A file on its way, and what is shown of it."""

    file: LocalFile
    outcome: Outcome
    bar: Bar
    sent: Sent | None = None
    patience: Patience | None = None
    next_look: float = 0.0
    pause: float = _SOON
    told: tuple[str, str] = ("", "")
    is_over: bool = False


class Uploading:
    """One `filmedia upload`."""

    def __init__(self, api: Api, screen: Screen, *, jobs: int, wait: bool, again: bool) -> None:
        self.api, self.screen, self.jobs, self.wait = api, screen, jobs, wait
        self.again = again
        self.stop = Stop()
        self.exit_code = OK

    def run(self, files: list[LocalFile], about: dict[str, str]) -> int:
        """Upload these; the exit code. A file that fails does not hold up the others."""
        me = self.api.json("GET", "/api/v1/me/")
        if not me["may_upload"]:
            raise NotAllowed("Your account may not upload films.")
        waiting = Waiting(self.api)
        waiting.look()
        sender = Sender(
            self.api, waiting, me["upload_chunk_size"], about, again=self.again, stop=self.stop
        )
        with self.screen.progress() as bars, ThreadPoolExecutor(self.jobs, "upload") as pool:
            sending: dict[Future[Sent], Item] = {}
            for file in files:
                item = Item(
                    file, Outcome(str(file.path), file.size), bars.add(file.name, file.size)
                )
                if file.size > me["upload_max_size"]:
                    self._end(item, _too_large(me["upload_max_size"]))
                else:
                    sending[pool.submit(self._send, sender, item)] = item
            try:
                self._follow(sending)
            except KeyboardInterrupt:
                self._stop(pool, list(sending.values()))
        return self.exit_code

    def _send(self, sender: Sender, item: Item) -> Sent:
        def trouble(error: ClientError, seconds: float) -> None:
            item.bar.stage("waiting")
            self.screen.say(f"{item.file.name}: {error} Trying again in {seconds:.0f} s.")

        self.stop.check()
        item.bar.stage("")
        return sender.send(item.file, Watch(item.bar.at, trouble, item.bar.stage))

    def _follow(self, sending: dict[Future[Sent], Item]) -> None:
        """Until each film is stored, or is known to have failed."""
        sending = dict(sending)
        storing: list[Item] = []
        while sending or storing:
            pause = _SOON if storing else None
            if sending:
                ended, _ = wait_for(sending, pause, FIRST_COMPLETED)
            else:
                ended = set()
                self.stop.wait(_SOON)
            for future in ended:
                item = sending.pop(future)
                if self._received(item, future) and self.wait:
                    storing.append(item)
            storing = [item for item in storing if not self._is_over(item)]

    def _received(self, item: Item, future: Future[Sent]) -> bool:
        """Whether the library has the file and its film is still to be followed."""
        try:
            item.sent = sent = future.result()
        except ClientError as error:
            self._end(item, error)
            return False
        item.outcome.sent, item.outcome.resumed_at = sent.sent, sent.resumed_at
        item.outcome.was_there, item.outcome.sha256 = sent.was_there, sent.sha256
        item.patience = Patience(self.stop.wait)
        if sent.was_there:
            self.screen.say(f"{item.file.name}: the library has it already.")
        elif sent.resumed_at:
            self.screen.say(
                f"{item.file.name}: went on at {words.size(sent.resumed_at)} of "
                f"{words.size(item.file.size)}."
            )
        if self.wait:
            return True
        self._is_over(item)
        return False

    def _is_over(self, item: Item) -> bool:
        if self.wait and time.monotonic() < item.next_look:
            return False
        assert item.sent is not None
        assert item.patience is not None
        try:
            standing = following.look(self.api, item.sent.address)
            if standing.film:
                following.check_same(standing.film, item.sent.sha256)
        except ClientError as error:
            return self._look_again(item, item.patience, error)
        item.patience.got_on()
        if standing.is_over or not self.wait:
            self._end(item, None, standing)
            return True
        self._tell(item, standing)
        item.pause = min(item.pause * 1.2, _LATER)
        item.next_look = time.monotonic() + item.pause
        return False

    def _look_again(self, item: Item, patience: Patience, error: ClientError) -> bool:
        """The film goes its way without us; only to hear of it another try is worth it."""
        try:
            patience.after(error)
        except ClientError as last:
            self._end(item, last)
            return True
        return False if self.wait else self._is_over(item)

    def _tell(self, item: Item, standing: Standing) -> None:
        what = words.stage(standing.stage) if standing.stage else "storing"
        if item.told != (what, standing.error):
            item.bar.begin(what, standing.total)
            error = f" ({standing.error} It is tried again.)" if standing.error else ""
            self.screen.say(f"{item.file.name}: {what} …{error}")
            item.told = (what, standing.error)
        item.bar.at(standing.done, standing.total)

    def _end(self, item: Item, error: ClientError | None, standing: Standing | None = None) -> None:
        """Say what has become of a file, for people and for programs."""
        item.bar.end()
        item.is_over = True
        outcome = item.outcome
        if error is not None:
            outcome.problem, outcome.code = str(error), error.code
            outcome.state = "cancelled" if isinstance(error, Cancelled) else "failed"
            self._exit_with(error.exit_code)
        elif standing is not None:
            self._keep(outcome, standing)
        self.screen.document(asdict(outcome))
        if isinstance(error, Cancelled):
            return
        if outcome.problem:
            self.screen.warn(f"{item.file.path}: {outcome.problem}")
        else:
            state = words.state(outcome.state)
            self.screen.result(outcome.video or "", state, outcome.path)

    def _keep(self, outcome: Outcome, standing: Standing) -> None:
        outcome.state = standing.state
        if standing.has_failed:
            outcome.problem, outcome.code = standing.problem, standing.state
            self._exit_with(FAILED)
        film: dict[str, Any] = standing.film or {}
        outcome.video, outcome.title = film.get("id"), film.get("title")
        outcome.piece_cid = film.get("piece_cid")
        if film:
            outcome.watch_url = f"{self.api.url}{film['watch_url']}"

    def _exit_with(self, code: int) -> None:
        """What needs the person to sign in is told before what merely failed."""
        self.exit_code = max(self.exit_code, code)

    def _stop(self, pool: ThreadPoolExecutor, items: list[Item]) -> None:
        self.stop.ask()
        self.screen.warn(GO_ON)
        try:
            pool.shutdown(cancel_futures=True)
        except KeyboardInterrupt:
            # Asked twice: a thread hangs on the network, and nothing of it is lost.
            os._exit(CANCELLED)
        for item in items:
            if not item.is_over:
                self._end(item, Cancelled(GO_ON))
        self.exit_code = CANCELLED


def _too_large(most: int) -> ClientError:
    return ClientError(f"The library takes files of at most {words.size(most)}.")
