"""What a provider says of itself in the registry, read with the tolerance that it asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..blocks import MAX_PIECE_SIZE, MIN_PIECE_SIZE
from ..errors import ProviderUnfit

MOST_KEYS, MOST_BYTES = 24, 128


@dataclass(frozen=True)
class Offering:
    """Sizes in bytes, the proving period in epochs. The service ignores a price of its own."""

    service_url: str
    min_piece_size: int
    max_piece_size: int
    location: str = ""
    min_proving_period: int = 0
    payment_token: str = ""

    @classmethod
    def parse(cls, keys: Sequence[str], values: Sequence[bytes]) -> Offering:
        """From the parallel lists of the registry; unknown keys are let pass."""
        if len(keys) != len(values):
            raise ProviderUnfit("The provider", "its capabilities are not in pairs")
        told = {key: bytes(value) for key, value in zip(keys, values, strict=True)}
        return cls(
            service_url=_text(told, "serviceURL"),
            min_piece_size=max(_number(told, "minPieceSizeInBytes", MIN_PIECE_SIZE), 1),
            max_piece_size=min(
                _number(told, "maxPieceSizeInBytes", MAX_PIECE_SIZE), MAX_PIECE_SIZE
            ),
            location=_text(told, "location"),
            min_proving_period=_number(told, "minProvingPeriodInEpochs", 0),
            payment_token=_address(told.get("paymentTokenAddress", b"")),
        )


def _text(told: dict[str, bytes], name: str) -> str:
    try:
        return told.get(name, b"").decode().strip()
    except UnicodeDecodeError:
        raise ProviderUnfit("The provider", f"its {name} is no text") from None


def _number(told: dict[str, bytes], name: str, default: int) -> int:
    value = told.get(name)
    if value is None:
        return default
    if len(value) > 32:
        raise ProviderUnfit("The provider", f"its {name} is no number")
    return int.from_bytes(value, "big")


def _address(value: bytes) -> str:
    # 20 bytes, or 32 with zeros before them.
    if len(value) == 32 and not any(value[:12]):
        value = value[12:]
    return "0x" + value.hex() if len(value) == 20 else ""
