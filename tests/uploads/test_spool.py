"""What a plain form sends waits encrypted, and leaves nothing behind."""

import hashlib
from contextlib import closing
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from library.models import Upload, Video
from library.uploads import receiving
from library.uploads.spool import Spool
from tests.scanning import runs_in_clear

FILM = hashlib.shake_256(b"film").digest(5_000_000)


@pytest.fixture
def forms(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "forms"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    return settings.FILE_UPLOAD_TEMP_DIR


def on_disk(folder: Path, copies: Path) -> Path:
    """Copies of what this process has on disk below `folder`, under a name or under none."""
    copies.mkdir()
    for descriptor in Path("/proc/self/fd").iterdir():
        if descriptor.exists() and str(descriptor.readlink()).startswith(str(folder)):
            (copies / descriptor.name).write_bytes(descriptor.read_bytes())
    return copies


def test_what_was_written_is_read_and_lies_there_encrypted(forms, tmp_path):
    with closing(Spool()) as spool:
        for start in range(0, len(FILM), 65_537):
            spool.write(FILM[start : start + 65_537])
        spool.seek(0)
        assert spool.read() == FILM
        spool.seek(1_000_001)
        assert spool.read(10) + spool.read(20) == FILM[1_000_001:1_000_031]
        copies = on_disk(forms, tmp_path / "copies")
    assert [path.stat().st_size for path in copies.iterdir()] == [len(FILM)]
    assert runs_in_clear(FILM, copies) == []


def test_it_has_no_name_that_could_be_left_behind(forms):
    with closing(Spool()) as spool:
        spool.write(FILM)
        assert list(forms.iterdir()) == []
    assert spool.closed


@pytest.mark.django_db(transaction=True)
def test_a_form_is_received_whole_and_nothing_of_it_lies_in_clear(
    client, alice, data, forms, tmp_path, monkeypatch
):
    seen = []
    receive = receiving.receive

    def watched(*args, **options):
        copies = on_disk(forms, tmp_path / "copies")
        seen.append((len(list(copies.iterdir())), runs_in_clear(FILM, copies)))
        return receive(*args, **options)

    monkeypatch.setattr(receiving, "receive", watched)
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    form = {"file": SimpleUploadedFile("film.mp4", FILM, "video/mp4"), "visibility": "private"}
    answer = client.post(reverse("library:upload"), form)
    assert answer.status_code == 302
    assert seen == [(1, [])]
    assert Upload.objects.get().encrypted
    assert Video.objects.get().sha256 == hashlib.sha256(FILM).hexdigest()
    assert runs_in_clear(FILM, data) == []
    assert list(forms.iterdir()) == []
