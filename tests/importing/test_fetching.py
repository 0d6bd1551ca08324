"""A film fetched by its PieceCIDs: every byte right, or nothing kept."""

import hashlib
import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from filmedia.filecoin.piece import PieceCid
from library import places
from library.errors import Invalid, TooLarge, WrongState
from library.importing import asking, fetching, lease, reading
from library.models import Import, Step, Upload, Video
from library.storing.errors import Interrupted
from library.storing.worker import Worker
from tests.importing.serving import Serving

pytestmark = pytest.mark.django_db(transaction=True)
PIECE = 127 * 2**13
FILM = hashlib.shake_256(b"elsewhere").digest(2 * PIECE + 54_321)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Pauses between tries are counted, not waited for."""
    monkeypatch.setattr(reading, "PAUSE", 0)


@pytest.fixture
def cids(elsewhere):
    return [elsewhere.keep(FILM[at : at + PIECE]) for at in range(0, len(FILM), PIECE)]


def fetch(row):
    Import.objects.filter(pk=row.pk).update(next_try_at=timezone.now() - timedelta(seconds=1))
    taken = lease.claim("a test", only=row.pk)
    assert taken is not None, row.state
    return fetching.perform(taken)


def kept():
    """Names of what lies in staging."""
    staging = places.data() / "staging"
    return {path.name for path in staging.iterdir()} - {"forms"} if staging.is_dir() else set()


@pytest.mark.parametrize("visibility", ["private", "public"])
def test_a_film_of_several_pieces_comes_as_it_is_there(elsewhere, cids, alice, visibility):
    """Encrypted here as any film of its visibility: the bytes are the film's own."""
    row = asking.ask(alice, cids, [elsewhere.url], title="Harbour", visibility=visibility)
    done = fetch(row)
    assert (done.state, done.error) == (Import.State.DONE, "")
    video = Video.objects.get()
    assert video.sha256 == hashlib.sha256(FILM).hexdigest()
    assert (video.title, video.owner, video.size) == ("Harbour", alice, len(FILM))
    assert video.steps.get().kind == Step.Kind.CHECK
    assert elsewhere.sent == len(FILM)


def test_a_piece_of_version_1_is_read_by_its_own_name(elsewhere, alice):
    cid = elsewhere.keep(FILM[:1000])
    row = asking.ask(alice, [f"{PieceCid.parse(cid).v1}:1000"], [elsewhere.url])
    assert fetch(row).state == Import.State.DONE
    assert elsewhere.asked == [f"/piece/{cid}"]


def test_wrong_bytes_are_refused_with_a_sentence_and_nothing_is_kept(elsewhere, cids, alice):
    wrong = bytearray(elsewhere.pieces[cids[1]])
    wrong[12_345] ^= 1
    elsewhere.pieces[cids[1]] = bytes(wrong)
    row = fetch(asking.ask(alice, cids, [elsewhere.url]))
    assert row.state == Import.State.FAILED
    assert row.error.startswith(f"{elsewhere.url} gives other bytes than those of {cids[1]}")
    assert not Video.objects.exists()
    assert Upload.objects.get().state == Upload.State.CANCELLED
    assert kept() == set()


def test_where_one_place_is_wrong_the_next_one_is_asked(elsewhere, cids, alice, settings):
    with Serving() as liar:
        settings.IMPORT_HOSTS = [elsewhere.host, liar.host]
        liar.pieces = {cid: bytes(len(data)) for cid, data in elsewhere.pieces.items()}
        row = fetch(asking.ask(alice, cids, [liar.url, elsewhere.url]))
        assert row.state == Import.State.DONE
        # Once was enough: it is not asked for the other pieces.
        assert len(liar.asked) == 1
        assert row.avoided == [liar.url]
    assert Video.objects.get().sha256 == hashlib.sha256(FILM).hexdigest()


def test_a_connection_that_breaks_off_goes_on_from_there(elsewhere, alice):
    cid = elsewhere.keep(FILM[:PIECE])
    elsewhere.cut_after = PIECE // 3
    assert fetch(asking.ask(alice, [cid], [elsewhere.url])).state == Import.State.DONE
    assert elsewhere.sent < PIECE + 4 * 64 * 1024


def test_a_place_that_is_away_is_tried_again_and_then_given_up(elsewhere, alice, monkeypatch):
    cid = elsewhere.keep(FILM[:1000])
    held = elsewhere.pieces.pop(cid)
    row = fetch(asking.ask(alice, [cid], [elsewhere.url]))
    assert (row.state, row.attempts) == (Import.State.WAITING, 1)
    assert "404" in row.error
    assert row.next_try_at > timezone.now()
    elsewhere.pieces[cid] = held
    assert fetch(row).state == Import.State.DONE

    other = asking.ask(alice, [elsewhere.keep(b"0123456789")], [elsewhere.url])
    elsewhere.pieces.clear()
    monkeypatch.setattr(fetching, "TRIES", 1)
    assert fetch(other).state == Import.State.FAILED
    assert kept() == {Video.objects.get().staging}


