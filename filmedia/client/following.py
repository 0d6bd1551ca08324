"""A film's way once the library has all its bytes, until it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from filmedia.client import words
from filmedia.client.api import Api
from filmedia.client.errors import ClientError, Refused

STORED = {"stored", "committed", "proven"}
AT_RISK = "at_risk"


@dataclass(frozen=True)
class Standing:
    """Where a film has got to, as the library tells it now."""

    # One of the five words, or "refused".
    state: str
    problem: str = ""
    film: dict[str, Any] | None = None
    stage: str = ""
    done: int = 0
    total: int | None = None
    # Why the stage is not getting on; it is tried again.
    error: str = ""

    @property
    def is_over(self) -> bool:
        return self.state in STORED or self.has_failed

    @property
    def has_failed(self) -> bool:
        return self.state in {"refused", AT_RISK} or bool(self.problem)


def look(api: Api, address: str) -> Standing:
    """Ask once. Raises what the API raises."""
    upload = api.json("GET", address)
    if upload["state"] == "refused":
        return Standing("refused", upload["problem"] or "The library refused it.")
    if not upload["video"]:
        return Standing("received" if upload["state"] == "received" else "refused", _gone(upload))
    try:
        film = api.json("GET", f"/api/v1/videos/{upload['video']}/")
    except Refused as error:
        if error.status == 404:
            # Refused between the two questions, or put into the trash.
            upload = api.json("GET", address)
            return Standing("refused", upload["problem"] or "The film is in the trash.")
        raise
    return of_film(film)


def of_film(film: dict[str, Any]) -> Standing:
    state = film["state"]
    if state in STORED:
        return Standing(state, film=film)
    if state == AT_RISK:
        return Standing(state, film["state_reason"] or "It is at risk.", film)
    stages = film.get("stages", [])
    failed = next((stage for stage in stages if stage["state"] == "failed"), None)
    if failed is not None:
        name = words.stage(failed["name"]).capitalize()
        return Standing(state, f"{name} failed: {failed['error'] or 'no reason is told'}", film)
    now = next((stage for stage in stages if stage["state"] not in {"done", "skipped"}), None)
    if now is None:
        return Standing(state, film=film)
    return Standing(
        state,
        film=film,
        stage=now["name"],
        done=now["done"],
        total=now["total"],
        error=now["error"],
    )


def _gone(upload: dict[str, Any]) -> str:
    return "" if upload["state"] == "received" else f"The upload is {upload['state']}."


def check_same(film: dict[str, Any], sha256: str) -> None:
    """What the library has is the file that was sent, to the last bit."""
    if film["sha256"] and film["sha256"] != sha256:
        raise ClientError(
            "The library has other bytes than the file: their SHA-256 differ. Put the film into "
            "the trash and upload it again."
        )
