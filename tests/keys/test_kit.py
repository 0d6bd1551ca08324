"""The recovery kit: made, checked, and a library built from it again."""

import hashlib
import io
import json
import shutil
import stat
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from library import films, places, samples
from library.errors import KeyUnavailable
from library.keys import films as keys
from library.keys import keyring, kit, printed, restoring
from library.keys.wrapping import LibraryKey
from library.models import FilmKey, Piece, RecoveryKit, Step, Upload, Video
from library.storing import check, steps, store, verify
from library.uploads import receiving
from tests.making import SMALL_PIECES, received_video, stored_video, taken
from tests.running import ROOT, Running, polling, running

pytestmark = pytest.mark.django_db(transaction=True)
DATA = hashlib.shake_256(b"film").digest(2 * SMALL_PIECES + 50)


def shown_key(page) -> str:
    """What a person reads off the paper."""
    text = page.read_text().partition('<p id="key">')[2].partition("</p>")[0]
    return " ".join(kit._GROUP.findall(text))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "kit"


@pytest.fixture
def film(alice):
    return stored_video(alice, DATA, piece_size=SMALL_PIECES, title="Harbour at dawn")


def test_both_halves_are_written_for_their_owner_alone(film, folder):
    made = kit.make(folder)
    assert sorted(folder.iterdir()) == sorted([made.to_print, made.to_save])
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_neither_half_tells_a_film_or_its_key_alone(film, folder):
    made = kit.make(folder)
    secret = keys.of(film).secret.hex()
    both = made.to_print.read_text() + made.to_save.read_text()
    for word in ("Harbour", film.sha256, film.piece_cid, secret, "alice"):
        assert word not in both
    assert keyring.current().text not in made.to_save.read_text()


@pytest.mark.open_storage
def test_the_page_and_the_file_open_every_film(film, alice, folder):
    public = stored_video(alice, b"public", visibility="public")
    made = kit.make(folder)
    opened = kit.read(made.to_save, printed.read(shown_key(made.to_print)))
    told = {one["id"]: one for one in opened.films}
    assert set(told) == {film.pk, public.pk}
    assert kit.key_of(told[film.pk]) == keys.of(film)
    assert kit.key_of(told[public.pk]) is None
    assert [piece[3] for piece in told[film.pk]["pieces"]] == list(
        film.pieces.values_list("piece_cid", flat=True)
    )


def test_that_it_was_made_is_remembered(film, alice, folder, capsys):
    assert kit.missing_keys() == 1
    call_command("keys", "kit", str(folder))
    assert "one film, 1 of them encrypted" in capsys.readouterr().out
    assert RecoveryKit.objects.get().films == 1
    assert kit.missing_keys() == 0
    received_video(alice)
    assert kit.missing_keys() == 1


def test_a_film_that_was_still_arriving_is_not_in_it(alice, folder):
    upload = receiving.begin(alice, length=10)
    kit.make(folder)
    receiving.receive(upload, io.BytesIO(b"0123456789"), offset=0)
    assert kit.missing_keys() == 1


def test_a_kit_with_a_key_that_stays_closed_is_not_made(film, folder):
    FilmKey.objects.update(wrapped=b"\x01" + bytes(59))
    with pytest.raises(KeyUnavailable):
        kit.make(folder)
    assert not RecoveryKit.objects.exists()
    assert not folder.exists() or not list(folder.iterdir())


def test_a_kit_that_reads_back_wrongly_is_not_left_lying(film, folder, monkeypatch):
    monkeypatch.setattr(kit, "_sealed", lambda *_: b"{}")
    with pytest.raises(kit.BadKit):
        kit.make(folder)
    assert not list(folder.iterdir())
    assert not RecoveryKit.objects.exists()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(lambda text: text[:-40], "not the saved half", id="cut off"),
        pytest.param(lambda text: "hello", "not the saved half", id="another file"),
        pytest.param(lambda text: text.replace('"version": 1', '"version": 9'), "version"),
        pytest.param(lambda text: text.replace('sealed": "A', 'sealed": "B'), "damaged"),
    ],
)
def test_a_damaged_file_is_said_to_be(film, folder, spoil, said):
    made = kit.make(folder)
    made.to_save.write_text(spoil(made.to_save.read_text()))
    with pytest.raises(kit.BadKit, match=said):
        kit.read(made.to_save, keyring.current())


