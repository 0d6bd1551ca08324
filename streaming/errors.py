"""
What the addresses that give bytes refuse.

Refusal                     of the library; knows its code, its HTTP status and its facts
├── NotThisMethod           405
├── PreconditionFailed      412  the body is not the one that the request was meant for
├── RangeNotSatisfiable     416
├── AddressEnded            403  a signed address whose right is over, or that is none of ours
├── BudgetUsed              403  it was good for so many bytes
├── AddressExpired          410  a signed address whose time is over
├── TooManyRequests         429  for next to nothing, again and again
├── TooManyStreams          503  as many answers are open as may be
├── NotSure                 503  what rights are left cannot be looked up now
└── BytesUnavailable        503  they cannot be read now, from anywhere
    └── NotHere                  ... from this machine: others may have them
DownloadFailed              a film could not be put on a disk
├── WrongBytes              no place has the bytes that the PieceCID names
├── InTheWay                another file or another download is where it should go
└── Stopped                 somebody asked for it; what is there is a beginning
"""

from __future__ import annotations

import math
from http import HTTPStatus

from library.errors import Refusal


class NotThisMethod(Refusal):
    code, title = "method-not-allowed", "Method not allowed"
    status = HTTPStatus.METHOD_NOT_ALLOWED

    def __init__(self, method: str, allowed: tuple[str, ...]) -> None:
        self.allowed = ", ".join(allowed)
        super().__init__(f"{method[:20]} does nothing here; {self.allowed} do.")

    @property
    def headers(self) -> dict[str, str]:
        return {"Allow": self.allowed}


class PreconditionFailed(Refusal):
    code, title = "precondition-failed", "Precondition failed"
    status = HTTPStatus.PRECONDITION_FAILED

    def __init__(self, etag: str) -> None:
        self.etag = etag
        super().__init__("These are not the bytes that the request was meant for.")

    @property
    def headers(self) -> dict[str, str]:
        return {"ETag": self.etag}


class RangeNotSatisfiable(Refusal):
    code, title = "range-not-satisfiable", "Range not satisfiable"
    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(f"There are {size:,} bytes, and none of them was asked for.", size=size)

    @property
    def headers(self) -> dict[str, str]:
        return {"Content-Range": f"bytes */{self.size}", "Accept-Ranges": "bytes"}


class AddressEnded(Refusal):
    """Told alike whatever the reason: whoever asks may not be who the address was given to."""

    code, title, status = "address-ended", "This address has ended", HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__("This address is not good for anything any more. Ask for a new one.")


class BudgetUsed(Refusal):
    code, title, status = "budget-used", "This address is used up", HTTPStatus.FORBIDDEN

    def __init__(self, budget: int) -> None:
        self.budget = budget
        super().__init__(
            f"This address was good for {budget:,} bytes, which are sent.", budget=budget
        )


class AddressExpired(Refusal):
    code, title, status = "address-expired", "This address has expired", HTTPStatus.GONE

    def __init__(self) -> None:
        super().__init__("The time of this address is over. Ask for a new one.")


class NotSure(Refusal):
    code, title = "not-sure", "Not available at the moment"
    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self) -> None:
        super().__init__(
            "Who may watch what cannot be looked up at the moment. Please try again in a minute."
        )

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": "5"}


class TooManyRequests(Refusal):
    code, title = "too-many-ranges", "Too many requests at once"
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, wait: float) -> None:
        self.wait = math.ceil(wait)
        super().__init__(
            f"This asks for small parts of films too quickly. It may go on in {self.wait} s.",
            wait=self.wait,
        )

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.wait)}


class TooManyStreams(Refusal):
    """`most` are those of one viewer; None where all viewers together have as many as may be."""

    code, title = "too-many-streams", "Too many streams at once"
    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, most: int | None) -> None:
        self.most = most
        if most is None:
            super().__init__(
                "As many films are being sent as this library can send at once. "
                "Please try again in a few seconds."
            )
        else:
            super().__init__(
                f"You have {most} streams open, which is the most at once. "
                "End one of them, on this or another device, and try again.",
                most=most,
            )

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": "5"}


class BytesUnavailable(Refusal):
    code, title = "bytes-unavailable", "Not available at the moment"
    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, piece: int) -> None:
        self.piece = piece
        super().__init__(
            f"Piece {piece} of this film cannot be read at the moment. Please try again later, "
            "or tell whoever runs this library.",
            piece=piece,
        )


class NotHere(BytesUnavailable):
    """No place of this machine has the bytes; whoever asked may try elsewhere."""


class DownloadFailed(Exception):
    """The text is a sentence that may be shown."""


class WrongBytes(DownloadFailed):
    def __init__(self, what: str, places: list[str]) -> None:
        self.what, self.places = what, places
        where = f" {' and '.join(places)}" if places else ""
        super().__init__(f"{what} is wrong{where}: these are not the bytes of this film.")


class InTheWay(DownloadFailed):
    pass


class Stopped(DownloadFailed):
    def __init__(self) -> None:
        super().__init__("Stopped. The same command goes on from here.")