def test_after_a_crash_it_goes_on_with_the_piece_behind(elsewhere, cids, alice):
    """Whoever takes over asks for no piece that is here."""
    row = asking.ask(alice, cids, [elsewhere.url])
    third = elsewhere.pieces.pop(cids[2])
    assert fetch(row).state == Import.State.WAITING
    assert Upload.objects.get().offset == 2 * PIECE
    elsewhere.pieces[cids[2]] = third
    # As a crash leaves it: running, and nobody renews the lease.
    Import.objects.update(state="running", lease_until=timezone.now() - timedelta(seconds=1))
    elsewhere.asked.clear()
    assert fetch(row).state == Import.State.DONE
    assert elsewhere.asked == [f"/piece/{cids[2]}"]
    assert Video.objects.get().sha256 == hashlib.sha256(FILM).hexdigest()


def test_a_worker_that_is_to_stop_leaves_it_to_the_next(elsewhere, cids, alice):
    row = asking.ask(alice, cids, [elsewhere.url])
    stopping = threading.Event()
    taken = lease.claim("a worker", stopping)
    stopping.set()
    with pytest.raises(Interrupted):
        fetching.perform(taken)
    row.refresh_from_db()
    assert row.state == Import.State.WAITING
    assert fetch(row).state == Import.State.DONE


def test_only_one_worker_has_it(elsewhere, cids, alice):
    asking.ask(alice, cids, [elsewhere.url])
    assert lease.claim("one") is not None
    assert lease.claim("two") is None


def test_a_redirect_is_not_followed(elsewhere, alice, settings):
    """Else a public address would lead inside."""
    with Serving() as inside:
        cid = inside.keep(b"secret" * 100)
        elsewhere.redirect = f"{inside.url}/piece/{cid}"
        row = fetch(asking.ask(alice, [cid], [elsewhere.url]))
        assert row.state == Import.State.WAITING
        assert inside.asked == []


def test_an_address_inside_is_refused_when_it_is_asked_for_and_when_it_is_read(
    elsewhere, alice, settings
):
    cid = elsewhere.keep(FILM[:1000])
    row = asking.ask(alice, [cid], [elsewhere.url])
    # What the operator allowed then is not allowed any more.
    settings.IMPORT_HOSTS = []
    assert fetch(row).state == Import.State.FAILED
    with pytest.raises(Invalid, match="IMPORT_HOSTS"):
        asking.ask(alice, [cid], [elsewhere.url])
    assert elsewhere.asked == []
    assert Upload.objects.count() == 1


def test_a_public_name_that_leads_inside_is_not_connected_to(elsewhere, alice, monkeypatch):
    """The number that a name resolves to is what counts, at each connection."""
    cid = elsewhere.keep(FILM[:1000])
    resolve = "filmedia.filecoin.provider.addresses.PublicBackend.resolve"

    async def inside(self, host, port):
        return ["127.0.0.1"]

    monkeypatch.setattr(resolve, inside)
    monkeypatch.setattr(reading, "TRIES", 1)
    row = fetch(asking.ask(alice, [cid], ["https://rebinding.example.org"]))
    assert row.state == Import.State.WAITING
    assert "cannot be reached" in row.error
    assert elsewhere.asked == []


def test_the_same_asked_for_again_is_the_same_import(elsewhere, cids, alice, mallory):
    row = asking.ask(alice, cids, [elsewhere.url])
    assert asking.ask(alice, cids, [elsewhere.url]) == row
    assert asking.ask(mallory, cids, [elsewhere.url]) != row
    fetch(row)
    assert asking.ask(alice, cids, [elsewhere.url]) == row
    assert Upload.objects.filter(owner=alice).count() == 1


def test_cancelled_it_lets_go_of_what_came(elsewhere, cids, alice):
    del elsewhere.pieces[cids[2]]
    row = fetch(asking.ask(alice, cids, [elsewhere.url]))
    assert kept() != set()
    asking.cancel(row)
    assert row.state == Import.State.CANCELLED
    assert kept() == set()
    with pytest.raises(WrongState):
        asking.cancel(row)


def test_cancelled_while_it_comes_the_worker_leaves_it(elsewhere, alice):
    cid = elsewhere.keep(FILM[:PIECE])
    elsewhere.hanging.add(cid)
    row = asking.ask(alice, [cid], [elsewhere.url])
    taken = lease.claim("a worker")
    seen = threading.Event()

    def at(position):
        if position >= PIECE // 4 and not seen.is_set():
            seen.set()
            asking.cancel(Import.objects.get(pk=row.pk))

    assert fetching.perform(taken, at).state == Import.State.CANCELLED
    assert seen.is_set()
    assert kept() == set()


def test_without_addresses_a_library_on_no_network_says_so(alice, elsewhere, cids):
    with pytest.raises(Invalid, match="Say where"):
        asking.ask(alice, cids)


def test_more_bytes_than_there_is_room_for_are_refused_before_anything_is_kept(elsewhere, alice):
    v1 = PieceCid.parse(elsewhere.keep(FILM[:1000])).v1
    with pytest.raises(TooLarge):
        asking.ask(alice, [f"{v1}:{10**17}"] * 100, [elsewhere.url])
    assert not Upload.objects.exists()
    assert not Import.objects.exists()


def test_a_worker_that_does_what_is_due_fetches_too(elsewhere, cids, alice):
    row = asking.ask(alice, cids, [elsewhere.url])
    Worker().drain()
    row.refresh_from_db()
    assert row.state == Import.State.DONE
