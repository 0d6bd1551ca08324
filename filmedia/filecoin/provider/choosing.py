"""
Which provider gets the next copy.

The first copy goes to an endorsed provider, further ones to any that is approved and
active. Where we have a data set already comes first, since a new one costs a fee and a
reserve. Whoever is chosen has just answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container, Sequence
from dataclasses import dataclass

from ..errors import FilecoinError, ProviderUnfit


@dataclass(frozen=True)
class Candidate:
    """`data_set_id` is of a live data set of ours there, with what is wanted as metadata."""

    provider_id: int
    name: str
    service_url: str
    service_provider: str
    payee: str
    approved: bool
    endorsed: bool
    active: bool
    min_piece_size: int
    max_piece_size: int
    data_set_id: int | None = None
    pieces: int = 0


Ping = Callable[[Candidate], Awaitable[None]]


def objection(
    candidate: Candidate,
    *,
    smallest: int,
    largest: int,
    first: bool,
    exclude: Container[int] = (),
    taken: Container[int] = (),
) -> str:
    """Why this one is not for pieces of these sizes, as the end of a sentence; "" if it is."""
    if candidate.provider_id in taken:
        return "it has this film already, or has just failed"
    if candidate.provider_id in exclude:
        return "it is left out for now"
    if not candidate.active or not candidate.service_url:
        return "it is not active"
    if not candidate.approved:
        return "it is not approved"
    if first and not candidate.endorsed:
        return "it is not endorsed, as the first copy's has to be"
    if smallest < candidate.min_piece_size:
        return f"it takes no piece under {candidate.min_piece_size} bytes"
    if largest > candidate.max_piece_size:
        return f"it takes no piece over {candidate.max_piece_size} bytes"
    return ""


def ranked(
    candidates: Sequence[Candidate],
    *,
    smallest: int,
    largest: int,
    first: bool,
    exclude: Container[int] = (),
    taken: Container[int] = (),
) -> list[Candidate]:
    """Those that can be chosen, the best first: our data sets, fuller ones, lower numbers."""
    fit = [
        one
        for one in candidates
        if not objection(
            one, smallest=smallest, largest=largest, first=first, exclude=exclude, taken=taken
        )
    ]
    return sorted(fit, key=lambda one: (one.data_set_id is None, one.pieces == 0, one.provider_id))


async def choose(
    candidates: Sequence[Candidate],
    count: int,
    *,
    smallest: int,
    largest: int,
    first: bool,
    ping: Ping,
    exclude: Container[int] = (),
    taken: Container[int] = (),
) -> list[Candidate]:
    """
    Up to `count` of them, all of which have just answered `ping`. With `first` the first is
    endorsed; raises ProviderUnfit where no endorsed one is well, with the reasons.
    """
    sizes = {"smallest": smallest, "largest": largest}
    chosen: list[Candidate] = []
    if first and count:
        endorsed = ranked(candidates, **sizes, first=True, exclude=exclude, taken=taken)
        chosen.append(await _first_well(endorsed, ping))
    for candidate in ranked(candidates, **sizes, first=False, exclude=exclude, taken=taken):
        if len(chosen) >= count:
            break
        if candidate not in chosen and await _trouble(candidate, ping) is None:
            chosen.append(candidate)
    return chosen


async def _first_well(candidates: Sequence[Candidate], ping: Ping) -> Candidate:
    """Asked all at once, so that a dead one costs no time, and taken in their order."""
    troubles = await asyncio.gather(*[_trouble(one, ping) for one in candidates])
    for candidate, trouble in zip(candidates, troubles, strict=True):
        if trouble is None:
            return candidate
    reasons = " ".join(str(trouble) for trouble in troubles)
    raise ProviderUnfit(
        "No endorsed provider", reasons.rstrip(".") or "none takes pieces of this size"
    )


async def _trouble(candidate: Candidate, ping: Ping) -> FilecoinError | None:
    try:
        await ping(candidate)
    except FilecoinError as error:
        return error
    return None
