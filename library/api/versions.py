"""
`If-Match`: who changes what others may change too says which version they have read.

An ETag begins with the version of what it is of (`library.api.etags`), so it is enough to
send that back; the version alone will do, too.
"""

from __future__ import annotations

import re

from rest_framework.request import Request

from library.errors import Invalid, VersionRequired

_TAG = re.compile(r'"v?([0-9]{1,9})(?:-[0-9a-f]+)?"')
ANY = "*"


def expected(request: Request) -> int | None:
    """
    The version that a change is meant for; None for "whichever there is now" (`*`).

    Raises VersionRequired where nothing is said, and Invalid where it is no version.
    """
    if (said := said_of(request)) is None:
        raise VersionRequired
    return said if said >= 0 else None


def expected_if_said(request: Request) -> int | None:
    """The same where a change needs no version: None also where nothing is said."""
    said = said_of(request)
    return said if said is not None and said >= 0 else None


def said_of(request: Request) -> int | None:
    """None without the header; -1 for `*`."""
    header = request.headers.get("If-Match")
    if header is None:
        return None
    if header.strip() == ANY:
        return -1
    found = _TAG.fullmatch(header.strip())
    if found is None:
        raise Invalid(
            'If-Match is the ETag of what was read, or its version: "12". A weak one will not do.',
            field="If-Match",
        )
    return int(found[1])
