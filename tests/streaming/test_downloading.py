"""Films on a disk: right to the last byte under their names, or a beginning that says so."""

import threading

import pytest
from django.core.management import CommandError, call_command

from filmedia.filecoin.piece import BLOCK_SIZE
from library import places
from library.models import Video
from streaming import downloading
from streaming.downloading import Watch
from streaming.errors import BytesUnavailable, DownloadFailed, InTheWay, Stopped, WrongBytes
from tests.making import SMALL_PIECES, received_video, stored_video
from tests.streaming.conftest import flip, known_bytes

pytestmark = pytest.mark.django_db

FILM = known_bytes(5 * BLOCK_SIZE + 777)


@pytest.fixture
def film(alice):
    return stored_video(alice, FILM, piece_size=SMALL_PIECES)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "films"


def fetch(video, folder, **watch):
    [download] = downloading.plan([video], folder)
    return downloading.fetch(download, Watch(**watch))


def shelved(video, index):
    return places.shelved_piece(video.pieces.get(index=index).piece_cid)


@pytest.mark.parametrize("make", [received_video, stored_video])
@pytest.mark.parametrize("size", [0, 1, 127, BLOCK_SIZE, len(FILM)])
def test_a_film_is_written_under_its_name(alice, folder, make, size):
    video = make(alice, FILM[:size], piece_size=SMALL_PIECES)
    done = []
    path = fetch(video, folder, report=done.append)
    assert (path.name, path.read_bytes()) == ("harbour.mp4", FILM[:size])
    assert sum(done) == size
    assert [entry.name for entry in folder.iterdir()] == ["harbour.mp4"]


def stop_after(blocks):
    """Watches a download and stops it when so many blocks are there."""
    seen = []
    return {"report": seen.append, "stop": lambda: len(seen) >= blocks}


def test_a_download_that_was_stopped_goes_on(film, folder):
    with pytest.raises(Stopped):
        fetch(film, folder, **stop_after(3))
    part = folder / "harbour.mp4.part"
    assert part.read_bytes() == FILM[: 3 * BLOCK_SIZE]
    # What is there already is not read from the library again.
    for index in range(3):
        shelved(film, index).unlink()
    assert fetch(film, folder).read_bytes() == FILM
    assert not part.exists()


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(FILM[: BLOCK_SIZE + 5], id="cut off within a block"),
        pytest.param(b"", id="nothing yet"),
        pytest.param(FILM, id="all but the name"),
        pytest.param(FILM + b"more", id="too much"),
        pytest.param(FILM[:BLOCK_SIZE] + bytes(2 * BLOCK_SIZE), id="zeros after a power cut"),
        pytest.param(known_bytes(2 * BLOCK_SIZE, b"another"), id="another film's"),
    ],
)
def test_whatever_an_earlier_try_has_left_is_verified_first(film, folder, kept):
    folder.mkdir()
    (folder / "harbour.mp4.part").write_bytes(kept)
    done = []
    assert fetch(film, folder, report=done.append).read_bytes() == FILM
    assert sum(done) == len(FILM)


def test_a_wrong_block_is_never_written(film, folder):
    flip(shelved(film, 2), 100)
    with pytest.raises(WrongBytes, match="Block 0 of piece 2"):
        fetch(film, folder)
    assert not (folder / "harbour.mp4").exists()
    assert (folder / "harbour.mp4.part").read_bytes() == FILM[: 2 * BLOCK_SIZE]


def test_blocks_of_another_film_are_found_out_by_the_sha256(film, folder):
    Video.objects.filter(pk=film.pk).update(sha256="0" * 64)
    film.refresh_from_db()
    with pytest.raises(WrongBytes, match="SHA-256"):
        fetch(film, folder)
    assert list(folder.iterdir()) == []


def test_a_film_that_is_there_is_left_alone(film, folder):
    path = fetch(film, folder)
    before = path.stat()
    done = []
    assert fetch(film, folder, report=done.append) == path
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert sum(done) == len(FILM)


def test_a_file_of_that_name_is_not_overwritten(film, folder):
    folder.mkdir()
    mine = folder / "harbour.mp4"
    mine.write_bytes(known_bytes(len(FILM), b"mine"))
    path = fetch(film, folder)
    assert path.name == f"harbour {film.pk}.mp4"
    assert (path.read_bytes(), mine.read_bytes()) == (FILM, known_bytes(len(FILM), b"mine"))
    path.write_bytes(b"mine too")
    with pytest.raises(InTheWay, match="is in the way"):
        fetch(film, folder)


def test_films_of_one_name_get_files_of_their_own(alice, folder):
    videos = [stored_video(alice, bytes([i]) * 500, filename="A.mp4".swapcase()) for i in range(3)]
    targets = {download.target.name for download in downloading.plan(videos, folder)}
    assert len({target.casefold() for target in targets}) == 3


def test_two_downloads_do_not_write_one_file(film, folder):
    entered, leave = threading.Event(), threading.Event()

    def wait(_):
        entered.set()
        assert leave.wait(10)

    [download] = downloading.plan([film], folder)
    first = threading.Thread(target=downloading.fetch, args=(download, Watch(report=wait)))
    first.start()
    assert entered.wait(10)
    with pytest.raises(InTheWay, match="Another download"):
        downloading.fetch(download)
    leave.set()
    first.join()
    assert download.target.read_bytes() == FILM


def test_bytes_that_are_nowhere_leave_a_beginning(film, folder):
    shelved(film, 1).unlink()
    with pytest.raises(BytesUnavailable, match="Piece 1"):
        fetch(film, folder)
    assert (folder / "harbour.mp4.part").stat().st_size == BLOCK_SIZE


def test_films_are_found_by_id_and_by_piececid_once(film, alice):
    other = stored_video(alice, b"another")
    assert downloading.find([film.pk, other.piece_cid, film.piece_cid]) == [film, other]
    with pytest.raises(DownloadFailed, match="'vid_none'"):
        downloading.find(["vid_none"])


# --- the command


def test_the_command_downloads_several_and_says_what_it_verified(film, alice, folder, capsys):
    other = stored_video(alice, b"another", filename="b.mp4")
    call_command("download", film.pk, other.piece_cid, to=folder)
    assert {path.name for path in folder.iterdir()} == {"harbour.mp4", "b.mp4"}
    said = capsys.readouterr().err
    assert film.piece_cid in said
    assert other.piece_cid in said


def test_the_command_fails_when_one_film_does_and_still_brings_the_others(
    film, alice, folder, capsys
):
    other = stored_video(alice, b"another", filename="b.mp4")
    flip(shelved(film, 0), 0)
    with pytest.raises(CommandError, match="1 of 2 films"):
        call_command("download", film.pk, other.pk, to=folder)
    assert (folder / "b.mp4").read_bytes() == b"another"
    assert "Block 0 of piece 0" in capsys.readouterr().err


def test_an_unknown_film_is_named_before_anything_is_written(film, folder):
    with pytest.raises(CommandError, match="vid_none"):
        call_command("download", film.pk, "vid_none", to=folder)
    assert not folder.exists()


@pytest.mark.parametrize("parallel", ["0", "-1", "many", "65"])
def test_a_number_of_downloads_that_makes_no_sense_is_refused(parallel):
    with pytest.raises(CommandError, match="a number from 1 to 64"):
        call_command("download", "vid_none", f"--parallel={parallel}")
