"""
What a film's other qualities cost: bytes, and money each month where copies are paid for.

Before one is made both are estimates, and rather too much than too little: its size is
what the film's length allows, and what it comes to be depends on what is to be seen in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from library.models import Copy, Rendition, Video
from library.renditions import making

if TYPE_CHECKING:
    from filmedia.filecoin.money.prices import PriceList


@dataclass(frozen=True)
class Cost:
    """`per_month` is for all copies, in 1e-18 USDFC: None where nothing is paid or known."""

    size: int
    copies: int
    per_month: int | None = None


@dataclass(frozen=True)
class Pricing:
    """What bytes cost where the next rendition goes; `prices` as they were heard last."""

    is_paid: bool
    copies: int
    prices: PriceList | None = None

    def of(self, size: int, copies: int = 0) -> Cost:
        from library.network import preflight

        copies = copies or self.copies
        if self.prices is None:
            return Cost(size, copies)
        return Cost(size, copies, preflight.per_month(self.prices, size, copies))


def pricing(video: Video) -> Pricing:
    """For renditions of this film; where nothing is paid, nobody is asked."""
    from library.network import connection, funds, readings

    if connection.is_local():
        return Pricing(False, 1)
    at = connection.network().name
    heard = readings.kept(at, readings.PRICES)
    prices = readings.prices_of(heard.value) if heard and heard.value else None
    return Pricing(True, funds.copies_of_rendition(video, at), prices)


def most(video: Video, quality: int) -> int:
    """The bytes that a quality will hardly be larger than; none for an unknown length."""
    return int((video.duration or 0) * making.BITS[quality] / 8)


def of(rendition: Rendition, video: Video, found: Pricing) -> Cost:
    """What one that was asked for costs: by its bytes once they are there, else an estimate."""
    film = rendition.film
    if film is None:
        return found.of(most(video, rendition.quality))
    if film.network != Copy.LOCAL:
        return found.of(film.size, film.wanted_copies)
    # Stored here, it stays here; one that was just made goes where new films go.
    stays = film.state != Video.State.RECEIVED
    return Cost(film.size, 1) if stays else found.of(film.size)
