"""
Which provider gets the next copy.

The first copy goes to an endorsed provider, further ones to any that is approved and
active. Where we have a data set already comes first, since a new one costs a fee and a
reserve. Whoever is chosen has just answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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


AT_ONCE = 8

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
    endorsed; raises NoEndorsedProvider where none such is well, with the reasons.
    Fewer further ones than were wanted are no error.
    """
    rest: dict[str, Any] = {
        "smallest": smallest,
        "largest": largest,
        "exclude": exclude,
        "taken": taken,
    }
    chosen: list[Candidate] = []
    if first and count > 0:
        endorsed = ranked(candidates, first=True, **rest)
        well = await _well(endorsed, 1, ping)
        if not well.chosen:
            raise NoEndorsedProvider(well.troubles or _objections(candidates, rest))
        chosen = well.chosen
    further = [one for one in ranked(candidates, first=False, **rest) if one not in chosen]
    return chosen + (await _well(further, count - len(chosen), ping)).chosen


class NoEndorsedProvider(ProviderUnfit):
    """`reasons` has why for each; worth another try where one of them only did not answer."""

    def __init__(self, reasons: Mapping[Candidate, str | FilecoinError]) -> None:
        self.reasons = {one.provider_id: str(why) for one, why in reasons.items()}
        told = "; ".join(_sentence(one, why) for one, why in reasons.items())
        super().__init__("The first copy", told or "no provider is endorsed")
        self.args = (f"No endorsed provider can take the first copy: {self.why}.",)
        self.retryable = any(getattr(why, "retryable", False) for why in reasons.values())


@dataclass(frozen=True)
class _Well:
    chosen: list[Candidate]
    troubles: dict[Candidate, str | FilecoinError]


async def _well(candidates: Sequence[Candidate], count: int, ping: Ping) -> _Well:
    """
    Up to `count` that answer, in their order. Some are asked at once, so that a dead one
    costs no time of its own.
    """
    found = _Well([], {})
    for start in range(0, len(candidates), AT_ONCE):
        if len(found.chosen) >= count:
            break
        some = candidates[start : start + AT_ONCE]
        for one, trouble in zip(some, await _troubles(some, ping), strict=True):
            if trouble is not None:
                found.troubles[one] = trouble
            elif len(found.chosen) < count:
                found.chosen.append(one)
    return found


async def _troubles(some: Sequence[Candidate], ping: Ping) -> list[FilecoinError | None]:
    return await asyncio.gather(*[_trouble(one, ping) for one in some])


async def _trouble(candidate: Candidate, ping: Ping) -> FilecoinError | None:
    try:
        await ping(candidate)
    except FilecoinError as error:
        return error
    return None


def _objections(
    candidates: Sequence[Candidate], rest: dict[str, Any]
) -> dict[Candidate, str | FilecoinError]:
    return {
        one: objection(one, first=True, **rest)
        for one in sorted(candidates, key=lambda one: one.provider_id)
        if one.endorsed
    }


def _sentence(candidate: Candidate, why: str | FilecoinError) -> str:
    if isinstance(why, str):
        return f"{candidate.name}: {why}"
    return str(why).rstrip(".")
