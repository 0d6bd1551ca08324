"""Renditions: made whole or not at all, and kept as their original is."""

import hashlib
from io import BytesIO

import av
import pytest

from library import films, places
from library.models import (
    Copy,
    Event,
    FilmKey,
    Piece,
    Rendition,
    Revocation,
    Step,
    Video,
    Visibility,
)
from library.renditions import asking, making
from library.storing import sweeps
from library.storing.errors import ExaminationBroke, LeaseLost
from library.storing.original import Original
from library.storing.worker import Worker
from tests.making import stored_video, taken

pytestmark = pytest.mark.django_db(transaction=True)


def bytes_of(video):
    with Original(Video.objects.get(pk=video.pk)) as original:
        return original.read(0, video.size)


def step(video):
    return video.steps.get(kind=Step.Kind.RENDITION)


def staged():
    return sorted(path.name for path in (places.data() / "staging").glob("*"))


def test_a_worker_makes_what_is_asked_for_and_stores_it_as_any_film(video):
    asking.ask(video, ["240p"])
    Worker(decode=1, transfer=1).drain()
    row = Rendition.objects.get(original=video)
    assert row.film.state == Video.State.STORED
    assert Copy.objects.filter(piece__video=row.film).exclude(verified_at=None).exists()
    assert (row.film.width, row.film.height) == (426, 240)
    assert row.film.duration == pytest.approx(10, abs=0.1)
    assert step(video).state == Step.State.DONE
    assert staged() == []


def test_it_plays_and_each_fragment_begins_with_a_key_frame(video, made):
    row = made(video)
    data = bytes_of(row.film)
    with av.open(BytesIO(data)) as opened:
        assert [s.codec_context.name for s in opened.streams] == ["h264", "aac"]
        assert sum(1 for _ in opened.decode(video=0)) >= 240
    head = data[: row.index["head"]]
    total = 0.0
    for offset, size, seconds in row.index["fragments"]:
        with av.open(BytesIO(head + data[offset : offset + size])) as alone:
            first = next(alone.demux(video=0))
        assert first.is_keyframe
        total += seconds
    assert offset + size == len(data)
    assert total == pytest.approx(10, abs=0.1)


def test_each_of_two_that_are_made_in_one_go_is_there_until_it_is_stored(alice, film):
    video = stored_video(alice, film, duration=10.0, width=854, height=480)
    asking.ask(video, ["240p", "480p"])
    making.run(taken(step(video)))
    for row in asking.of(video):
        assert hashlib.sha256(bytes_of(row.film)).hexdigest() == row.film.sha256
    Worker(decode=1, transfer=1).drain()
    states = [row.film.state for row in asking.of(video)]
    assert states == [Video.State.STORED, Video.State.STORED]
    assert staged() == []


def test_making_another_leaves_one_alone_that_is_not_stored_yet(alice, film):
    video = stored_video(alice, film, duration=10.0, width=854, height=480)
    for quality in ["240p", "480p"]:
        asking.ask(video, [quality])
        making.run(taken(step(video)))
    first = asking.of(video).get(quality=240).film
    assert hashlib.sha256(bytes_of(first)).hexdigest() == first.sha256


def test_one_of_an_encrypted_film_has_a_key_of_its_own(video, made):
    film = made(video).film
    assert film.is_encrypted
    assert film.key_id != video.key_id


@pytest.mark.open_storage
def test_one_of_an_open_film_is_stored_open(alice, film, made):
    video = stored_video(
        alice, film, visibility=Visibility.PUBLIC, duration=10.0, width=640, height=360
    )
    assert not made(video).film.is_encrypted


def test_it_is_seen_nowhere_but_beside_its_original(video, made, alice, admin):
    film = made(video).film
    for user in (alice, admin):
        assert film not in Video.objects.visible_to(user)
        assert film not in Video.objects.changeable_by(user)


def test_it_is_given_to_those_who_may_see_its_original_and_to_nobody_else(
    video, made, alice, mallory, admin
):
    film = made(video).film

    def who():
        found = [u for u in (alice, mallory, admin) if film in Video.objects.playable_by(u)]
        again = Video.objects.select_related("rendition_of").get(pk=film.pk)
        from library.models.films import is_seen_by

        assert found == [u for u in (alice, mallory, admin) if is_seen_by(again, u)]
        return found

    assert who() == [alice, admin]
    films.change(video, visibility=Visibility.MEMBERS)
    assert who() == [alice, mallory, admin]
    films.trash(video)
    assert who() == []
    films.restore(video)
    assert who() == [alice, mallory, admin]


def test_erasing_the_original_erases_it_too(video, made):
    film = made(video).film
    cids = list(Piece.objects.values_list("piece_cid", flat=True))
    films.trash(video)
    films.erase(video)
    assert not Video.objects.exists()
    assert not FilmKey.objects.filter(pk__in=[film.key_id, video.key_id]).exists()
    assert not any(places.shelved_piece(cid).exists() for cid in cids)
    assert not Rendition.objects.exists()


