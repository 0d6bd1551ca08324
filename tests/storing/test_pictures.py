"""Posters and storyboards: as the worker makes them, of films that really play."""

from fractions import Fraction
from io import BytesIO

import av
import pytest

from library import encryption, places, samples
from library.errors import WrongState
from library.keys import films as keys
from library.models import Chapter, Event, Step, Video, Visibility
from library.storing import check, deciding, pictures, probe, steps
from library.storing.errors import ExaminationBroke, NoPicture
from library.storing.worker import Worker, perform
from tests.making import received_video, taken

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def minute(tmp_path_factory):
    """Seventy seconds, each with its number, and a key frame every two."""
    path = tmp_path_factory.mktemp("films") / "minute.mp4"
    samples.write_film(
        path, seconds=70, width=320, height=180, fps=10, sound=False, scene="seconds"
    )
    return path.read_bytes()


def divided(data, *chapters):
    """The same film, with chapters in its container."""
    made = BytesIO()
    with av.open(BytesIO(data)) as old, av.open(made, "w", format="mp4") as new:
        stream = old.streams.video[0]
        copy = new.add_stream_from_template(stream)
        new.set_chapters(
            [
                {
                    "id": number,
                    "start": start,
                    "end": start + 500,
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": title},
                }
                for number, (start, title) in enumerate(chapters)
            ]
        )
        for packet in old.demux(stream):
            if packet.dts is not None:
                packet.stream = copy
                new.mux(packet)
    return made.getvalue()


def storyboard(data, **options):
    return probe.storyboard(lambda p, n: data[p : p + n], len(data), **options)


def poster_at(data, second):
    found = probe.examine(lambda p, n: data[p : p + n], len(data), at=second)
    return grey(found.poster)


def grey(jpeg):
    with av.open(BytesIO(jpeg)) as opened:
        return next(opened.decode(video=0)).reformat(format="gray")


def tile(board, number):
    """The brightness of one picture of a sheet, row by row."""
    facts, picture = board.facts, grey(board.sheet)
    row, column = divmod(number, facts.columns)
    line, pixels = picture.planes[0].line_size, bytes(picture.planes[0])
    return [
        pixels[(row * facts.height + y) * line + column * facts.width :][: facts.width]
        for y in range(facts.height)
    ]


def unlike(one, other):
    """How much two pictures differ, from 0 to 255."""
    pairs = [abs(a - b) for x, y in zip(one, other, strict=True) for a, b in zip(x, y, strict=True)]
    return sum(pairs) / len(pairs)


def rows(picture):
    """Its brightness, row by row."""
    line, pixels = picture.planes[0].line_size, bytes(picture.planes[0])
    return [pixels[y * line : y * line + picture.width] for y in range(picture.height)]


@pytest.fixture(scope="module")
def seconds(minute):
    """A picture of each second of it, small, as a player shows them."""
    with av.open(BytesIO(minute)) as film:
        return [
            rows(frame.reformat(160, 90, "yuvj420p", dst_color_range="JPEG"))
            for number, frame in enumerate(film.decode(video=0))
            if number % 10 == 0
        ]


def second_of(picture, seconds):
    """Which second a picture is of."""
    return min(range(len(seconds)), key=lambda number: unlike(picture, seconds[number]))