def test_another_printed_key_is_said_to_be_another(film, folder):
    made = kit.make(folder)
    with pytest.raises(kit.BadKit, match="printed page of another kit"):
        kit.read(made.to_save, LibraryKey("b" * 64))


# --- a library built again


@pytest.fixture
def emptied(film, folder, tmp_path):
    """The kit and the pieces, after everything else has gone."""
    made = kit.make(folder)
    pieces = tmp_path / "pieces of old"
    shutil.move(places.shelf(), pieces)
    Video.objects.all().delete()
    FilmKey.objects.all().delete()
    Upload.objects.all().delete()
    RecoveryKit.objects.all().delete()
    for left in places.data().iterdir():
        shutil.rmtree(left)
    key = printed.read(shown_key(made.to_print))
    return made.to_save, key, pieces


def brought_back(emptied, owner):
    path, key, pieces = emptied
    restoring.install(key)
    return restoring.restore(kit.read(path, key), pieces, owner)


def test_a_film_comes_back_with_its_key_its_words_and_its_pieces(emptied, alice, film):
    before = [film.pk, film.title, film.sha256, film.piece_cid, film.size, film.kind]
    done = brought_back(emptied, alice)
    assert (done.brought, done.left_out) == (["Harbour at dawn"], [])
    video = Video.objects.get()
    assert [video.pk, video.title, video.sha256, video.piece_cid, video.size, video.kind] == before
    # Only what was read back from the shelf is Stored.
    assert video.state == Video.State.RECEIVED
    video.steps.filter(kind=Step.Kind.CHECK).update(state=Step.State.DONE)
    store.run(taken(steps.enqueue(video, Step.Kind.STORE)))
    verify.run(taken(video.steps.get(kind=Step.Kind.VERIFY)))
    video.refresh_from_db()
    assert video.state == Video.State.STORED
    assert keyring.current() == emptied[1]


def test_its_key_is_known_to_be_in_that_kit(emptied, alice):
    brought_back(emptied, alice)
    assert RecoveryKit.objects.get().films == 1
    assert kit.missing_keys() == 0


def test_what_is_here_already_is_left_alone(emptied, alice):
    brought_back(emptied, alice)
    done = brought_back(emptied, alice)
    assert (done.brought, done.there) == ([], ["Harbour at dawn"])
    assert Video.objects.count() == 1


@pytest.mark.parametrize("index", [0, 2])
def test_a_film_with_a_wrong_piece_is_left_out_and_comes_once_it_is_right(emptied, alice, index):
    path, key, pieces = emptied
    cid = next(piece[3] for piece in kit.read(path, key).films[0]["pieces"] if piece[0] == index)
    (file,) = pieces.rglob(cid)
    right = file.read_bytes()
    file.write_bytes(bytes([right[0] ^ 1]) + right[1:])
    ((title, reason),) = brought_back(emptied, alice).left_out
    assert reason == f"Piece {index} ({cid}) is not what its name says."
    assert not Video.objects.exists()
    assert not FilmKey.objects.exists()
    assert not list(places.data().glob("staging/upl_*"))
    file.write_bytes(right)
    assert brought_back(emptied, alice).brought == [title]


def test_two_pieces_that_were_exchanged_are_found_out(emptied, alice):
    path, key, pieces = emptied
    first, second = (piece[3] for piece in kit.read(path, key).films[0]["pieces"][:2])
    (one,), (other,) = pieces.rglob(first), pieces.rglob(second)
    one.rename(pieces / "aside")
    other.rename(one)
    (pieces / "aside").rename(other)
    ((_, reason),) = brought_back(emptied, alice).left_out
    assert "is not what its name says" in reason


def test_a_good_copy_is_found_beside_a_bad_one(emptied, alice):
    pieces = emptied[2]
    for file in list(pieces.rglob("bafk*")):
        (pieces / "0").mkdir(exist_ok=True)
        (pieces / "0" / file.name).write_bytes(bytes(file.stat().st_size))
    assert brought_back(emptied, alice).left_out == []


def test_a_missing_piece_is_named(emptied, alice):
    path, key, pieces = emptied
    cid = kit.read(path, key).films[0]["pieces"][1][3]
    next(pieces.rglob(cid)).unlink()
    assert brought_back(emptied, alice).left_out == [
        ("Harbour at dawn", f"Piece 1 ({cid}) is not there.")
    ]


def test_films_go_to_whoever_had_them_or_to_the_one_that_is_named(emptied, admin, alice):
    brought_back(emptied, admin)
    assert Video.objects.get().owner == alice