def test_removing_it_takes_its_bytes_and_its_key_and_leaves_the_original(video, made):
    film = made(video).film
    cid = Piece.objects.get(video=film).piece_cid
    asking.remove(video, "240p")
    assert list(Video.objects.all()) == [video]
    assert not places.shelved_piece(cid).exists()
    assert not FilmKey.objects.filter(pk=film.key_id).exists()
    assert bytes_of(video)


def test_whoever_watches_a_rendition_that_is_removed_hears_of_it_whatever_becomes_of_its_bytes(
    video, made, monkeypatch
):
    def broken(film):
        raise OSError("the disk is gone")

    film = made(video).film
    Revocation.objects.all().delete()
    monkeypatch.setattr(asking.trash, "purge", broken)
    with pytest.raises(OSError, match="the disk"):
        asking.remove(video, "240p")
    assert Revocation.objects.filter(key=film.pk).exists()


def test_it_is_stored_anew_when_its_original_is(alice, film, made):
    video = stored_video(alice, film, stored_open=True, duration=10.0, width=640, height=360)
    before = made(video).film
    data = bytes_of(before)
    films.store_anew(video)
    Worker(decode=1, transfer=1).drain()
    after = Video.objects.get(pk=before.pk)
    assert after.is_encrypted
    assert after.state == Video.State.STORED
    assert bytes_of(after) == data


def test_one_that_is_made_while_its_original_is_stored_anew_is_made_again(alice, film):
    video = stored_video(alice, film, stored_open=True, duration=10.0, width=640, height=360)
    asking.ask(video, ["240p"])
    lease = taken(step(video))
    tries = []

    def make(*given, **more):
        tries.append(1)
        found = making.probe.rendition(*given, **more)
        if len(tries) == 1:
            films.store_anew(video)
            Worker(decode=0, transfer=1).drain()
        return found

    making.run(lease, make)
    assert len(tries) == 2
    assert Rendition.objects.get().film.is_encrypted
    assert len(staged()) == 1


class TestInterrupted:
    @pytest.mark.parametrize("at", ["_made", "_keep"])
    def test_a_worker_that_dies_leaves_nothing_half(self, video, monkeypatch, at):
        asking.ask(video, ["240p"])
        lease = taken(step(video))
        whole = getattr(making, at)

        class Killed(BaseException):
            pass

        def killed(*given):
            if at == "_made":
                places.staging(f"{lease.folder}_240").mkdir()
            raise Killed

        monkeypatch.setattr(making, at, killed)
        # As after kill -9: nothing is tidied up.
        monkeypatch.setattr(making.staging, "remove", lambda name: None)
        with pytest.raises(Killed):
            making.run(lease)
        monkeypatch.undo()
        assert getattr(making, at) is whole
        assert Video.objects.count() == 1
        assert Rendition.objects.get().film is None
        assert staged() == [f"{lease.folder}_240"]
        Step.objects.filter(pk=lease.step.pk).update(state=Step.State.WAITING)
        sweeps.orphans()
        assert staged() == []
        making.run(taken(step(video)))
        assert Rendition.objects.get().film is not None
        assert len(staged()) == 1

    def test_one_whose_step_was_taken_over_writes_nothing(self, video):
        asking.ask(video, ["240p"])
        lease = taken(step(video))

        def make(*given, **more):
            found = making.probe.rendition(*given, **more)
            Step.objects.filter(pk=lease.step.pk).update(lease=lease.number + 1)
            return found

        with pytest.raises(LeaseLost):
            making.run(lease, make)
        assert Video.objects.count() == 1
        assert Rendition.objects.get().film is None

    def test_one_that_is_removed_while_it_is_made_is_not_kept(self, video):
        asking.ask(video, ["240p"])

        def make(*given, **more):
            found = making.probe.rendition(*given, **more)
            asking.remove(video, "240p")
            return found

        making.run(taken(step(video)), make)
        assert Video.objects.count() == 1
        assert staged() == []


class TestRefused:
    def test_what_breaks_the_program_is_given_up_and_says_why(self, video):
        asking.ask(video, ["240p"])

        def make(*given, **more):
            raise ExaminationBroke("It broke.")

        Step.objects.filter(pk=step(video).pk).update(attempts=ExaminationBroke.tries - 1)
        making.run(taken(step(video)), make)
        assert Rendition.objects.get().problem == "It broke."
        assert Event.objects.filter(type="rendition.failed").exists()

    def test_what_is_no_fragmented_film_is_refused(self, video):
        asking.ask(video, ["240p"])

        def make(read, size, quality, write, **more):
            write(b"\0\0\0\x20evil" + bytes(24))
            return 426, 240

        with pytest.raises(ExaminationBroke):
            making.run(taken(step(video)), make)
        assert staged() == []

    def test_what_grows_without_end_is_ended(self, video):
        asking.ask(video, ["240p"])

        def make(read, size, quality, write, **more):
            write((2**31).to_bytes(4) + b"mdat")
            for _ in range(100):
                write(bytes(1024 * 1024))
            raise AssertionError("nobody ended it")

        making.run(taken(step(video)), make)
        assert "larger" in Rendition.objects.get().problem
        assert staged() == []
