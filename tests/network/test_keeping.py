"""Looking after films that are on a network: what is found, said, and mended."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from library import films, places
from library.models import Copy, DataSet, Event, Provider, Removal, Video
from library.network import certificate, comparing, connection, copies, data_sets, patrol
from library.storing.original import Original
from tests.making import SMALL_PIECES, stored_video

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.xdist_group("network"),
]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def kept(stage):
    """A film whose copies were read back, and of which nothing lies here any more."""
    video = stage.film()
    stage.work_until(lambda: not Video.objects.get(pk=video.pk).staging)
    video.refresh_from_db()
    return video


def whole_again(stage, video, *, without=()):
    """Two good copies at least, read back, none of them at these providers."""

    def mended():
        video.refresh_from_db()
        good = stage.holders(video) - set(without)
        return video.committed_copies >= 2 and len(good) >= 2

    stage.work_until(mended)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"lose_piece": True}, id="lost"),
        pytest.param({"corrupt_piece": True}, id="a bit has flipped"),
        pytest.param({"short_piece": True}, id="cut short"),
    ],
)
def test_a_copy_that_is_not_right_any_more_is_found_told_and_made_anew(stage, kept, fault):
    data = _read(kept)
    bad = stage.provider(min(stage.holders(kept)))
    bad.faults(**fault)

    def found():
        stage.patrol()
        kept.refresh_from_db()
        return kept.state == Video.State.AT_RISK

    stage.work_until(found)
    assert "1 of 2 copies are committed" in kept.state_reason or "0 of 2" in kept.state_reason
    assert Event.objects.filter(type="copy.lost").exists()
    assert Event.objects.filter(type="video.at_risk").exists()
    whole_again(stage, kept, without=[bad.id])
    assert _read(kept) == data


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(bytes(96))])
def test_block_roots_that_are_missing_or_damaged_are_made_anew_from_the_copies(stage, kept, damage):
    """Without them nobody could watch the film: no block could be believed."""
    path = places.roots(kept.pk)
    roots = path.read_bytes()
    damage(path)
    copies._roots.cache_clear()
    # Who was to be sampled is not blamed for it.
    stage.patrol()
    assert not Provider.objects.filter(failures__gt=0).exists()
    stage.provider(min(stage.holders(kept))).faults(corrupt_piece=True)
    stage.work_until(lambda: path.is_file() and path.read_bytes() == roots)
    assert _read(kept)


def test_block_roots_that_have_gone_are_missed_before_a_sample_meets_them(stage, kept, monkeypatch):
    roots = places.roots(kept.pk).read_bytes()
    shutil.rmtree(places.film(kept.pk))
    copies._roots.cache_clear()
    monkeypatch.setattr(patrol, "sample", lambda at: None)
    stage.patrol()
    stage.work_until(lambda: places.roots(kept.pk).is_file())
    assert places.roots(kept.pk).read_bytes() == roots


def test_a_provider_that_is_gone_is_found_and_its_copies_made_elsewhere(stage, kept):
    gone = stage.provider(max(stage.holders(kept)))
    gone.kill()

    def found():
        stage.patrol()
        kept.refresh_from_db()
        return kept.state == Video.State.AT_RISK

    stage.work_until(found)
    whole_again(stage, kept, without=[gone.id])


@pytest.mark.back_door
def test_a_proof_that_is_overdue_puts_the_film_at_risk_until_it_comes(stage, kept):
    stage.work(kept, until=Video.State.PROVEN)
    late = stage.provider(min(stage.holders(kept)))
    late.faults(stop_proving=True)
    stage.net.chain.mine(400)

    def overdue():
        stage.patrol()
        kept.refresh_from_db()
        return kept.state == Video.State.AT_RISK

    stage.work_until(overdue)
    assert "data set" in kept.state_reason
    late.well()


def test_chain_and_database_are_compared_and_orphans_leave(stage, kept):
    [lost, *_] = [copy for copy in stage.copies(kept) if copy.state == "committed"]
    number, data_set = lost.number, lost.data_set
    # A piece that the chain has and no row knows, as after a restored backup.
    Copy.objects.filter(pk=lost.pk).delete()
    found = comparing.compare(connection.current(), timedelta(0))
    assert any("removal is asked for" in sentence for sentence in found)
    assert Removal.objects.get(data_set=data_set, piece_id=number)


def test_a_lost_database_finds_its_data_sets_again(stage, kept):
    numbers = set(DataSet.objects.values_list("number", flat=True))
    Copy.objects.update(data_set=None, addition=None, state="lost")
    from library.models import Addition, Payment

    Payment.objects.all().delete()
    Addition.objects.all().delete()
    DataSet.objects.all().delete()
    assert data_sets.adopt(connection.current()) == 2
    assert set(DataSet.objects.values_list("number", flat=True)) == numbers


@pytest.mark.back_door
def test_an_erased_film_leaves_the_network_and_is_shown_until_it_has(stage, kept):
    films.trash(kept)
    films.erase(Video.objects.get(pk=kept.pk))
    assert Removal.objects.count() == 6
    assert {one.state for one in Removal.objects.all()} == {"waiting"}
    stage.work_until(lambda: {one.state for one in Removal.objects.all()} == {"scheduled"})
    stage.net.chain.mine(200)
    stage.work_until(lambda: {one.state for one in Removal.objects.all()} == {"gone"})
    at = connection.current()
    for data_set in DataSet.objects.all():
        assert at.run(at.service.pieces(data_set.number)) == {}


def test_a_film_of_this_machine_is_moved(stage, settings, alice):
    settings.FILECOIN_NETWORK = "local"
    video = stored_video(alice, bytes(range(250)) * 9000, piece_size=SMALL_PIECES)
    data = _read(video)
    settings.FILECOIN_NETWORK = "devnet"
    call_command("filecoin", "move-to", "devnet", "--yes")
    stage.work(video)
    from library import places

    shelved = [places.shelved_piece(piece.piece_cid) for piece in video.pieces.all()]
    stage.work_until(lambda: not any(path.exists() for path in shelved))
    assert _read(video) == data
    assert {copy.provider.split("/")[0] for copy in stage.copies(video)} == {"devnet"}


def test_the_certificate_is_checked_by_the_script_alone(stage, kept, tmp_path):
    path, film = tmp_path / "certificate.json", tmp_path / "film"
    made = certificate.certificate(kept)
    path.write_text(json.dumps(made))
    film.write_bytes(_read(kept))
    good = check(path, "--film", str(film), "--pieces", str(tmp_path / "pieces"))
    assert good.returncode == 0, good.stdout + good.stderr
    assert "All of it is right." in good.stdout
    assert kept.title not in path.read_text()

    film.write_bytes(b"another film")
    assert check(path, "--film", str(film)).returncode == 1
    made["pieces"][0]["piece_cid"] = made["pieces"][1]["piece_cid"]
    path.write_text(json.dumps(made))
    assert "WRONG" in check(path).stdout


def test_pages_show_who_holds_it_and_since_when(stage, kept, admin):
    client = Client()
    client.force_login(admin, "django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/watch/{kept.pk}/").content.decode()
    for number in stage.holders(kept):
        assert f"sp{number} ({number})" in page
    assert "Certificate" in page
    assert client.get(f"/watch/{kept.pk}/certificate/").json()["pieces"]
    told = client.get(f"/api/v1/videos/{kept.pk}/").json()
    assert told["copies"] == {"wanted": 2, "stored": 2, "committed": 2}
    assert len(told["evidence"]["providers"]) == 2
    funds = client.get("/funds/").content.decode()
    for words in ("Act within", "Prepaid until", "It may not", "withdraw the deposit", "Ledger"):
        assert words in funds
    assert "<svg" in funds
    assert stage.net.session_key[2:] not in funds + page


def check(path, *more):
    script = ROOT / "docs" / "check_certificate.py"
    return subprocess.run(
        [sys.executable, "-I", str(script), str(path), *more],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def _read(video):
    with Original(video) as original:
        return original.read(0, video.size)
