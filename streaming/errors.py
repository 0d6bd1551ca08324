"""
What the addresses that give bytes refuse.

Refusal                     of the library; knows its code, its HTTP status and its facts
├── NotThisMethod           405
├── PreconditionFailed      412  the body is not the one that the request was meant for
├── RangeNotSatisfiable     416
└── BytesUnavailable        503  they should be here and cannot be read now
DownloadFailed              a film could not be put on a disk
├── WrongBytes              no place has the bytes that the PieceCID names
├── InTheWay                another file or another download is where it should go
└── Stopped                 somebody asked for it; what is there is a beginning
"""

from __future__ import annotations

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
