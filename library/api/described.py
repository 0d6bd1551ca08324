"""Helps views say in the API's description which answers they give."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from library.shapes import ProblemShape

_WHY = {
    400: "Something in the request is wrong; `errors` says what.",
    401: "Sign in first, or again.",
    403: "You may see this, but not do that.",
    404: "Not there, or not yours to see.",
    409: "It is not in a state for that.",
    405: "There is no such method here.",
    406: "It cannot be told in the form you accept.",
    410: "It is over.",
    412: "It is not the version you named.",
    413: "Too large.",
    415: "Wrong Content-Type.",
    422: "It can be read, and is none of what it should be.",
    423: "Somebody else is at it.",
    428: "Say which version you change.",
    429: "Too many; `Retry-After` says when.",
    460: "The checksum does not match.",
    503: "A key is missing, wrong or damaged.",
    507: "Not enough disk space.",
}


# For what others may change too: an ETag that was read, or its version.
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description='the ETag that was read, or `"<version>"`; `*` for whichever there is',
)


def why(status: int) -> str:
    return _WHY[status]


def answers(shape: Any, *problems: int, status: int | None = None) -> dict[Any, Any]:
    """
    `shape` with 200 (or `status`; None as shape: 204 without a body), and the problems.
    """
    good = OpenApiResponse(shape) if shape else OpenApiResponse(description="Done.")
    return {status or (200 if shape else 204): good, **refusals(*problems)}


def refusals(*problems: int) -> dict[Any, Any]:
    return {
        (number, "application/problem+json"): OpenApiResponse(
            ProblemShape, description=_WHY[number]
        )
        for number in problems
    }
