import io
import zipfile

import pytest

from library import encryption, places
from library.keys import films as keys
from library.models import Event, Piece, Step, Upload, Video
from library.storing import check
from library.storing.errors import ExaminationBroke, LeaseLost
from library.storing.worker import perform
from tests.making import SMALL_PIECES, received_video, taken

pytestmark = pytest.mark.django_db


def checked(video, **options):
    check.run(taken(video.steps.get(kind=Step.Kind.CHECK)), **options)


def zipped():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("film.mp4", bytes(100))
    return made.getvalue()


def without_index(film):
    """As a camera leaves a film when its battery dies: the bytes, but no index."""
    return film[:32] + (len(film)).to_bytes(4, "big") + b"mdat" + film[40:]


def test_half_a_film_is_refused_with_what_it_lacks(alice, film):
    half = film[: len(film) // 2]
    video = received_video(alice, half)
    checked(video)
    assert not Video.objects.exists()
    assert f"{len(film) - len(half):,} bytes are missing" in Upload.objects.get().problem


class TestAFilm:
    def test_gets_its_facts(self, alice, film):
        video = received_video(alice, film)
        checked(video)
        video.refresh_from_db()
        assert (video.kind, video.media_type, video.container) == ("film", "video/mp4", "mp4")
        assert (video.width, video.height, video.frame_rate) == (320, 180, 25.0)
        assert video.duration == pytest.approx(3, abs=0.1)
        assert [stream["kind"] for stream in video.streams] == ["video", "audio"]
        assert video.state == Video.State.RECEIVED

    def test_gets_a_poster(self, alice, film):
        video = received_video(alice, film)
        checked(video)
        video.refresh_from_db()
        assert video.has_poster
        kept = places.poster(video.pk).read_bytes()
        assert b"\xff\xd8\xff" not in kept
        picture = encryption.unseal(keys.of(video), "poster", kept)
        assert picture.startswith(b"\xff\xd8\xff")
        assert [path.name for path in places.film(video.pk).iterdir()] == ["poster.jpg"]

    def test_goes_on_to_be_stored(self, alice, film):
        video = received_video(alice, film)
        checked(video)
        assert video.steps.get(kind=Step.Kind.CHECK).state == Step.State.DONE
        assert video.steps.get(kind=Step.Kind.STORE).state == Step.State.WAITING
        assert Event.objects.get(type="video.checked").video == video

    def test_is_read_across_its_pieces(self, alice, tmp_path):
        from library import samples

        samples.write_film(tmp_path / "film.mp4", seconds=3, size=3_000_000)
        video = received_video(alice, (tmp_path / "film.mp4").read_bytes(), piece_size=SMALL_PIECES)
        assert Piece.objects.count() > 2
        checked(video)
        video.refresh_from_db()
        assert video.kind == Video.Kind.FILM

    def test_is_known_by_its_bytes_whatever_its_name_says(self, alice, webm):
        video = received_video(alice, webm, filename="harbour.mp4")
        checked(video)
        video.refresh_from_db()
        assert video.media_type == "video/webm"

    def test_checked_twice_is_the_same_film(self, alice, film):
        video = received_video(alice, film)
        checked(video)
        before = Video.objects.values().exclude(pk="").get()
        video.steps.filter(kind=Step.Kind.CHECK).update(state=Step.State.WAITING)
        checked(video)
        after = Video.objects.values().get()
        assert before | {"updated_at": 0} == after | {"updated_at": 0}
        assert video.steps.count() == 3


class TestWhatIsNoFilm:
    @pytest.mark.parametrize(
        ("data", "words"),
        [
            pytest.param(zipped(), "ZIP archive", id="a zip"),
            pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG drawing", id="an SVG"),
            pytest.param(b"<!doctype html><script>1</script>", "web page", id="a web page"),
            pytest.param(b"#EXTM3U\nfile:///etc/passwd\n", "playlist", id="a playlist"),
            pytest.param(b"", "empty", id="nothing"),
            pytest.param(bytes(5000), "not a film in any format", id="zeros"),
        ],
    )
    def test_is_refused_with_a_sentence(self, alice, data, words):
        video = received_video(alice, data, filename="film.mp4")
        upload = Upload.objects.get(video=video)
        checked(video)
        upload.refresh_from_db()
        assert upload.state == Upload.State.REFUSED
        assert words in upload.problem
        assert upload.video is None

    def test_leaves_nothing_but_the_upload(self, alice):
        video = received_video(alice, zipped(), piece_size=SMALL_PIECES)
        checked(video)
        assert not Video.objects.exists()
        assert not Step.objects.exists()
        assert not Piece.objects.exists()
        assert not places.staging(video.staging).exists()
        event = Event.objects.get(type="upload.refused")
        assert event.upload == Upload.objects.get()
        assert event.owner == alice
        assert "ZIP" in event.data["problem"]

    def test_tells_a_page_that_shows_the_film(self, alice):
        video = received_video(alice, zipped())
        was = video.pk
        checked(video)
        assert Event.objects.get(type="upload.refused").data["was"] == was

    def test_a_film_without_its_index_is_told_apart(self, alice, film):
        checked(received_video(alice, without_index(film)))
        assert "ends before its index" in Upload.objects.get().problem

    def test_is_kept_as_a_file_where_the_library_is_set_so(self, alice, settings):
        settings.ACCEPT_ANY_FILE = True
        video = received_video(alice, zipped())
        checked(video)
        video.refresh_from_db()
        assert (video.kind, video.media_type) == ("file", "application/octet-stream")
        assert video.steps.filter(kind=Step.Kind.STORE).exists()
        assert Upload.objects.get().state == Upload.State.RECEIVED


class TestAnExaminationThatBreaks:
    @staticmethod
    def broken(*args, **options):
        raise ExaminationBroke("This film could not be examined within 90 seconds.")

    def test_is_tried_again(self, alice, film):
        video = received_video(alice, film)
        with pytest.raises(ExaminationBroke):
            checked(video, examine=self.broken)
        assert Upload.objects.get().state == Upload.State.RECEIVED

    def test_ends_in_an_honest_refusal(self, alice, film):
        video = received_video(alice, film)
        video.steps.update(attempts=ExaminationBroke.tries - 1)
        checked(video, examine=self.broken)
        upload = Upload.objects.get()
        assert upload.state == Upload.State.REFUSED
        assert upload.problem == "This film could not be examined within 90 seconds."


def test_a_film_whose_worker_slept_is_neither_refused_nor_changed(alice):
    video = received_video(alice, zipped())
    sleeper = taken(video.steps.get())
    Step.objects.update(lease=2)
    with pytest.raises(LeaseLost):
        check.run(sleeper)
    assert Video.objects.get().kind == Video.Kind.UNKNOWN
    assert places.staging(video.staging).exists()


def test_a_refused_films_step_is_performed_without_ado(alice):
    perform(taken(received_video(alice, zipped()).steps.get()))
    assert Upload.objects.get().state == Upload.State.REFUSED
