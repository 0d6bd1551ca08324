"""A film that was stored open and is stored once more, encrypted: whole, or not at all."""

import os
import threading
from types import SimpleNamespace

import pytest

from library import encryption, films, places
from library.errors import KeyUnavailable, NoSpace, WrongState
from library.keys import films as keys
from library.models import Copy, Event, FilmKey, Piece, Slot, Step, Video, Visibility
from library.storing import anew, steps, sweeps
from library.storing.errors import Interrupted, LeaseLost, NotTheFilm, StagedWrong
from library.storing.original import Original
from library.storing.worker import Worker, perform
from library.uploads import space
from tests.making import (
    SMALL_PIECES,
    keep_poster,
    keep_storyboard,
    received_video,
    stored_video,
    taken,
)
from tests.scanning import runs_in_clear

pytestmark = pytest.mark.django_db
DATA = bytes(i * 7 % 251 for i in range(SMALL_PIECES * 2 + 50))
POSTER = b"\xff\xd8 a picture of the harbour, long enough to be looked for in the folder" * 20
SHEET = b"\xff\xd8 small pictures of the harbour, long enough to be looked for as well" * 20


@pytest.fixture(autouse=True)
def small_pieces(settings):
    settings.PIECE_SIZE = SMALL_PIECES


@pytest.fixture
def video(alice):
    """Stored open, in three pieces, with a poster and a storyboard."""
    video = stored_video(alice, DATA, stored_open=True, has_poster=True)
    keep_poster(video, POSTER)
    keep_storyboard(video, SHEET)
    return video


def to_encrypt(video):
    films.store_anew(video)
    return taken(video.steps.get(kind=Step.Kind.ENCRYPT))


def again(video):
    """The next try of a step whose worker died, or is asleep."""
    Step.objects.filter(video=video, kind=Step.Kind.ENCRYPT).update(state=Step.State.WAITING)
    return taken(video.steps.get(kind=Step.Kind.ENCRYPT))


def bytes_of(video):
    with Original(Video.objects.get(pk=video.pk)) as original:
        return original.read(0, video.size)


def poster_of(video):
    key = keys.of(Video.objects.get(pk=video.pk))
    return encryption.unseal(key, "poster", places.poster(video.pk).read_bytes())


def staged():
    return sorted(path.name for path in (places.data() / "staging").glob("*"))


def facts(video):
    video.refresh_from_db()
    cids = list(Piece.objects.filter(video=video).values_list("piece_cid", flat=True))
    return video.state, video.piece_cid, video.staging, video.key, cids


class TestAllTheWay:
    @pytest.fixture(autouse=True)
    def done(self, video):
        self.former = video.piece_cid
        films.store_anew(video)
        Worker().drain()
        video.refresh_from_db()

    def test_it_is_stored_and_encrypted(self, video):
        assert (video.state, video.staging) == (Video.State.STORED, "")
        assert video.is_encrypted
        assert video.piece_cid != self.former
        assert Copy.objects.exclude(verified_at=None).count() == 3

    def test_it_is_the_same_film(self, video):
        assert bytes_of(video) == DATA
        assert poster_of(video) == POSTER
        kept = places.storyboard(video.pk).read_bytes()
        assert encryption.unseal(keys.of(video), "storyboard", kept) == SHEET

    def test_nothing_of_it_lies_open_any_more(self, video):
        for what in (DATA, POSTER, SHEET):
            assert runs_in_clear(what, places.data()) == []
        assert staged() == []
        assert len(list(places.shelf().glob("*/*"))) == 3

    def test_what_happened_is_told_in_order(self, video):
        told = list(video.events.values_list("type", flat=True))
        assert told[-4:] == [
            "video.encrypting",
            "video.encrypted",
            "video.verified",
            "video.stored",
        ]

    def test_it_is_not_done_a_second_time(self, video):
        with pytest.raises(WrongState, match="already"):
            films.store_anew(video)


def test_the_film_is_received_until_its_new_pieces_were_read_back(video):
    anew.run(to_encrypt(video))
    video.refresh_from_db()
    assert video.state == Video.State.RECEIVED
    assert staged() == [video.staging]
    assert bytes_of(video) == DATA
    assert Step.objects.get(video=video, kind=Step.Kind.STORE).state == Step.State.WAITING
    assert not Step.objects.filter(video=video, kind=Step.Kind.VERIFY).exists()


