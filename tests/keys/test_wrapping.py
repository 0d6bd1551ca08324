"""What a library key opens, and what it does not."""

import pytest

from library.keys.wrapping import Damaged, LibraryKey

KEY, OTHER = LibraryKey("a" * 64), LibraryKey("b" * 64)
SECRET = bytes(range(32))


def test_what_was_wrapped_opens_again():
    wrapped = KEY.wrap("key_1", SECRET)
    assert SECRET not in wrapped
    assert KEY.unwrap("key_1", wrapped) == SECRET


def test_no_two_wrappings_are_alike():
    assert KEY.wrap("key_1", SECRET) != KEY.wrap("key_1", SECRET)


def test_another_key_does_not_open_it():
    with pytest.raises(Damaged):
        OTHER.unwrap("key_1", KEY.wrap("key_1", SECRET))


def test_it_opens_under_no_other_name():
    with pytest.raises(Damaged):
        KEY.unwrap("key_2", KEY.wrap("key_1", SECRET))


@pytest.mark.parametrize("at", [0, 1, 13, 30, -1])
def test_a_flipped_bit_is_found(at):
    wrapped = bytearray(KEY.wrap("key_1", SECRET))
    wrapped[at] ^= 1
    with pytest.raises(Damaged):
        KEY.unwrap("key_1", bytes(wrapped))


@pytest.mark.parametrize("length", [0, 1, 12, 13, 28])
def test_a_part_of_it_is_found_out(length):
    with pytest.raises(Damaged):
        KEY.unwrap("key_1", KEY.wrap("key_1", SECRET)[:length])


def test_a_kit_is_no_wrapped_key():
    with pytest.raises(Damaged):
        KEY.unwrap("recovery kit", KEY.seal("recovery kit", SECRET))


def test_neither_key_nor_id_shows_the_text():
    assert KEY.text not in repr(KEY)
    assert KEY.id != OTHER.id
    assert len(KEY.id) == 16


def test_a_short_text_is_no_library_key():
    with pytest.raises(ValueError, match="32 characters"):
        LibraryKey("short")
