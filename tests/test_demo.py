"""The demo: something to see on the first page."""

import pytest

from library import demo
from library.models import User, Video, Visibility

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def forms(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path


def test_the_account_is_made_once_and_its_password_told_once():
    user, password = demo.account()
    assert user.check_password(password)
    assert demo.account() == (user, None)
    assert not user.is_staff


def test_a_film_of_the_demo_is_received_as_any_other():
    user, _ = demo.account()
    short = demo.FILMS[2]._replace(seconds=1, size=(160, 90))
    video = demo.add(user, short)
    assert video.state == Video.State.RECEIVED
    assert video.visibility == Visibility.PRIVATE
    assert video.steps.exists()
    assert [film.title for film in demo.missing_films(user)] == [
        film.title for film in demo.FILMS[:2]
    ]
    assert User.objects.count() == 1
