import pytest

from library import places
from library.models import Copy, Event, Piece, Step, Video
from library.storing import steps, store, verify
from library.storing.errors import CopiesAreWrong, Interrupted, LeaseLost
from library.storing.worker import perform
from tests.making import SMALL_PIECES, as_stored, received_video, stored_video, taken

pytestmark = pytest.mark.django_db
DATA = bytes(i * 7 % 251 for i in range(SMALL_PIECES * 2 + 50))


@pytest.fixture
def video(alice):
    """On the shelf, not yet verified: three pieces, the last of 50 bytes."""
    video = received_video(alice, DATA, piece_size=SMALL_PIECES, kind=Video.Kind.FILM)
    store.run(taken(steps.enqueue(video, Step.Kind.STORE)))
    return video


def to_verify(video):
    step = steps.enqueue(video, Step.Kind.VERIFY)
    Step.objects.filter(pk=step.pk).update(state=Step.State.WAITING)
    return taken(Step.objects.get(pk=step.pk))


def on_shelf(video, index):
    return places.shelved_piece(Piece.objects.get(video=video, index=index).piece_cid)


def damage(path):
    data = bytearray(path.read_bytes())
    data[7] ^= 1
    with path.open("r+b") as file:
        file.write(data)


def put_another_in_its_place(path):
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(bytes(len(data)))


def put_what_cannot_be_read(path):
    """As a bad sector answers: EIO, which the beginning of this process's memory gives too."""
    path.unlink()
    path.symlink_to("/proc/self/mem")


def test_what_was_read_back_is_stored(video):
    verify.run(to_verify(video))
    video.refresh_from_db()
    assert video.state == Video.State.STORED
    assert Copy.objects.filter(verified_at__isnull=False, fault="").count() == 3
    types = list(Event.objects.filter(video=video).values_list("type", flat=True))
    assert types[-2:] == ["video.verified", "video.stored"]


def test_only_then_are_staged_bytes_let_go(video):
    staging = video.staging
    verify.run(to_verify(video))
    video.refresh_from_db()
    assert video.staging == ""
    assert not places.staging(staging).exists()


def test_verified_twice_is_stored_once(video):
    verify.run(to_verify(video))
    first = Copy.objects.first().verified_at
    verify.run(to_verify(video))
    assert Event.objects.filter(type="video.stored").count() == 1
    assert Copy.objects.first().verified_at > first


def test_its_progress_is_written_down(video, monkeypatch):
    monkeypatch.setattr("library.storing.lease.REPORT_SECONDS", 0)
    seen = []
    lease = to_verify(video)
    report = lease.report
    lease.report = lambda done: (report(done), seen.append(Step.objects.get(pk=lease.step.pk)))
    verify.run(lease)
    assert [step.done_bytes for step in seen] == sorted(step.done_bytes for step in seen)
    assert seen[0].total_bytes == video.size
    assert Step.objects.get(pk=lease.step.pk).done_bytes == video.size


def test_a_stop_is_heeded_in_the_middle(video):
    lease = to_verify(video)
    lease._stopping.set()
    with pytest.raises(Interrupted):
        verify.run(lease)
    assert Video.objects.get().state == Video.State.RECEIVED


@pytest.mark.parametrize("index", [0, 2])
@pytest.mark.parametrize(
    "harm", [lambda path: path.unlink(), put_another_in_its_place, put_what_cannot_be_read]
)
def test_a_wrong_piece_is_stored_anew_from_staging(video, harm, index):
    harm(on_shelf(video, index))
    verify.run(to_verify(video))
    video.refresh_from_db()
    assert video.state == Video.State.STORED
    found = b"".join(on_shelf(video, number).read_bytes() for number in range(3))
    assert found == as_stored(video, DATA) + bytes(77)


class TestWhenStagedBytesAreWrongToo:
    @pytest.fixture
    def video(self, video):
        # One file with two names, until staging is let go.
        damage(on_shelf(video, 1))
        with pytest.raises(CopiesAreWrong):
            verify.run(to_verify(video))
        video.refresh_from_db()
        return video

    def test_the_film_is_at_risk_and_says_why(self, video):
        assert video.state == Video.State.AT_RISK
        assert video.state_reason == "Piece 1 was read back and is not what was stored."
        assert Event.objects.get(type="video.at_risk").data["reason"] == video.state_reason

    def test_the_copy_is_marked(self, video):
        assert list(Copy.objects.exclude(fault="").values_list("piece__index", flat=True)) == [1]

    def test_staged_bytes_are_kept(self, video):
        assert len(list(places.staging(video.staging).glob("0*"))) == 3

    def test_it_is_stored_once_the_piece_is_right_again(self, video):
        on_shelf(video, 1).write_bytes(as_stored(video, DATA)[SMALL_PIECES : 2 * SMALL_PIECES])
        verify.run(to_verify(video))
        video.refresh_from_db()
        assert (video.state, video.state_reason, video.staging) == (Video.State.STORED, "", "")
        assert not Copy.objects.exclude(fault="").exists()


def test_the_step_of_a_film_at_risk_is_given_up_not_repeated(video):
    damage(on_shelf(video, 1))
    lease = to_verify(video)
    perform(lease)
    step = Step.objects.get(pk=lease.step.pk)
    assert step.state == Step.State.FAILED
    assert "Piece 1" in step.error


def test_a_stored_film_that_loses_a_piece_is_at_risk(alice):
    video = stored_video(alice, DATA, piece_size=SMALL_PIECES)
    on_shelf(video, 0).unlink()
    with pytest.raises(CopiesAreWrong):
        verify.run(to_verify(video))
    video.refresh_from_db()
    assert (video.state, video.state_reason) == (Video.State.AT_RISK, "Piece 0 is missing.")


@pytest.mark.parametrize("harm", [damage, lambda path: path.unlink()])
def test_block_roots_that_are_wrong_are_written_anew(video, harm):
    right = places.roots(video.pk).read_bytes()
    harm(places.roots(video.pk))
    verify.run(to_verify(video))
    assert places.roots(video.pk).read_bytes() == right


def test_a_film_that_is_not_the_sum_of_its_pieces_is_at_risk(video, alice):
    other = received_video(alice, b"x" * 1000)
    Video.objects.filter(pk=video.pk).update(piece_cid=other.piece_cid)
    with pytest.raises(CopiesAreWrong):
        verify.run(to_verify(video))


def test_a_worker_that_slept_lets_nothing_go(video):
    sleeper = to_verify(video)
    Step.objects.filter(pk=sleeper.step.pk).update(lease=9)
    with pytest.raises(LeaseLost):
        verify.run(sleeper)
    assert places.staging(video.staging).exists()
    assert Video.objects.get().state == Video.State.RECEIVED
