import pytest

from library.pages import moments


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("754", 754),
        ("754s", 754),
        ("12m34s", 754),
        ("00:12:34", 754),
        ("12:34", 754),
        ("1h2m3s", 3723),
        ("1H", 3600),
        pytest.param("", 0, id="nothing"),
        pytest.param("-5", 0, id="negative"),
        pytest.param("1e9", 0, id="not a way to write seconds"),
        pytest.param("٣", 0, id="digits of another script"),
        pytest.param("9" * 400, 0, id="longer than any film"),
        pytest.param("12m34s,x", 0, id="more than a moment"),
    ],
)
def test_the_t_of_an_address_becomes_seconds(text, seconds):
    assert moments.seconds(text) == seconds
