import pytest

from library import places
from library.models import Step, Upload, Video
from library.storing import sweeps
from library.uploads import receiving
from tests.making import received_video, stored_video, taken

pytestmark = pytest.mark.django_db


def left_over(path, data=b"left by a crash"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_nothing_that_is_needed_is_swept(alice):
    receiving.begin(alice, length=100, filename="unfinished.mp4")
    left_over(places.staged_piece(Upload.objects.get().pk, 0))
    received_video(alice, b"received")
    stored_video(alice, b"stored")
    before = sorted(places.data().rglob("*"))
    sweeps.orphans()
    assert sorted(places.data().rglob("*")) == before


def test_staged_bytes_without_an_upload_go(data):
    orphan = left_over(places.staged_piece("upl_abcdef", 0))
    sweeps.orphans()
    assert not orphan.parent.exists()


def test_staged_bytes_of_a_film_that_is_stored_go(alice):
    video = stored_video(alice)
    orphan = left_over(places.staged_piece(Upload.objects.get(video=video).pk, 0))
    sweeps.orphans()
    assert not orphan.parent.exists()


def test_staged_bytes_of_a_refused_film_go(alice):
    video = received_video(alice)
    Upload.objects.update(state=Upload.State.REFUSED, video=None)
    staged = places.staging(video.staging)
    Video.objects.all().delete()
    sweeps.orphans()
    assert not staged.exists()


def test_files_of_a_film_that_is_gone_go(data):
    orphan = left_over(places.poster("vid_abcdef"))
    sweeps.orphans()
    assert not orphan.parent.exists()


def test_a_piece_that_no_film_has_goes(alice):
    kept = stored_video(alice).pieces.get().piece_cid
    orphan = left_over(places.shelved_piece(kept[:-4] + "aaaa"))
    sweeps.orphans()
    assert not orphan.exists()
    assert places.shelved_piece(kept).exists()


def test_files_in_the_making_stay_for_as_long_as_somebody_makes_them(alice):
    lease = taken(received_video(alice).steps.get())
    part = left_over(places.shelf() / lease.part)
    draft = left_over(places.film(lease.step.video_id) / lease.part)
    sweeps.orphans()
    assert part.exists()
    assert draft.exists()
    Step.objects.update(lease=2)
    sweeps.orphans()
    assert not part.exists()
    assert not draft.exists()


def test_what_others_keep_in_the_data_folder_is_left_alone(data):
    form = left_over(data / "staging" / "forms" / "half.upload")
    note = left_over(data / "films" / "README")
    sweeps.orphans()
    assert form.exists()
    assert note.exists()


def test_uploads_that_nobody_goes_on_with_expire(alice):
    upload = receiving.begin(alice, length=100, filename="unfinished.mp4")
    Upload.objects.update(expires_at=upload.created_at)
    sweeps.overdue()
    assert Upload.objects.get().state == Upload.State.EXPIRED