def test_what_is_needed_for_it_is_not_swept(video):
    lease = to_encrypt(video)
    (places.staging(lease.folder)).mkdir(parents=True)
    sweeps.orphans()
    assert staged() == [lease.folder]
    anew.run(lease)
    sweeps.orphans()
    assert bytes_of(video) == DATA


def test_pieces_that_another_film_has_stay_on_the_shelf(video, mallory):
    other = stored_video(mallory, DATA, stored_open=True)
    films.store_anew(video)
    Worker().drain()
    assert bytes_of(other) == DATA
    assert len(list(places.shelf().glob("*/*"))) == 6


def test_asked_twice_it_is_done_once(video):
    first = films.store_anew(video)
    assert films.store_anew(video) == first
    taken(first)
    assert films.store_anew(video) == first
    assert Event.objects.filter(type="video.encrypting").count() == 1


@pytest.mark.parametrize("size", [0, 1, 126, 127, SMALL_PIECES, SMALL_PIECES + 1])
def test_films_of_odd_sizes_too(alice, size):
    video = stored_video(alice, DATA[:size], stored_open=True)
    films.store_anew(video)
    Worker().drain()
    video.refresh_from_db()
    assert (video.state, video.is_encrypted) == (Video.State.STORED, True)
    assert bytes_of(video) == DATA[:size]


@pytest.mark.parametrize(
    ("how", "why"),
    [
        pytest.param({"visibility": Visibility.PUBLIC}, "Everybody", id="public"),
        pytest.param({"state": Video.State.AT_RISK}, "Not all bytes", id="at risk"),
        pytest.param({"trashed_at": "2026-01-01T00:00:00Z"}, "trash", id="in the trash"),
    ],
)
def test_not_every_film_can_be_stored_anew(video, how, why):
    Video.objects.filter(pk=video.pk).update(**how)
    with pytest.raises(WrongState, match=why):
        films.store_anew(video)
    assert not Step.objects.filter(kind=Step.Kind.ENCRYPT).exists()


def test_a_film_that_is_still_being_stored_waits(alice):
    with pytest.raises(WrongState, match="once it is"):
        films.store_anew(received_video(alice, DATA, stored_open=True))


def test_its_room_is_set_aside(video, monkeypatch, settings):
    settings.DISK_KEEP_FREE = 0
    other = stored_video(video.owner, DATA, stored_open=True)
    disk = SimpleNamespace(f_bavail=2 * video.size - 1, f_frsize=1)
    monkeypatch.setattr(os, "statvfs", lambda path: disk)
    films.store_anew(video)
    assert space.available() == video.size - 1
    with pytest.raises(NoSpace):
        films.store_anew(other)
    assert not other.steps.filter(kind=Step.Kind.ENCRYPT).exists()


def test_without_a_library_key_it_does_not_begin(video, data):
    stored_video(video.owner, b"an encrypted one")
    places.library_key().write_text("damaged")
    with pytest.raises(KeyUnavailable):
        films.store_anew(video)
    assert not Step.objects.filter(kind=Step.Kind.ENCRYPT).exists()


