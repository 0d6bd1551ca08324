"""A new library key for all film keys, killed wherever it may be."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from django.core.management import CommandError, call_command

from library import places
from library.keys import films, keyring, rotation
from library.models import FilmKey
from tests.making import received_video, stored_video
from tests.running import ROOT, polling

pytestmark = pytest.mark.django_db
GIVEN, OTHER = "given by the operator, in the environment", "another one, also of many letters"


def secrets():
    return {key.pk: films.opened(key) for key in FilmKey.objects.all()}


def test_every_film_key_is_wrapped_anew_and_stays_what_it_was(alice):
    for _ in range(3):
        received_video(alice)
    before, old = secrets(), keyring.current()
    wrapped = set(FilmKey.objects.values_list("wrapped", flat=True))
    done = rotation.rotate()
    assert (done.is_new, done.changed, done.closed) == (True, 3, [])
    assert keyring.current() == done.key != old
    assert secrets() == before
    assert set(FilmKey.objects.values_list("library_key", flat=True)) == {done.key.id}
    assert not wrapped & set(FilmKey.objects.values_list("wrapped", flat=True))
    assert (places.previous_library_keys() / old.id).read_text().strip() == old.text


def test_films_that_begin_meanwhile_are_wrapped_with_the_new_key(alice):
    received_video(alice)
    rotation.rotate(lambda changed: received_video(alice))
    assert set(FilmKey.objects.values_list("library_key", flat=True)) == {keyring.current().id}


def test_one_that_was_interrupted_is_gone_on_with_and_makes_no_third_key(alice):
    for _ in range(3):
        received_video(alice)
    before = secrets()

    def cut(changed):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(cut)
    second = keyring.current()
    assert secrets() == before
    done = rotation.rotate()
    assert (done.is_new, done.changed) == (False, 2)
    assert keyring.current() == second
    assert secrets() == before


def test_a_film_key_that_stays_closed_is_named_and_left_as_it_is(alice, capsys):
    damaged, other = received_video(alice), received_video(alice)
    FilmKey.objects.filter(video=damaged).update(wrapped=b"\x01" + bytes(59))
    with pytest.raises(CommandError, match=f"(?s)1 film keys could not.*{damaged.key_id}"):
        call_command("keys", "rotate")
    damaged.key.refresh_from_db()
    assert bytes(damaged.key.wrapped) == b"\x01" + bytes(59)
    other.key.refresh_from_db()
    assert other.key.library_key == keyring.current().id


def test_where_the_key_is_given_it_wraps_with_that_and_says_what_to_set(alice, settings, capsys):
    settings.FILMEDIA_LIBRARY_KEY = GIVEN
    received_video(alice)
    before = secrets()
    call_command("keys", "rotate")
    assert "set FILMEDIA_LIBRARY_KEY to a new one" in capsys.readouterr().out
    settings.FILMEDIA_LIBRARY_KEY, settings.FILMEDIA_LIBRARY_KEY_PREVIOUS = OTHER, [GIVEN]
    call_command("keys", "rotate")
    settings.FILMEDIA_LIBRARY_KEY_PREVIOUS = []
    assert secrets() == before
    assert not places.library_key().exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_twenty_times_every_key_still_opens(alice, data, settings):
    """A real process with kill -9, at a moment that nobody chose."""
    for _ in range(150):
        stored_video(alice, b"0123456789") if FilmKey.objects.count() < 2 else films.create()
    before = secrets()
    luck = random.Random(5)
    environment = {
        **os.environ,
        "FILMEDIA_DATA": str(data),
        "DATABASE_URL": f"sqlite:///{settings.DATABASES['default']['NAME']}",
        "DJANGO_SETTINGS_MODULE": "filmedia.settings",
    }
    killed = 0
    for _ in range(20):
        key = keyring.current()
        process = subprocess.Popen(
            [sys.executable, "manage.py", "keys", "rotate"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # From here on it has begun: the new key is there, or a row has changed.
        for _ in polling(60, every=0.002):
            if keyring.current() != key or process.poll() is not None:
                break
        time.sleep(luck.random() * 0.2)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        assert secrets() == before
    assert killed > 5
    rotation.rotate()
    rotation.rotate()
    assert secrets() == before
    assert set(FilmKey.objects.values_list("library_key", flat=True)) == {keyring.current().id}
