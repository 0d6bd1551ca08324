"""Where library keys lie, and what happens when they do not."""

import stat

import pytest

from library import places
from library.errors import KeyUnavailable
from library.keys import films, keyring, startup
from library.keys.wrapping import LibraryKey
from library.models import FilmKey
from tests.making import received_video
from tests.running import running

pytestmark = pytest.mark.django_db
GIVEN, OTHER = "given by the operator, in the environment", "another one, also of many letters"


def test_a_key_is_made_when_it_is_first_needed_and_stays():
    assert not places.library_key().exists()
    key = keyring.current()
    assert keyring.current() == key
    assert stat.S_IMODE(places.library_key().stat().st_mode) == 0o600
    assert [path.name for path in places.library_key().parent.iterdir()] == ["filmedia_library_key"]


def test_a_key_that_is_given_is_the_current_one(settings):
    settings.FILMEDIA_LIBRARY_KEY = GIVEN
    assert keyring.current() == LibraryKey(GIVEN)
    assert keyring.key_file() is None
    assert not places.library_key().exists()


def test_a_replaced_key_still_opens_what_it_wrapped(alice):
    video = received_video(alice)
    before = films.of(video)
    old = keyring.current()
    keyring.replace(LibraryKey(GIVEN))
    assert keyring.current() == LibraryKey(GIVEN)
    assert keyring.find(old.id) == old
    assert films.of(video) == before
    assert keyring.known() == [LibraryKey(GIVEN), old]


def test_a_previous_key_can_be_given(alice, settings):
    settings.FILMEDIA_LIBRARY_KEY = GIVEN
    video = received_video(alice)
    settings.FILMEDIA_LIBRARY_KEY = OTHER
    with pytest.raises(KeyUnavailable):
        films.of(video)
    settings.FILMEDIA_LIBRARY_KEY_PREVIOUS = [GIVEN]
    assert films.of(video) is not None


class TestWhereTheKeyIsGone:
    @pytest.fixture(autouse=True)
    def video(self, alice):
        self.video = received_video(alice)
        self.text = places.library_key().read_text()
        places.library_key().unlink()

    def test_its_films_stay_closed_with_a_sentence(self):
        with pytest.raises(KeyUnavailable, match="the library key that opens it is missing"):
            films.of(self.video)

    def test_no_other_is_made(self):
        with pytest.raises(KeyUnavailable, match="no new one is made"):
            keyring.current()
        assert not places.library_key().exists()

    def test_nothing_starts(self):
        with pytest.raises(KeyUnavailable, match="one encrypted film can be opened by"):
            startup.check()
        assert not places.library_key().exists()

    def test_another_in_its_place_does_not_start_either(self):
        places.library_key().write_text(GIVEN)
        with pytest.raises(KeyUnavailable, match="missing or not the right one"):
            startup.check()
        assert places.library_key().read_text() == GIVEN

    @pytest.mark.parametrize("content", ["", "half of it", "\xff\xfe"])
    def test_a_damaged_one_is_said_to_be(self, content):
        places.library_key().write_text(content, encoding="latin-1")
        with pytest.raises(KeyUnavailable, match=r"damaged|cannot be read"):
            startup.check()

    def test_put_back_it_opens_everything(self):
        places.library_key().write_text(self.text)
        assert startup.check() == ""
        assert films.of(self.video) is not None


def test_where_only_some_stay_closed_it_starts_and_warns(alice):
    received_video(alice)
    received_video(alice)
    FilmKey.objects.filter(pk=FilmKey.objects.first().pk).update(library_key="0" * 16)
    warning = startup.check()
    assert warning.startswith("one encrypted film cannot be opened: the library key 0000")


def test_a_film_key_that_is_damaged_closes_its_film_alone(alice):
    video, other = received_video(alice), received_video(alice)
    FilmKey.objects.filter(video=video).update(wrapped=b"\x01" + bytes(59))
    video.refresh_from_db()
    with pytest.raises(KeyUnavailable, match="its own key is damaged"):
        films.of(video)
    assert films.of(other) is not None


@pytest.mark.parametrize(
    "parts",
    [[], [[1, 0]], [[0, 0], [0, 1]], [[0, 1], [10, 1]], [[0, 1], [10, 0]], [[0]], "nonsense"],
)
def test_parts_in_which_an_epoch_would_come_twice_are_refused(alice, parts):
    video = received_video(alice)
    FilmKey.objects.filter(video=video).update(parts=parts)
    video.refresh_from_db()
    with pytest.raises(KeyUnavailable):
        films.of(video)


def test_a_key_copied_into_another_row_opens_nothing(alice):
    """Two uploads that shared a key would use its counters twice."""
    first, second = received_video(alice), received_video(alice)
    FilmKey.objects.filter(video=second).update(
        wrapped=first.key.wrapped, library_key=first.key.library_key
    )
    second.refresh_from_db()
    with pytest.raises(KeyUnavailable):
        films.of(second)


def test_nothing_shows_a_key(alice, caplog):
    video = received_video(alice)
    key = films.of(video)
    shown = repr(key) + repr(video.key) + repr(keyring.current()) + caplog.text
    assert key.secret.hex() not in shown
    assert repr(key.secret) not in shown
    assert keyring.current().text not in shown


@pytest.mark.slow
def test_of_a_deleted_key_nothing_stays_in_the_database_files(tmp_path):
    """The wrapped key, that is: not in the file, and not in the log of its changes."""
    with running(tmp_path / "data", worker=False) as library, library.client() as api:
        url = api.post("/api/v1/uploads/", headers={"Upload-Length": "10"}).headers["Location"]
        wrapped = library.manage("shell", "-v", "0", "-c", _WRAPPED).stdout.strip()
        wrapped = bytes.fromhex(wrapped.splitlines()[-1])
        assert any(wrapped in path.read_bytes() for path in library.data.glob("*.sqlite3*"))
        assert api.delete(url).status_code == 204
        assert not any(wrapped in path.read_bytes() for path in library.data.glob("*.sqlite3*"))


_WRAPPED = "from library.models import FilmKey; print(bytes(FilmKey.objects.get().wrapped).hex())"
