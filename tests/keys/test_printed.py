"""A key copied from paper, with the mistakes that people make."""

import pytest

from library.keys.printed import Mistyped, checksum, read, spelled
from library.keys.wrapping import LibraryKey

TEXT = "0123456789abcdef" * 4
KEY = LibraryKey(TEXT)


def test_a_key_is_printed_in_groups_with_a_checksum():
    groups = spelled(KEY)
    assert len(groups) == 17
    assert all(len(group) == 4 for group in groups)
    assert "".join(groups) == TEXT + checksum(TEXT)


@pytest.mark.parametrize(
    "typed",
    [
        " ".join(spelled(KEY)),
        "-".join(spelled(KEY)).upper(),
        "\n".join(spelled(KEY)) + "\n",
        TEXT,
        f"  {TEXT}\n",
    ],
)
def test_it_is_read_however_it_was_typed(typed):
    assert read(typed) == KEY


def test_a_typing_error_is_found():
    groups = spelled(KEY)
    groups[3] = "0000"
    with pytest.raises(Mistyped, match="typing error"):
        read(" ".join(groups))


@pytest.mark.parametrize("change", [lambda groups: groups[2:], lambda groups: groups[:1] + groups])
def test_a_group_too_few_or_too_many_is_said(change):
    with pytest.raises(Mistyped, match="Is a group missing, or there twice"):
        read(" ".join(change(spelled(KEY))))


def test_a_key_of_an_operators_own_is_copied_as_it_is():
    key = LibraryKey("Correct horse battery staple, since 1998!")
    assert read(" ".join(spelled(key))) == key
    assert read(key.text) == key


@pytest.mark.parametrize("typed", ["", "abc", "no key at all"])
def test_what_is_too_short_is_no_key(typed):
    with pytest.raises(Mistyped, match="too short"):
        read(typed)
