"""Playlists: places without gaps whatever happens, and what each viewer sees of them."""

import threading

import pytest
from django.db import connection

from library import films
from library.catalogue import playing, playlists
from library.errors import Invalid, NotFound, VersionConflict, WrongState
from library.models import Event, Playlist, Video
from library.storing import trash
from tests.making import received_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def videos(alice):
    return [received_video(alice, title=letter, visibility="members") for letter in "abcde"]


@pytest.fixture
def playlist(alice, videos):
    made = playlists.create(alice, "Evening")
    playlists.add(made, [video.pk for video in videos], alice)
    return made


def order(playlist):
    """Titles in order, and that their places are 1 to n."""
    items = list(playlist.items.select_related("video").order_by("position"))
    assert [item.position for item in items] == list(range(1, len(items) + 1))
    return "".join(item.video.title for item in items)


def test_films_are_added_at_the_end_or_at_a_place_each_once(alice, playlist, videos):
    new = [received_video(alice, title=letter).pk for letter in "xy"]
    assert playlists.add(playlist, [videos[0].pk, new[0], new[0]], alice) == [new[0]]
    assert order(playlist) == "abcdex"
    playlists.add(playlist, [new[1]], alice, position=2)
    assert order(playlist) == "aybcdex"


def test_a_place_behind_the_end_is_the_end(alice, playlist):
    playlists.add(playlist, [received_video(alice, title="x").pk], alice, position=99)
    assert order(playlist) == "abcdex"
    with pytest.raises(Invalid):
        playlists.add(playlist, [], alice, position=0)


@pytest.mark.parametrize(
    ("film", "position", "expected"),
    [(0, 3, "bcade"), (4, 1, "eabcd"), (1, 2, "abcde"), (2, 99, "abdec")],
)
def test_a_film_is_moved_to_a_place(playlist, videos, film, position, expected):
    playlists.move(playlist, videos[film].pk, position)
    assert order(playlist) == expected


def test_taking_out_leaves_no_gap(playlist, videos):
    assert playlists.remove(playlist, videos[1].pk)
    assert not playlists.remove(playlist, videos[1].pk)
    assert order(playlist) == "acde"


def test_a_whole_order_names_each_film_once(playlist, videos):
    ids = [video.pk for video in videos]
    playlists.reorder(playlist, ids[::-1])
    assert order(playlist) == "edcba"
    for wrong in (ids[:-1], [*ids, ids[0]], [*ids[:-1], ids[0]], [*ids[:-1], "vid_nowhere"]):
        with pytest.raises(WrongState):
            playlists.reorder(playlist, wrong)
    assert order(playlist) == "edcba"


def test_every_change_counts_the_version_up_and_nothing_else_does(alice, playlist, videos):
    version = Playlist.objects.get().version
    playlists.move(playlist, videos[0].pk, 2)
    playlists.change(playlist, title="Night", expected=version + 1)
    playlists.change(playlist, title="Night")
    playlists.add(playlist, [videos[0].pk], alice)
    assert Playlist.objects.get().version == version + 2
    event = Event.objects.last()
    assert (event.type, event.owner, event.data["version"]) == (
        "playlist.changed",
        alice,
        version + 2,
    )
    for stale in (
        lambda: playlists.change(playlist, title="x", expected=version),
        lambda: playlists.delete(playlist, expected=version),
        lambda: playlists.reorder(playlist, [], expected=version),
    ):
        with pytest.raises(VersionConflict):
            stale()


def test_what_one_may_not_see_is_not_added(mallory, alice):
    mine = playlists.create(mallory, "Mine")
    private = received_video(alice)
    with pytest.raises(NotFound):
        playlists.add(mine, [received_video(mallory).pk, private.pk], mallory)
    assert not mine.items.exists()


def test_a_film_that_is_erased_leaves_no_gap(playlist, videos):
    films.trash(videos[1])
    trash.purge(videos[1])
    playlists.close_up()
    assert order(playlist) == "acde"
    before = Playlist.objects.get().version
    playlists.close_up()
    assert Playlist.objects.get().version == before


class TestEachViewer:
    def test_sees_the_films_that_they_may_see(self, alice, mallory, playlist, videos):
        playlists.change(playlist, visibility="members")
        films.change(videos[1], visibility="private")
        films.trash(videos[2])
        seen = playing.entries(playlist, mallory)
        assert [(entry.position, entry.title) for entry in seen] == [(1, "a"), (2, "d"), (3, "e")]

    def test_who_may_change_it_is_told_why_some_are_not_there(self, alice, mallory, videos):
        mine = playlists.create(mallory, "Mine")
        own = received_video(mallory, title="own")
        playlists.add(mine, [videos[0].pk, own.pk, videos[1].pk], mallory)
        films.trash(own)
        Video.objects.filter(pk=videos[0].pk).update(visibility="private", title="now secret")
        told = [(entry.title, entry.unavailable) for entry in playing.entries(mine, mallory)]
        assert told[0][0] == "A film you may not see"
        assert "not shared" in told[0][1]
        assert told[1] == ("own", "It is in the trash.")
        assert told[2] == ("b", "")

    def test_plays_through_what_they_may_see(self, alice, mallory, playlist, videos):
        playlists.change(playlist, visibility="members")
        films.change(videos[1], visibility="private")
        place = playing.place_of(playlist.pk, videos[2], mallory)
        assert (place.previous, place.next) == (videos[0], videos[3])
        assert (place.position, place.count) == (2, 4)
        assert playing.place_of(playlist.pk, videos[0], mallory).previous is None
        assert playing.place_of(playlist.pk, videos[4], mallory).next is None
        assert playing.place_of(playlist.pk, videos[1], mallory) is None
        playlists.change(playlist, visibility="private")
        assert playing.place_of(playlist.pk, videos[2], mallory) is None

    def test_a_shuffle_is_every_film_once_and_stays_as_it_is(self, alice, playlist, videos):
        one = playing.films(playlist, alice, "word")
        assert one == playing.films(playlist, alice, "word")
        assert sorted(film.title for film in one) == list("abcde")
        orders = {
            tuple(film.pk for film in playing.films(playlist, alice, f"{n}")) for n in range(9)
        }
        assert len(orders) > 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_leave_no_gaps(alice, playlist, videos):
    new = [received_video(alice, title=f"{n}").pk for n in range(8)]
    errors = []

    def change(number):
        try:
            playlists.add(playlist, [new[number]], alice, position=1)
            playlists.move(playlist, videos[number % 5].pk, 1 + number)
            if number % 2:
                playlists.remove(playlist, new[number - 1])
                playlists.add(playlist, [new[number - 1]], alice)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=change, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    items = list(playlist.items.order_by("position").values_list("position", flat=True))
    assert items == list(range(1, 14))


def test_a_playlist_that_was_deleted_is_kept_for_a_day(alice, playlist, videos):
    playlists.delete(playlist)
    assert not Playlist.objects.visible_to(alice).exists()
    with pytest.raises(NotFound):
        playlists.add(playlist, [videos[0].pk], alice)
    # Films may leave the library meanwhile.
    films.trash(videos[1])
    films.erase(videos[1])
    playlists.forget_deleted()
    assert playlists.restore(playlist)
    assert order(playlist) == "acde"
    assert not playlists.restore(playlist)
    playlists.delete(playlist)
    deleted = Playlist.objects.get(pk=playlist.pk)
    Playlist.objects.update(deleted_at=deleted.deleted_at - playlists.KEPT)
    playlists.forget_deleted()
    assert not Playlist.objects.exists()
