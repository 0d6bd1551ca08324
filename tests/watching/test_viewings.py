"""Where somebody stopped: what is remembered, and what wins."""

from datetime import timedelta

import pytest
from django.utils import timezone

from library import films
from library.errors import Invalid
from library.models import Video, Viewing, Visibility
from library.watching import preferences, viewings
from tests.making import stored_video

pytestmark = pytest.mark.django_db


def hours_ago(count):
    return timezone.now() - timedelta(hours=count)


class TestWhatIsKept:
    def test_is_the_position_with_when_and_where(self, alice, video):
        at = hours_ago(1)
        kept = viewings.keep(alice, video, 761.5, at=at, device="Firefox on Linux")
        assert (kept.position, kept.finished, kept.at) == (761.5, False, at)
        assert kept.device == "Firefox on Linux"

    @pytest.mark.parametrize(
        ("duration", "position", "kept"),
        [
            pytest.param(6000.0, 29.9, False, id="before half a minute of a long film"),
            pytest.param(6000.0, 30.0, True, id="from half a minute on"),
            pytest.param(100.0, 1.9, False, id="before two per cent of a short one"),
            pytest.param(100.0, 2.0, True, id="from two per cent on"),
            pytest.param(None, 29.9, False, id="of a length that is not known"),
            pytest.param(None, 31.0, True, id="of a length that is not known, later"),
        ],
    )
    def test_begins_where_it_is_worth_going_on(self, alice, duration, position, kept):
        video = stored_video(alice, duration=duration)
        assert (viewings.keep(alice, video, position) is not None) is kept

    def test_is_not_lost_by_looking_in_at_the_beginning_again(self, alice, video):
        viewings.keep(alice, video, 700)
        assert viewings.keep(alice, video, 3).position == 700

    @pytest.mark.parametrize(("position", "finished"), [(5699, False), (5700, True), (6000, True)])
    def test_is_watched_from_95_per_cent_on(self, alice, video, position, finished):
        assert viewings.keep(alice, video, position).finished is finished

    def test_is_watched_where_the_player_says_so(self, alice, video):
        assert viewings.keep(alice, video, 5000, finished=True).finished

    def test_ends_with_the_film(self, alice, video):
        assert viewings.keep(alice, video, 7000).position == 6000

    def test_is_one_of_each_person_and_film(self, alice, mallory, public):
        viewings.keep(alice, public, 100)
        viewings.keep(mallory, public, 200)
        viewings.keep(alice, public, 300)
        assert viewings.of(alice, public).position == 300
        assert viewings.of(mallory, public).position == 200
        assert Viewing.objects.count() == 2

    @pytest.mark.parametrize("odd", [-1, float("nan"), float("inf"), 1e12])
    def test_is_a_position_or_is_refused(self, alice, video, odd):
        with pytest.raises(Invalid):
            viewings.keep(alice, video, odd)

    def test_names_the_device_only_as_far_as_there_is_room(self, alice, video):
        assert viewings.keep(alice, video, 100, device="\x00x" * 200).device == "x" * 100


class TestTwoDevices:
    def test_the_later_moment_wins_whenever_it_is_told(self, alice, video):
        viewings.keep(alice, video, 900, at=hours_ago(1), device="television")
        kept = viewings.keep(alice, video, 400, at=hours_ago(3), device="phone")
        assert (kept.position, kept.device) == (900, "television")
        kept = viewings.keep(alice, video, 500, at=hours_ago(0.5), device="phone")
        assert (kept.position, kept.device) == (500, "phone")

    def test_going_back_counts_if_it_was_later(self, alice, video):
        viewings.keep(alice, video, 5800, at=hours_ago(2))
        kept = viewings.keep(alice, video, 600, at=hours_ago(1))
        assert (kept.position, kept.finished) == (600, False)

    def test_a_clock_that_is_ahead_does_not_win_for_ever(self, alice, video):
        viewings.keep(alice, video, 900, at=timezone.now() + timedelta(days=365))
        assert viewings.keep(alice, video, 1000).position == 1000


class TestForgetting:
    def test_of_one_film(self, alice, video, public):
        viewings.keep(alice, video, 100)
        viewings.keep(alice, public, 100)
        assert viewings.forget(alice, video)
        assert not viewings.forget(alice, video)
        assert list(viewings.to_go_on(alice).values_list("video", flat=True)) == [public.pk]

    def test_of_all_of_it_and_of_nobody_elses(self, alice, mallory, video, public):
        viewings.keep(alice, video, 100)
        viewings.keep(alice, public, 100)
        viewings.keep(mallory, public, 100)
        assert viewings.forget_all(alice) == 2
        assert Viewing.objects.get().user == mallory

    def test_while_history_is_off_nothing_is_remembered(self, alice, video):
        viewings.keep(alice, video, 100)
        preferences.change(alice, {"history": False})
        assert viewings.keep(alice, video, 500) is None
        assert viewings.of(alice, video).position == 100
        preferences.change(alice, {"history": True})
        assert viewings.keep(alice, video, 500).position == 500


class TestGoingOn:
    def test_the_latest_comes_first_with_what_remains(self, alice, video, public):
        viewings.keep(alice, video, 1000, at=hours_ago(2))
        viewings.keep(alice, public, 5000, at=hours_ago(1))
        begun = list(viewings.to_go_on(alice))
        assert [viewing.video for viewing in begun] == [public, video]
        assert [viewings.remaining(viewing) for viewing in begun] == [1000, 5000]

    def test_nothing_remains_to_be_said_of_a_length_that_is_not_known(self, alice):
        video = stored_video(alice, duration=None)
        assert viewings.remaining(viewings.keep(alice, video, 100)) is None

    def test_what_is_watched_is_not_gone_on_with(self, alice, video):
        viewings.keep(alice, video, 5990)
        assert not viewings.to_go_on(alice).exists()

    def test_a_film_taken_off_the_row_comes_back_when_it_is_watched(self, alice, video):
        viewings.keep(alice, video, 100, at=hours_ago(1))
        viewings.hide(alice, video)
        assert not viewings.to_go_on(alice).exists()
        assert viewings.of(alice, video).position == 100
        viewings.keep(alice, video, 200)
        assert viewings.to_go_on(alice).exists()

    def test_what_may_not_be_seen_any_more_is_not_there(self, mallory, public):
        viewings.keep(mallory, public, 100)
        films.change(public, visibility=Visibility.PRIVATE)
        assert not viewings.to_go_on(mallory).exists()

    def test_nor_is_what_lies_in_the_trash(self, alice, video):
        viewings.keep(alice, video, 100)
        films.trash(video)
        assert not viewings.to_go_on(alice).exists()
        films.restore(video)
        assert viewings.to_go_on(alice).exists()

    def test_a_film_that_is_erased_takes_it_along(self, alice, video):
        viewings.keep(alice, video, 100)
        films.trash(video)
        films.erase(Video.objects.get(pk=video.pk))
        assert not Viewing.objects.exists()
