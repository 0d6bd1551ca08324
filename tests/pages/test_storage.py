"""How a film is stored, as its people see it: open or encrypted, stored anew, erased."""

from contextlib import suppress

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.test import AsyncClient
from django.urls import reverse

from library import films
from library.errors import NoSpace
from library.models import FilmKey, RecoveryKit, Step, Video, Visibility
from library.storing import steps
from library.storing.worker import Worker, perform
from library.uploads import space
from streaming.errors import BytesUnavailable
from tests.making import SMALL_PIECES, received_video, stored_video, taken

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.open_storage]
BACKEND = "django.contrib.auth.backends.ModelBackend"
ENCRYPTED = "Encrypted: only this library can read the stored bytes."
OPEN = "Open: whoever learns a PieceCID can read the bytes."
OFFER = "Store anew, encrypted"


@pytest.fixture
def as_alice(client, alice):
    client.force_login(alice, BACKEND)
    return client


@pytest.fixture
def public(alice):
    """Stored open, and for everybody."""
    return stored_video(alice, visibility=Visibility.PUBLIC)


@pytest.fixture
def private(alice):
    """Stored encrypted, and for Alice alone."""
    return stored_video(alice)


@pytest.fixture
def unveiled(public):
    """Stored open, and for Alice alone by now."""
    films.change(public, visibility=Visibility.PRIVATE)
    return public


def address(name, video):
    return reverse(f"library:{name}", args=[video.pk])


def page_of(client, video, name="watch"):
    return client.get(address(name, video)).content.decode()


def test_the_page_of_a_film_says_how_it_is_stored(as_alice, public, private):
    assert OPEN in page_of(as_alice, public)
    assert ENCRYPTED in page_of(as_alice, private)
    for video in (public, private):
        assert OFFER not in page_of(as_alice, video)


def test_an_encrypted_film_made_public_stays_so_and_says_no_more(as_alice, private):
    films.change(private, visibility=Visibility.PUBLIC)
    page = page_of(as_alice, private)
    assert "It stays so, though everybody may watch the film." in page
    assert "notice" not in page


def test_the_upload_page_says_what_follows_from_the_choice(as_alice, settings):
    page = as_alice.get("/upload/").content.decode()
    assert "A film for everybody is stored open" in page
    assert "fixed when the upload begins" in page
    settings.ENCRYPT_PUBLIC = True
    page = as_alice.get("/upload/").content.decode()
    assert "stored open" not in page and "Whatever you choose" in page


@pytest.mark.parametrize(
    ("which", "words"),
    [
        ("private", "stays so whatever you choose"),
        ("public", "copies that were already stored stay readable"),
        ("unveiled", "you can have it stored anew, encrypted"),
    ],
)
def test_where_the_choice_is_changed_it_is_said_what_follows(as_alice, request, which, words):
    assert words in page_of(as_alice, request.getfixturevalue(which), "edit")


def test_a_public_film_made_private_says_what_stays_readable_and_offers_more(as_alice, public):
    form = {"title": "Harbour", "visibility": "private"}
    page = as_alice.post(address("edit", public), form, follow=True).content.decode()
    assert "stay readable for whoever knows their PieceCIDs" in page
    assert OFFER in page and address("encrypt", public) in page


def test_nobody_is_told_or_offered_what_is_the_owners_affair(client, mallory, unveiled):
    films.change(unveiled, visibility=Visibility.MEMBERS)
    client.force_login(mallory, BACKEND)
    page = page_of(client, unveiled)
    assert OPEN in page
    assert OFFER not in page and "stay readable" not in page
    assert client.post(address("encrypt", unveiled)).status_code == 404
    assert not Step.objects.filter(kind=Step.Kind.ENCRYPT).exists()


def test_it_is_stored_anew_at_a_button(as_alice, unveiled):
    assert as_alice.get(address("encrypt", unveiled)).status_code == 405
    answer = as_alice.post(address("encrypt", unveiled), follow=True)
    page = answer.content.decode()
    assert "is being stored anew, encrypted" in page and OFFER not in page
    assert 'data-stage="encrypt"' not in page
    Worker().drain()
    page = page_of(as_alice, unveiled)
    assert ENCRYPTED in page and "stored anew" not in page
    unveiled.refresh_from_db()
    assert unveiled.is_encrypted


def test_while_it_is_still_being_stored_there_is_nothing_to_press(as_alice, alice):
    video = received_video(alice, stored_open=True)
    page = page_of(as_alice, video)
    assert "It can be stored anew once it is." in page and OFFER not in page


def test_what_goes_wrong_is_said_and_can_be_tried_again(as_alice, unveiled):
    step = films.store_anew(unveiled)
    steps.give_up(taken(step), steps.StepError("The disk is broken."))
    page = page_of(as_alice, unveiled)
    assert "could not be stored anew" in page and "The disk is broken." in page
    assert "Try again" in page
    as_alice.post(address("encrypt", unveiled))
    Worker().drain()
    unveiled.refresh_from_db()
    assert unveiled.is_encrypted


