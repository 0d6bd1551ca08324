"""The first administrator."""

import stat

import pytest

from library import setup
from library.errors import Invalid, NotFound

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "a long and good password"


def token() -> str:
    return setup.link().rstrip("/").rpartition("/")[2]


def test_the_link_stays_the_same_until_it_is_used(data):
    assert setup.link() == setup.link()
    kept = data / "secrets" / "setup_link"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_the_link_makes_one_administrator_and_no_second():
    secret = token()
    admin = setup.create_admin(secret, "ada", PASSWORD)
    assert admin.is_superuser
    assert admin.check_password(PASSWORD)
    assert not setup.link_is_valid(secret)
    with pytest.raises(NotFound):
        setup.create_admin(secret, "mallory", PASSWORD)


def test_a_link_that_is_not_ours_makes_nobody():
    token()
    with pytest.raises(NotFound):
        setup.create_admin("guessed", "mallory", PASSWORD)


@pytest.mark.parametrize(
    ("name", "password"), [("ada", "short"), ("ad a/", PASSWORD), ("", PASSWORD)]
)
def test_a_wrong_name_or_password_keeps_the_link_good(name, password):
    secret = token()
    with pytest.raises(Invalid):
        setup.create_admin(secret, name, password)
    assert setup.link_is_valid(secret)


def test_an_administrator_from_the_environment_is_made_once(settings, django_user_model):
    settings.FIRST_ADMIN_USERNAME, settings.FIRST_ADMIN_PASSWORD = "ada", PASSWORD
    assert setup.create_from_environment()
    assert not setup.create_from_environment()
    assert django_user_model.objects.get().is_superuser


@pytest.mark.parametrize(
    ("name", "password"),
    [
        pytest.param("ada", "", id="no password"),
        pytest.param("", PASSWORD, id="no name"),
        pytest.param("ada", "abc", id="a password nobody could choose"),
    ],
)
def test_half_a_name_or_a_bad_password_makes_nobody(settings, django_user_model, name, password):
    settings.FIRST_ADMIN_USERNAME, settings.FIRST_ADMIN_PASSWORD = name, password
    with pytest.raises(Invalid):
        setup.create_from_environment()
    assert not django_user_model.objects.exists()


def test_an_environment_that_names_nobody_is_no_error(django_user_model):
    assert not setup.create_from_environment()
    assert not django_user_model.objects.exists()
