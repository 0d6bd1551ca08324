"""Where a token may go."""

import pytest

from filmedia.client import addresses
from filmedia.client.errors import BadArguments


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://films.example.org", "https://films.example.org"),
        ("https://Films.Example.org:443/watch/vid_1/?t=3", "https://films.example.org"),
        ("films.example.org", "https://films.example.org"),
        ("films.example.org:8443", "https://films.example.org:8443"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("localhost", "http://localhost"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
    ],
)
def test_any_address_of_a_library_will_do(given, origin):
    assert addresses.origin(given) == origin


@pytest.mark.parametrize(
    "given",
    ["", "https://", "ftp://films.example.org", "http://a b", "https://x:y", "https://[::1"],
)
def test_what_is_no_address_is_said(given):
    with pytest.raises(BadArguments):
        addresses.origin(given)


def test_a_password_in_an_address_is_refused_and_not_repeated():
    with pytest.raises(BadArguments) as refused:
        addresses.origin("https://ada:secret@films.example.org")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["http://films.example.org", "http://10.0.0.1", "http://127.0.0.1.example.org"]
)
def test_plain_http_is_for_this_machine_alone(url):
    with pytest.raises(BadArguments, match="--insecure"):
        addresses.check_private(url, insecure=False)
    addresses.check_private(url, insecure=True)


@pytest.mark.parametrize(
    "url",
    ["https://films.example.org", "http://127.0.0.1:8000", "http://localhost", "http://[::1]"],
)
def test_what_nobody_reads_on_the_way_needs_no_word(url):
    addresses.check_private(url, insecure=False)
