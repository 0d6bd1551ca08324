"""How long to wait, and for how long."""

import pytest

from filmedia.client.backoff import Patience, delay
from filmedia.client.errors import ClientError, Refused, Unreachable


def test_delays_double_up_to_half_a_minute():
    assert [delay(n, chance=lambda: 1.0) for n in (1, 2, 3, 7, 5000)] == [0.5, 1, 2, 30, 30]
    assert delay(3, chance=lambda: 0.0) == 1


def test_what_the_library_asks_for_is_the_least():
    assert delay(1, 12.0) == 12
    assert delay(7, 1.0, chance=lambda: 1.0) == 30


def test_it_ends_when_nothing_got_on_for_too_long():
    waited = []
    patience = Patience(waited.append, limit=60)
    error = Unreachable("away")
    with pytest.raises(Unreachable):
        while True:
            patience.after(error)
    assert 30 <= sum(waited) <= 60
    patience.got_on()
    patience.after(error)


def test_what_stays_as_it_is_is_not_waited_for():
    patience = Patience(lambda seconds: pytest.fail("waited"))
    for error in (
        ClientError("no"),
        Refused(400, "invalid", "no"),
        Refused(507, "no-space", "full"),
        Refused(503, "key-unavailable", "locked"),
        Refused(429, "too-many-failures", "wait an hour", retry_after=3600),
    ):
        with pytest.raises(type(error)):
            patience.after(error)


@pytest.mark.parametrize("status", [408, 423, 429, 460, 500, 502, 503, 504])
def test_what_passes_is_waited_for(status):
    waited = []
    Patience(waited.append).after(Refused(status, "busy", "no", retry_after=7))
    assert waited == [7]
