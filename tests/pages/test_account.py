import re

import pytest
from django.test import Client
from django.urls import reverse

from library import setup
from library.models import User

pytestmark = pytest.mark.django_db

LOGIN = "/login/"
WRONG = "This name and this password do not belong together."


def sign_in(client, username="alice", password="alice's long password", **more):
    return client.post(LOGIN, {"username": username, "password": password, **more})


def test_signing_in_leads_to_the_library(client, alice):
    answer = sign_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/").status_code == 200


def test_the_very_first_visitor_is_told_of_the_link(client, django_user_model):
    assert "No account yet" in client.get(LOGIN).content.decode()
    django_user_model.objects.create_superuser("root", password="root's long password")
    assert "No account yet" not in client.get(LOGIN).content.decode()


def test_an_error_never_says_which_part_was_wrong(client, alice, django_user_model):
    django_user_model.objects.create_user("gone", password="gone's password", is_active=False)
    pages = [
        sign_in(client, password="wrong"),
        sign_in(client, username="nobody", password="wrong"),
        sign_in(client, username="gone", password="gone's password"),
    ]
    for page in pages:
        assert page.status_code == 200
        assert WRONG in page.content.decode()


def test_signing_in_goes_on_to_where_one_wanted_to_be(client, alice):
    assert client.get("/upload/")["Location"] == "/login/?next=/upload/"
    assert 'name="next" value="/upload/"' in client.get("/login/?next=/upload/").content.decode()
    assert sign_in(client, next="/upload/")["Location"] == "/upload/"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example"],
)
def test_signing_in_leads_to_no_other_site(client, alice, elsewhere):
    assert sign_in(client, next=elsewhere)["Location"] == "/"


def test_who_is_signed_in_needs_no_form(client, alice):
    client.force_login(alice)
    assert client.get(LOGIN)["Location"] == "/"


def test_too_many_wrong_passwords_have_to_wait_even_with_the_right_one(client, alice, settings):
    settings.AXES_FAILURE_LIMIT = 3
    for _ in range(3):
        page = sign_in(client, password="wrong")
    assert page.status_code == 429
    page = sign_in(client)
    assert (page.status_code, page["Retry-After"]) == (429, "900")
    assert "15 minutes" in page.content.decode()
    assert "alice" not in page.content.decode()


def test_signing_out_is_a_button_not_a_link(client, alice):
    client.force_login(alice)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/")["Location"].startswith("/login/")


def test_forms_need_their_token_and_say_so(alice):
    strict = Client(enforce_csrf_checks=True)
    page = sign_in(strict)
    assert page.status_code == 403
    assert "Please try again" in page.content.decode()


@pytest.fixture
def link():
    return re.sub(r"^https?://[^/]+", "", setup.link())


def test_the_set_up_link_makes_the_first_admin_once(client, link):
    assert client.get(link).status_code == 200
    form = {"username": "ada", "password": "a long enough sentence"}
    assert client.post(link, form)["Location"] == reverse("library:home")
    ada = User.objects.get()
    assert ada.is_superuser and ada.check_password("a long enough sentence")
    assert client.get("/").status_code == 200
    assert client.get(link).status_code == 404
    assert Client().post(link, form | {"username": "eve"}).status_code == 404
    assert User.objects.count() == 1


def test_a_weak_password_is_refused_with_the_reason(client, link):
    page = client.post(link, {"username": "ada", "password": "12345678"})
    assert page.status_code == 200
    assert "too common" in page.content.decode()
    assert not User.objects.exists()


def test_a_guessed_set_up_link_is_nothing(client, link):
    assert client.get("/setup/guess/").status_code == 404
