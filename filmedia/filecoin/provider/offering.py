"""What a provider says of itself in the registry, read with the tolerance that it asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..blocks import MAX_PIECE_SIZE, MIN_PIECE_SIZE
from ..errors import ProviderUnfit

MOST_KEYS, MOST_BYTES = 24, 128


@dataclass(frozen=True)
class Offering:
    """
    Sizes in bytes, the proving period in epochs, the price in the smallest unit of the token
    for a TiB and day. The service has one price for all and never looks at this one.
    """

    service_url: str
    min_piece_size: int
    max_piece_size: int
    location: str = ""
    min_proving_period: int = 0
    payment_token: str = ""
    price: int = 0

    @classmethod
    def parse(cls, keys: Sequence[str], values: Sequence[bytes]) -> Offering:
        """
        From the parallel lists of the registry. Unknown keys are let pass; raises
        ProviderUnfit for a known one with a value that cannot be.
        """
        if len(keys) != len(values) or len(keys) > MOST_KEYS or len(set(keys)) != len(keys):
            raise _unfit("its capabilities are not in pairs")
        told = {key: bytes(value) for key, value in zip(keys, values, strict=True)}
        least = max(_number(told, "minPieceSizeInBytes", MIN_PIECE_SIZE), 1)
        most = min(_number(told, "maxPieceSizeInBytes", MAX_PIECE_SIZE), MAX_PIECE_SIZE)
        if least > most:
            raise _unfit("its largest piece is smaller than its smallest")
        return cls(
            service_url=_text(told, "serviceURL"),
            min_piece_size=least,
            max_piece_size=most,
            location="".join(one for one in _text(told, "location") if one.isprintable()),
            min_proving_period=_number(told, "minProvingPeriodInEpochs", 0),
            payment_token=_address(told, "paymentTokenAddress"),
            price=_number(told, "storagePricePerTibPerDay", 0),
        )


def _value(told: Mapping[str, bytes], name: str) -> bytes:
    value = told.get(name, b"")
    if len(value) > MOST_BYTES:
        raise _unfit(f"its {name} is too long")
    return value


def _text(told: Mapping[str, bytes], name: str) -> str:
    try:
        return _value(told, name).decode().strip()
    except UnicodeDecodeError:
        raise _unfit(f"its {name} is no text") from None


def _number(told: Mapping[str, bytes], name: str, default: int) -> int:
    if name not in told:
        return default
    value = _value(told, name)
    if not 0 < len(value) <= 32:
        raise _unfit(f"its {name} is no number")
    return int.from_bytes(value, "big")


def _address(told: Mapping[str, bytes], name: str) -> str:
    """In lower case; "" where it is not told. 32 bytes with zeros in front will do as well."""
    value = _value(told, name)
    if len(value) == 32 and not any(value[:12]):
        value = value[12:]
    if len(value) not in {0, 20}:
        raise _unfit(f"its {name} is no address")
    return "0x" + value.hex() if value else ""


def _unfit(why: str) -> ProviderUnfit:
    return ProviderUnfit("The provider", why)
