"""What a provider says of itself in the registry."""

import pytest

from filmedia.filecoin.blocks import MAX_PIECE_SIZE, MIN_PIECE_SIZE
from filmedia.filecoin.errors import ProviderUnfit
from filmedia.filecoin.provider.offering import Offering

TOKEN = bytes(range(20))
SAID = {
    "serviceURL": b"https://sp.example.org/",
    "location": "C=DE;L=Köln".encode(),
    "minPieceSizeInBytes": (1024).to_bytes(2, "big"),
    "maxPieceSizeInBytes": (10**8).to_bytes(4, "big"),
    "storagePricePerTibPerDay": (10**17).to_bytes(8, "big"),
    "minProvingPeriodInEpochs": (30).to_bytes(1, "big"),
    "paymentTokenAddress": TOKEN,
    "ipniPeerId": b"\x00\xff",
    "theirOwn": b"\xff\xfe",
}


def parsed(**changed):
    said = {key: value for key, value in (SAID | changed).items() if value is not None}
    return Offering.parse(list(said), list(said.values()))


def test_all_of_it_is_read_and_unknown_words_are_let_pass():
    assert parsed() == Offering(
        service_url="https://sp.example.org/",
        min_piece_size=1024,
        max_piece_size=10**8,
        location="C=DE;L=Köln",
        min_proving_period=30,
        payment_token="0x" + TOKEN.hex(),
        price=10**17,
    )


def test_what_is_not_told_is_what_all_providers_take():
    offering = Offering.parse(["serviceURL"], [b"https://sp.example.org"])
    assert offering.min_piece_size == MIN_PIECE_SIZE
    assert offering.max_piece_size == MAX_PIECE_SIZE
    assert offering.payment_token == offering.location == ""


def test_a_token_may_stand_in_a_whole_word_with_zeros_before_it():
    assert parsed(paymentTokenAddress=bytes(12) + TOKEN).payment_token == "0x" + TOKEN.hex()


def test_no_piece_is_larger_than_a_prover_takes_whatever_is_said():
    assert parsed(maxPieceSizeInBytes=b"\xff" * 32).max_piece_size == MAX_PIECE_SIZE


def test_zeros_in_front_of_a_number_do_no_harm():
    assert parsed(minPieceSizeInBytes=bytes(30) + b"\x04\x00").min_piece_size == 1024
    assert parsed(minPieceSizeInBytes=b"\x00").min_piece_size == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"serviceURL": b"\xff\xfe"},
        {"serviceURL": b"https://" + b"a" * 128},
        {"location": b"\xff"},
        {"minPieceSizeInBytes": b""},
        {"minPieceSizeInBytes": bytes(33)},
        {"minPieceSizeInBytes": b"\xff" * 32},
        {"maxPieceSizeInBytes": b"\x00"},
        {"minProvingPeriodInEpochs": bytes(129)},
        {"storagePricePerTibPerDay": b""},
        {"paymentTokenAddress": TOKEN[:19]},
        {"paymentTokenAddress": b"\x01" + bytes(11) + TOKEN},
    ],
)
def test_a_value_that_cannot_be_makes_the_provider_unfit(changed):
    with pytest.raises(ProviderUnfit):
        parsed(**changed)


def test_keys_and_values_come_in_pairs_once_each_and_not_too_many():
    for keys, values in (
        (["serviceURL"], []),
        (["location", "location"], [b"a", b"b"]),
        ([str(number) for number in range(25)], [b""] * 25),
    ):
        with pytest.raises(ProviderUnfit):
            Offering.parse(keys, values)


def test_what_would_not_be_shown_is_taken_out_of_a_location():
    assert parsed(location=b"C=DE\x1b[31m\n").location == "C=DE[31m"
