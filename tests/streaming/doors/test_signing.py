"""What a signed address says, and that nobody can make it say something else."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace

import pytest

from library import media_addresses
from library.media_addresses import Grant, Kind, Unsigned
from streaming.doors import signing
from streaming.doors.signing import Addresses
from streaming.errors import AddressEnded, AddressExpired

LATER = 4_000_000_000
GRANT = Grant(
    Kind.SESSION,
    "vid_abcdefghijklmnop",
    issued=1_700_000_000,
    expires=LATER,
    user=7,
    as_staff=True,
    holder=bytes(range(16)),
    stamp=b"password",
    budget=10**15,
)


def test_what_is_signed_comes_back():
    assert media_addresses.opened(media_addresses.sign(GRANT)) == GRANT


def test_an_address_fits_into_any_place_for_addresses():
    signed = media_addresses.sign(GRANT)
    assert len(signed) < 160
    assert set(signed) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_no_bit_of_it_can_be_changed():
    raw = bytearray(urlsafe_b64decode(media_addresses.sign(GRANT) + "=="))
    for position in range(len(raw)):
        for bit in range(8):
            changed = (
                bytes(raw[:position]) + bytes([raw[position] ^ 1 << bit]) + raw[position + 1 :]
            )
            with pytest.raises(Unsigned):
                media_addresses.opened(urlsafe_b64encode(changed).rstrip(b"=").decode())


@pytest.mark.parametrize(
    "signed",
    [
        pytest.param("", id="nothing"),
        pytest.param("AAAA", id="shorter than a signature"),
        pytest.param("!", id="no base64"),
        pytest.param("é" * 40, id="not ASCII"),
        pytest.param("A" * 100_000, id="very long"),
        pytest.param("A" * 41, id="no length that base64 has"),
    ],
)
def test_what_is_no_address_is_none(signed):
    with pytest.raises(Unsigned):
        media_addresses.opened(signed)


def test_it_is_spelled_in_one_way_only():
    signed = media_addresses.sign(GRANT)
    for other in (signed + "=", signed + "==", signed[:-1] + " " + signed[-1], signed + "\n"):
        with pytest.raises(Unsigned):
            media_addresses.opened(other)
    # The last letter has bits that say nothing.
    last = [
        letter
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        if urlsafe_b64decode(signed[:-1] + letter + "==") == urlsafe_b64decode(signed + "==")
    ]
    for letter in last:
        if letter != signed[-1]:
            with pytest.raises(Unsigned):
                media_addresses.opened(signed[:-1] + letter)


def test_another_secret_key_opens_nothing(settings):
    signed = media_addresses.sign(GRANT)
    settings.SECRET_KEY = "another one " * 5
    with pytest.raises(Unsigned):
        media_addresses.opened(signed)


def test_the_same_key_signs_nothing_else_with_it(settings):
    from django.core import signing as django_signing

    signed = media_addresses.sign(GRANT)
    said = urlsafe_b64decode(signed + "==")[:-16]
    for other in ("", "django.core.signing.Signer"):
        signature = django_signing.Signer(salt=other).signature(said.decode("latin-1"))
        raw = said + urlsafe_b64decode(signature + "=")[:16]
        with pytest.raises(Unsigned):
            media_addresses.opened(urlsafe_b64encode(raw).rstrip(b"=").decode())


# --- as they come in


def test_an_address_whose_time_is_over_is_told_so():
    signed = media_addresses.sign(replace(GRANT, expires=1_700_000_001))
    with pytest.raises(AddressExpired):
        Addresses().right(signed)


def test_what_is_no_address_has_ended():
    with pytest.raises(AddressEnded):
        Addresses().right("nothing")


def test_only_so_many_addresses_are_remembered(monkeypatch):
    monkeypatch.setattr(signing, "REMEMBERED", 3)
    addresses = Addresses()
    rights = [
        addresses.right(media_addresses.sign(replace(GRANT, user=number, budget=0)))
        for number in range(5)
    ]
    again = [
        addresses.right(media_addresses.sign(replace(GRANT, user=number, budget=0)))
        for number in (4, 3, 2, 0)
    ]
    assert [
        one is other for one, other in zip(again, [*rights[4:1:-1], rights[0]], strict=True)
    ] == [
        True,
        True,
        True,
        False,
    ]