class TestInterrupted:
    """At every portion, the film is as it was, and what was written goes."""

    @pytest.fixture(autouse=True)
    def small_portions(self, monkeypatch):
        monkeypatch.setattr(anew, "READ_SIZE", SMALL_PIECES)

    @pytest.mark.parametrize("after", range(8))
    def test_by_a_stop_it_leaves_nothing_and_the_next_try_has_another_key(self, video, after):
        before, made = facts(video), []
        lease = to_encrypt(video)
        stop(lease, after)
        with pytest.MonkeyPatch.context() as patch:
            new_secret = encryption.new_secret
            patch.setattr(encryption, "new_secret", lambda: made.append(new_secret()) or made[-1])
            try:
                anew.run(lease)
            except Interrupted:
                assert facts(video) == before
                assert staged() == []
                assert not FilmKey.objects.exists()
                anew.run(again(video))
                assert made[0] != made[1]
        assert keys.of(Video.objects.get(pk=video.pk)).secret == made[-1]
        Worker().drain()
        assert bytes_of(video) == DATA
        assert runs_in_clear(DATA, places.data()) == []

    def test_by_a_kill_the_next_try_takes_away_what_lies_there(self, video, monkeypatch):
        lease = to_encrypt(video)
        with monkeypatch.context() as patch:
            # A process that was killed tidies nothing.
            patch.setattr(anew.staging, "remove", lambda folder: None)
            patch.setattr(anew, "_read_back", killed)
            with pytest.raises(Killed):
                anew.run(lease)
        assert staged() == [lease.folder]
        anew.run(again(video))
        video.refresh_from_db()
        assert staged() == [video.staging] != [lease.folder]
        assert bytes_of(video) == DATA

    def test_by_a_kill_and_given_up_the_sweep_takes_it(self, video, monkeypatch):
        lease = to_encrypt(video)
        with monkeypatch.context() as patch:
            patch.setattr(anew.staging, "remove", lambda folder: None)
            patch.setattr(anew, "_read_back", killed)
            with pytest.raises(Killed):
                anew.run(lease)
        Step.objects.filter(pk=lease.step.pk).update(state=Step.State.FAILED)
        sweeps.orphans()
        assert staged() == []
        assert films.store_anew(video).pk == lease.step.pk
        Worker().drain()
        assert bytes_of(video) == DATA
        assert Video.objects.get().is_encrypted

    def test_by_a_kill_before_its_poster_was_sealed_it_is_sealed_by_the_next(
        self, video, monkeypatch
    ):
        lease = to_encrypt(video)
        with monkeypatch.context() as patch:
            patch.setattr(anew.pictures, "seal", killed)
            with pytest.raises(Killed):
                anew.run(lease)
        after = facts(video)
        assert video.is_encrypted
        anew.run(again(video))
        assert facts(video) == after
        assert poster_of(video) == POSTER
        Worker().drain()
        assert runs_in_clear(DATA, places.data()) == []
        assert bytes_of(video) == DATA

    def test_a_worker_that_slept_while_another_took_over_changes_nothing(self, video, monkeypatch):
        sleeper, read_back = to_encrypt(video), anew._read_back

        def sleep(lease, made):
            monkeypatch.setattr(anew, "_read_back", read_back)
            anew.run(again(video))
            self.after = facts(video)

        monkeypatch.setattr(anew, "_read_back", sleep)
        with pytest.raises(LeaseLost):
            anew.run(sleeper)
        assert facts(video) == self.after
        assert FilmKey.objects.count() == 1
        assert bytes_of(video) == DATA


def test_bytes_that_are_not_the_films_are_never_encrypted(video):
    before = facts(video)
    damage(places.shelved_piece(Piece.objects.get(video=video, index=1).piece_cid))
    with pytest.raises(NotTheFilm):
        anew.run(to_encrypt(video))
    assert facts(video) == before
    assert staged() == []
    assert not FilmKey.objects.exists()


def test_a_disk_that_gives_back_other_bytes_changes_nothing(video, monkeypatch):
    before, lease, read_back = facts(video), to_encrypt(video), anew._read_back

    def damaged(lease, made):
        damage(places.staged_piece(made.folder, 1))
        read_back(lease, made)

    monkeypatch.setattr(anew, "_read_back", damaged)
    with pytest.raises(StagedWrong, match="Piece 1"):
        anew.run(lease)
    assert facts(video) == before
    assert staged() == []


def test_a_film_purged_meanwhile_leaves_nothing(video, monkeypatch):
    from library.storing import trash

    lease, read_back = to_encrypt(video), anew._read_back

    def purged(lease, made):
        films.trash(Video.objects.get(pk=video.pk))
        trash.purge(video)
        read_back(lease, made)

    monkeypatch.setattr(anew, "_read_back", purged)
    with pytest.raises(LeaseLost):
        anew.run(lease)
    sweeps.orphans()
    assert staged() == []
    assert not FilmKey.objects.exists()
    assert not list(places.data().glob("pieces/*/*"))


def test_why_it_cannot_be_is_said_by_the_step(video):
    lease = to_encrypt(video)
    stored_video(video.owner, b"an encrypted one")
    places.library_key().write_text("damaged")
    perform(lease)
    step = Step.objects.get(pk=lease.step.pk)
    assert step.state == Step.State.WAITING
    assert "key" in step.error and "unexpected" not in step.error


def test_it_takes_its_turn_with_other_transfers(video):
    films.store_anew(video)
    assert steps.claim(Slot.DECODE, "a") is None
    assert steps.claim(Slot.TRANSFER, "a").step.total_bytes == 2 * video.size


class Killed(BaseException):
    pass


def killed(*_):
    raise Killed


def stop(lease, after):
    """Ask the worker to leave after so many of its reports."""
    report, stopping = lease.report, threading.Event()
    lease._stopping, counted = stopping, [0]

    def counting(done):
        if counted[0] == after:
            stopping.set()
        counted[0] += 1
        report(done)

    lease.report = counting


def damage(path):
    stored = bytearray(path.read_bytes())
    stored[7] ^= 1
    path.write_bytes(stored)