def test_a_film_from_the_trash_comes_back_into_the_trash(film, folder, alice):
    films.trash(film)
    made = kit.make(folder)
    trashed = film.trashed_at
    opened = kit.read(made.to_save, keyring.current())
    pieces = places.shelf()
    Piece.objects.all().delete()
    Video.objects.all().delete()
    restoring.restore(opened, pieces, alice)
    assert Video.objects.get().trashed_at == trashed


def test_a_library_with_films_under_another_key_is_not_touched(emptied, alice):
    other = received_video(alice)
    before = places.library_key().read_text()
    with pytest.raises(kit.BadKit, match="a key of its own that films are encrypted with"):
        restoring.install(emptied[1])
    assert places.library_key().read_text() == before
    assert keys.of(other) is not None


def test_what_a_check_would_refuse_today_stays_what_it_was(emptied, alice):
    """The bytes here are noise: a check that met them for the first time would refuse them."""
    brought_back(emptied, alice)
    check.run(taken(Step.objects.get(kind=Step.Kind.CHECK)))
    video = Video.objects.get()
    assert video.kind == Video.Kind.FILM
    assert video.steps.filter(kind=Step.Kind.STORE).exists()


def test_the_command_says_what_is_wrong_before_a_key_is_typed(tmp_path, admin):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("keys", "restore", str(tmp_path / "none"), pieces=tmp_path, owner="admin")
    with pytest.raises(CommandError, match="no account 'nobody'"):
        call_command("keys", "restore", str(tmp_path), pieces=tmp_path, owner="nobody")


@pytest.mark.slow
def test_a_second_empty_library_plays_it(tmp_path):
    """Two libraries as operators run them: nothing but the kit and the pieces goes across."""
    path = tmp_path / "film.mp4"
    samples.write_film(path, seconds=2, width=320, height=180)
    film = path.read_bytes()
    first, second = Running(tmp_path / "first"), Running(tmp_path / "second")
    try:
        with first.start().client() as api:
            headers = {"Content-Type": "application/offset+octet-stream"}
            headers["Upload-Length"] = str(len(film))
            url = api.post("/api/v1/uploads/", content=film, headers=headers).headers["Location"]
            video = api.get(url).json()["video"]
            wait_until_stored(api, video)
        made = first.manage("keys", "kit", str(tmp_path / "kit"))
        assert made.returncode == 0, made.stderr
    finally:
        first.stop()
    (page,) = (tmp_path / "kit").glob("*.html")
    (saved,) = (tmp_path / "kit").glob("*.kit")
    second.start().stop()
    pieces = str(tmp_path / "first" / "pieces")
    done = subprocess.run(
        [
            *(sys.executable, "manage.py", "keys", "restore", str(saved)),
            *("--pieces", pieces, "--owner", "admin"),
        ],
        cwd=ROOT,
        env=second.environment,
        input=shown_key(page).upper(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shutil.rmtree(tmp_path / "first")
    try:
        with second.start().client() as api:
            told = wait_until_stored(api, video)
            assert told["sha256"] == hashlib.sha256(film).hexdigest()
            assert api.get(told["stream_url"]).content == film
            assert api.get(told["poster_url"]).content.startswith(b"\xff\xd8")
        out = tmp_path / "out"
        assert second.manage("download", video, "--to", str(out)).returncode == 0
        assert next(out.iterdir()).read_bytes() == film
    finally:
        second.stop()


@pytest.mark.slow
def test_without_its_key_a_library_does_not_start_and_changes_nothing(tmp_path):
    with running(tmp_path / "data", worker=False) as library, library.client() as api:
        api.post("/api/v1/uploads/", headers={"Upload-Length": "10"})
    key = library.data / "secrets" / "filmedia_library_key"
    kept = key.read_text()
    key.unlink()
    for command in ("serve", "worker"):
        done = library.manage(command, timeout=60)
        assert done.returncode == 1
        assert "The library key is missing or not the right one" in done.stderr
        assert "Traceback" not in done.stderr
        assert not key.exists()
    assert json.dumps(kept) not in done.stderr
    key.write_text(kept)
    library.start().stop()


def wait_until_stored(api, video: str) -> dict:
    for _ in polling(60):
        told = api.get(f"/api/v1/videos/{video}/").json()
        if told["state"] == "stored" and told["poster_url"]:
            return told
    raise AssertionError(told)