def test_a_refusal_is_said_on_the_page(as_alice, unveiled, monkeypatch):
    def full(needed):
        raise NoSpace("There is no room.", needed=needed, available=0)

    monkeypatch.setattr(space, "claim", full)
    page = as_alice.post(address("encrypt", unveiled), follow=True).content.decode()
    assert "There is no room." in page and OFFER in page


def test_it_can_be_watched_before_meanwhile_and_after(as_alice, alice, settings):
    settings.PIECE_SIZE = SMALL_PIECES
    data = bytes(i * 7 % 251 for i in range(SMALL_PIECES + 500))
    video = stored_video(alice, data, stored_open=True)

    def watched():
        window = {"Range": f"bytes={SMALL_PIECES - 100}-{SMALL_PIECES + 99}"}
        answer = as_alice.get(f"/stream/{video.pk}/", headers=window)
        assert answer.status_code == 206
        return async_to_sync(all_of)(answer)

    expected = data[SMALL_PIECES - 100 : SMALL_PIECES + 100]
    seen = [watched()]
    films.store_anew(video)
    while lease := steps.claim("transfer", "a test"):
        seen.append(watched())
        perform(lease)
        seen.append(watched())
    assert len(seen) == 7
    assert set(seen) == {expected}
    video.refresh_from_db()
    assert (video.state, video.is_encrypted) == (Video.State.STORED, True)


@pytest.mark.parametrize("after", [0, 1, 3])
def test_who_is_watching_then_sees_no_wrong_byte(alice, settings, after):
    """What was seen so far is right; perhaps the connection ends, and the player asks again."""
    settings.PIECE_SIZE = SMALL_PIECES
    film = bytes(i * 7 % 251 for i in range(3 * SMALL_PIECES + 500))
    video = stored_video(alice, film, stored_open=True)
    client = AsyncClient()
    client.force_login(alice, BACKEND)

    def stored_anew():
        films.store_anew(video)
        Worker().drain()
        video.refresh_from_db()
        assert video.is_encrypted

    async def watch():
        answer = await client.get(f"/stream/{video.pk}/")
        parts, seen = aiter(answer), b""
        for _ in range(after):
            seen += await anext(parts)
        await sync_to_async(stored_anew)()
        with suppress(BytesUnavailable):
            async for part in parts:
                seen += part
        return seen

    async def go_on(start):
        answer = await client.get(f"/stream/{video.pk}/", headers={"Range": f"bytes={start}-"})
        return b"" if answer.status_code == 416 else await all_of(answer)

    seen = async_to_sync(watch)()
    assert film.startswith(seen)
    assert seen + async_to_sync(go_on)(len(seen)) == film


async def all_of(answer):
    return b"".join([part async for part in answer])


class TestErasing:
    @pytest.fixture
    def trashed(self, private):
        films.trash(private)
        return private

    def test_the_trash_offers_it_and_the_page_asks_first(self, as_alice, trashed):
        for page in (as_alice.get("/?in=trash").content.decode(), page_of(as_alice, trashed)):
            assert address("erase", trashed) in page
        page = page_of(as_alice, trashed, "erase")
        assert "Erase “Harbour at dawn” for ever?" in page
        assert "without it no copy of the stored bytes can be read" in page
        assert "No recovery kit has been made." in page
        assert Video.objects.exists()

    def test_the_page_says_what_the_last_kit_contains(self, as_alice, trashed):
        kit = RecoveryKit.objects.create(library_key="0" * 16, films=1)
        page = page_of(as_alice, trashed, "erase")
        assert f"made on {kit.made_at.day} {kit.made_at:%B %Y} and contains this key." in page
        assert "complete when that kit and older database backups are gone too" in page

    def test_then_it_is_gone_and_its_key_too(self, as_alice, trashed):
        answer = as_alice.post(address("erase", trashed), follow=True)
        assert "is erased for ever" in answer.content.decode()
        assert answer.redirect_chain[-1][0] == "/?in=trash"
        assert not Video.objects.exists()
        assert not FilmKey.objects.exists()

    def test_a_film_that_is_not_in_the_trash_is_not_erased(self, as_alice, private):
        assert address("erase", private) not in page_of(as_alice, private)
        page = as_alice.post(address("erase", private), follow=True).content.decode()
        assert "Only a film in the trash can be erased." in page
        assert Video.objects.exists()

    def test_the_film_of_somebody_else_is_not_erased(self, client, mallory, trashed):
        client.force_login(mallory, BACKEND)
        assert client.post(address("erase", trashed)).status_code == 404
        assert Video.objects.exists()

    def test_a_film_that_is_stored_open_says_so(self, as_alice, public):
        films.trash(public)
        assert "there is no key to delete" in page_of(as_alice, public, "erase")
