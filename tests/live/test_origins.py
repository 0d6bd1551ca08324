"""Which pages may open a websocket with a person's cookies."""

import pytest

from library.live.origins import is_ours

HOSTS = ["films.example.org", "localhost", "127.0.0.1", "[::1]"]


def ours(origin, host="films.example.org", hosts=HOSTS, site="http://127.0.0.1:8000"):
    return is_ours(origin, host, allowed_hosts=hosts, site_url=site)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        pytest.param("http://localhost:8000", "localhost:8000", id="the host asked for"),
        pytest.param("http://LOCALHOST:8000", "localhost:8000", id="in capitals"),
        pytest.param("http://[::1]:8000", "[::1]:8000", id="IPv6"),
        pytest.param("https://films.example.org", "films.example.org:443", id="a default port"),
        pytest.param("https://films.example.org", "films.example.org", id="TLS before us"),
        pytest.param("http://127.0.0.1:8000", "localhost:8000", id="the site's address"),
        pytest.param("http://localhost:8000", "127.0.0.1:8000", id="another name of ours"),
        pytest.param("http://127.0.0.1:8000", "10.0.0.7:9000", id="a proxy that changes Host"),
    ],
)
def test_a_page_of_ours(origin, host):
    assert ours(origin, host)


@pytest.mark.parametrize(
    "origin",
    [
        pytest.param("", id="absent"),
        pytest.param("null", id="a sandboxed page, or a file"),
        pytest.param("https://evil.example", id="another site"),
        pytest.param("https://films.example.org.evil.example", id="a name that begins as ours"),
        pytest.param("https://evilfilms.example.org", id="a name that ends as ours"),
        pytest.param("https://films.example.org:8443", id="another port: cookies know no ports"),
        pytest.param("https://films.example.org@evil.example", id="our name as a user name"),
        pytest.param("https://films.example.org/path", id="no origin has a path"),
        pytest.param("https://films.example.org, https://evil.example", id="sent twice"),
        pytest.param("ftp://films.example.org", id="no page at all"),
        pytest.param("https://films.example.org:port", id="no number"),
        pytest.param("https://[::1", id="a broken address"),
    ],
)
def test_any_other_page_is_foreign(origin):
    assert not ours(origin)


def test_with_every_host_allowed_only_the_one_asked_for_is_ours():
    assert ours("https://films.example.org", hosts=["*"])
    assert not ours("https://evil.example", hosts=["*"])


def test_a_host_that_is_not_allowed_is_not_ours_even_when_asked_for():
    """A name that somebody else points at this machine."""
    assert not ours("http://rebound.example:8000", "rebound.example:8000")


def test_a_site_with_tls_has_no_pages_without_it():
    site = "https://films.example.org"
    assert ours("https://films.example.org", "10.0.0.7:8000", site=site)
    assert not ours("http://films.example.org", "films.example.org", site=site)