class TestAStoryboard:
    def test_has_a_picture_for_every_second_of_a_short_film(self, minute):
        facts = storyboard(minute).facts
        assert (facts.width, facts.height, facts.columns) == (160, 90, 10)
        assert (facts.interval, facts.count) == (1.0, 70)

    def test_is_one_jpeg_that_holds_them_all(self, minute):
        picture = grey(storyboard(minute).sheet)
        assert (picture.width, picture.height) == (1600, 630)

    @pytest.mark.parametrize("number", [0, 1, 9, 10, 37, 69])
    def test_shows_each_second_at_its_place(self, minute, seconds, number):
        assert second_of(tile(storyboard(minute), number), seconds) == number

    def test_of_a_long_film_has_no_more_than_two_hundred(self, tmp_path):
        path = tmp_path / "long.mp4"
        samples.write_film(path, seconds=500, width=64, height=48, fps=2, sound=False)
        facts = storyboard(path.read_bytes()).facts
        assert (facts.interval, facts.count) == (2.5, 200)

    def test_without_patience_shows_key_frames(self, minute, seconds):
        from library.storing.examining import storyboard as program

        found, sheet = program.make(BytesIO(minute), patience=0)
        board = probe.Storyboard(probe.Sheet(**found), sheet)
        assert board.facts.count == 70
        # A key frame is at most two seconds back, and so is what is shown.
        assert second_of(tile(board, 41), seconds) == 40

    @pytest.mark.parametrize("rotation", [90, 270])
    def test_of_a_film_taken_upright_stands_upright(self, film, rotation):
        made = BytesIO()
        with av.open(BytesIO(film)) as old, av.open(made, "w", format="mp4") as new:
            stream = old.streams.video[0]
            copy = new.add_stream_from_template(stream)
            copy.set_display_rotation(rotation)
            for packet in old.demux(stream):
                if packet.dts is not None:
                    packet.stream = copy
                    new.mux(packet)
        facts = storyboard(made.getvalue()).facts
        assert facts.height == 120
        assert facts.width < facts.height

    def test_of_noise_is_none(self):
        assert storyboard(b"\0" * 5000) is None

    def test_of_a_film_that_was_cut_short_shows_what_there_is(self, webm):
        assert storyboard(webm[: len(webm) * 2 // 3]).facts.count > 0

    def test_is_bounded(self, minute):
        with pytest.raises(ExaminationBroke):
            storyboard(minute, limits=probe.Limits(seconds=0))


class TestTheStep:
    def test_is_put_down_by_the_check_and_done_by_a_worker(self, alice, film):
        video = received_video(alice, film)
        Worker().drain()
        video.refresh_from_db()
        assert video.storyboard == {
            "width": 160,
            "height": 90,
            "columns": 3,
            "interval": 1.0,
            "count": 3,
        }
        assert video.steps.get(kind=Step.Kind.STORYBOARD).state == Step.State.DONE

    @pytest.mark.parametrize("name", ["poster", "storyboard"])
    def test_leaves_nothing_of_a_private_film_in_clear(self, alice, film, name):
        video = received_video(alice, film)
        Worker().drain()
        kept = pictures.PLACES[name](video.pk).read_bytes()
        assert b"\xff\xd8\xff" not in kept
        picture = encryption.unseal(keys.of(Video.objects.get()), name, kept)
        assert picture.startswith(b"\xff\xd8\xff")

    @pytest.mark.open_storage
    def test_of_a_film_stored_open_is_a_plain_jpeg(self, alice, film):
        video = received_video(alice, film, visibility=Visibility.PUBLIC)
        Worker().drain()
        assert places.storyboard(video.pk).read_bytes().startswith(b"\xff\xd8\xff")

    def test_comes_after_whatever_makes_films_safe(self, alice, film):
        first, second = received_video(alice, film), received_video(alice, film + b"\0")
        check.run(taken(first.steps.get(kind=Step.Kind.CHECK)))
        lease = steps.claim(Step.objects.get(video=second).slot, "a worker")
        assert (lease.step.video, lease.step.kind) == (second, Step.Kind.CHECK)

    def test_that_finds_no_picture_is_given_up_with_a_sentence(self, alice, film):
        video = received_video(alice, film, kind=Video.Kind.FILM)
        step = steps.enqueue(video, Step.Kind.STORYBOARD)
        with pytest.raises(NoPicture):
            pictures.storyboard(taken(step), make=lambda *args, **options: None)

    def test_can_be_done_once_more(self, alice, film):
        video = received_video(alice, film)
        Worker().drain()
        video.refresh_from_db()
        places.storyboard(video.pk).unlink()
        assert deciding.make_again(video, Step.Kind.STORYBOARD)
        Worker().drain()
        assert places.storyboard(video.pk).exists()

    def test_is_not_made_of_a_film_in_the_trash(self, alice, film):
        from library import films

        video = received_video(alice, film, kind=Video.Kind.FILM)
        films.trash(video)
        with pytest.raises(WrongState, match="trash"):
            deciding.make_again(video, Step.Kind.POSTER)

    @pytest.mark.open_storage
    def test_seals_what_it_made_where_the_film_got_a_key_meanwhile(self, alice, film):
        """It began on a film stored open, and ends on one that is encrypted."""
        video = received_video(alice, film, stored_open=True)
        check.run(taken(video.steps.get(kind=Step.Kind.CHECK)))
        lease = taken(video.steps.get(kind=Step.Kind.STORYBOARD))

        def make(*args, **options):
            found = probe.storyboard(*args, **options)
            Video.objects.filter(pk=video.pk).update(key=keys.create())
            return found

        pictures.storyboard(lease, make=make)
        kept = places.storyboard(video.pk).read_bytes()
        opened = encryption.unseal(keys.of(Video.objects.get()), "storyboard", kept)
        assert opened.startswith(b"\xff\xd8\xff")


class TestTheChosenPoster:
    def test_is_the_picture_at_that_very_second(self, minute, seconds):
        chosen = poster_at(minute, 41.0).reformat(160, 90)
        assert second_of(rows(chosen), seconds) == 41

    def test_of_a_second_past_the_end_is_the_last_one(self, film):
        assert poster_at(film, 100).width == 320

    def test_is_made_again_by_a_worker(self, alice, minute):
        video = received_video(alice, minute)
        Worker().drain()
        before = Event.objects.filter(type="video.poster").count()
        Video.objects.filter(pk=video.pk).update(poster_at=41.5)
        video.refresh_from_db()
        kept = places.poster(video.pk).read_bytes()
        deciding.make_again(video, Step.Kind.POSTER)
        Worker().drain()
        assert places.poster(video.pk).read_bytes() != kept
        assert Event.objects.filter(type="video.poster").count() == before + 1

    def test_is_kept_when_the_film_is_checked_again(self, alice, minute):
        video = received_video(alice, minute, poster_at=41.5)
        Worker().drain()
        video.refresh_from_db()
        kept = encryption.unseal(keys.of(video), "poster", places.poster(video.pk).read_bytes())
        chosen, made = poster_at(minute, 41.5), grey(kept)
        assert bytes(chosen.planes[0]) == bytes(made.planes[0])


class TestChaptersOfTheFile:
    def test_become_the_films(self, alice, film):
        data = divided(film, (0, "Harbour"), (1000, "  Open \n sea "), (2000, ""))
        video = received_video(alice, data)
        perform(taken(video.steps.get(kind=Step.Kind.CHECK)))
        assert list(video.chapters.values_list("start", "title")) == [
            (0.0, "Harbour"),
            (1.0, "Open sea"),
            (2.0, "Chapter 3"),
        ]

    def test_one_alone_divides_nothing(self, alice, film):
        video = received_video(alice, divided(film, (0, "All of it")))
        perform(taken(video.steps.get(kind=Step.Kind.CHECK)))
        assert not Chapter.objects.exists()

    def test_do_not_come_back_once_somebody_took_them_away(self, alice, film):
        from library.watching import chapters

        video = received_video(alice, divided(film, (0, "Harbour"), (1000, "Sea")))
        perform(taken(video.steps.get(kind=Step.Kind.CHECK)))
        video.refresh_from_db()
        chapters.put(video, [])
        deciding.check_again(video)
        perform(taken(video.steps.get(kind=Step.Kind.CHECK)))
        assert not Chapter.objects.exists()
