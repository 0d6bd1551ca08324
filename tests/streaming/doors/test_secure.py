"""Signed addresses of a site that is for https alone behave as its other addresses do."""

from __future__ import annotations

import pytest

from library import media_addresses
from library.media_addresses import VISITOR
from library.models import Visibility
from tests.making import stored_video
from tests.streaming.conftest import FILM
from tests.streaming.doors.test_media import Asking

pytestmark = pytest.mark.django_db
PROXY = ("HTTP_X_FORWARDED_PROTO", "https")


@pytest.fixture
def only_https(settings):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_PROXY_SSL_HEADER = True, PROXY
    settings.SECURE_HSTS_SECONDS = 3600
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True


@pytest.fixture
def film(alice):
    return stored_video(alice, FILM, visibility=Visibility.PUBLIC)


@pytest.fixture
def url(film):
    return media_addresses.address_of(film, VISITOR).url


@pytest.mark.parametrize("said", [{}, {"X_Forwarded_Proto": "http"}])
def test_without_tls_it_is_left_to_django_which_sends_elsewhere(only_https, url, anyone, said):
    # The site behind the door, as it answers in these tests.
    assert Asking()(url, Range="bytes=0-9", **said).status == 299
    answer = anyone(url, Range="bytes=0-9", **said)
    assert (answer.status, answer["Location"]) == (301, f"https://testserver{url}")


def test_with_tls_it_says_what_the_other_door_says(only_https, url, film, anyone):
    secure = {"Range": "bytes=0-9", "X_Forwarded_Proto": "https"}
    answer, other = Asking()(url, **secure), anyone(f"/stream/{film.pk}/", **secure)
    assert answer.body == other.body == FILM[:10]
    told = "max-age=3600; includeSubDomains; preload"
    assert answer["Strict-Transport-Security"] == other["Strict-Transport-Security"] == told


def test_a_refusal_says_it_too(only_https):
    answer = Asking()("/media/nothing", X_Forwarded_Proto="https")
    assert answer.status == 403
    assert "Strict-Transport-Security" in answer.headers


def test_a_site_of_plain_http_says_nothing_of_it(url, settings):
    settings.SECURE_PROXY_SSL_HEADER = None
    answer = Asking()(url, X_Forwarded_Proto="https")
    assert answer.status == 200
    assert "Strict-Transport-Security" not in answer.headers
