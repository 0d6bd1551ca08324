"""A film of the library by whatever of its names was given: its id or its PieceCID."""

from __future__ import annotations

import re
from typing import Any

from filmedia.client.api import Api
from filmedia.client.errors import BadArguments, ClientError

Film = dict[str, Any]
# What stands in an address as it is.
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CID = re.compile(r"baf[a-z2-7]{20,200}")


def find(api: Api, name: str) -> Film:
    """Everything the library tells of it."""
    if _CID.fullmatch(name):
        return _detail(api, _holding(api, name))
    if not _ID.fullmatch(name):
        raise BadArguments(f"{name!r} is neither a film's id nor a PieceCID.")
    return _detail(api, name)


def _holding(api: Api, cid: str) -> str:
    """The id of the newest film that this PieceCID is the name of."""
    found = api.json("GET", "/api/v1/videos/", params={"piece_cid": cid})["items"]
    for film in found:
        if film["piece_cid"] == cid:
            return str(film["id"])
    if found:
        ids = ", ".join(film["id"] for film in found[:5])
        raise ClientError(f"{cid} is a part of a film, not the whole of one. Films with it: {ids}")
    raise ClientError(f"No film that you may see has the PieceCID {cid}.")


def _detail(api: Api, video_id: str) -> Film:
    return api.json("GET", f"/api/v1/videos/{video_id}/")
