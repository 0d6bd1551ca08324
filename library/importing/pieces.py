"""What is typed for a film that is known only by its pieces: PieceCIDs, and where to read them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import httpx
from django.conf import settings

from filmedia.filecoin.errors import PieceError, ProviderUnfit
from filmedia.filecoin.piece import PieceCid
from filmedia.filecoin.provider.addresses import checked_service_url
from library.errors import Invalid

MOST_PIECES, MOST_SOURCES = 10_000, 20
_SIZED = re.compile(r"(\S+):([0-9]{1,18})")


def cids(texts: Sequence[str]) -> list[PieceCid]:
    """
    The pieces of one film, in order. A v2 PieceCID tells how long its piece is; behind a v1
    the bytes are written, as in `baga…:1048576`. Raises Invalid.
    """
    if not 1 <= len(texts) <= MOST_PIECES:
        raise Invalid(f"A film has 1 to {MOST_PIECES:,} pieces.", field="cids")
    found = [cid(text) for text in texts]
    if any(not one.size for one in found):
        raise Invalid("A piece without bytes is no part of a film.", field="cids")
    return found


def cid(text: str) -> PieceCid:
    text = text.strip()
    try:
        if sized := _SIZED.fullmatch(text):
            return _sized(sized[1], int(sized[2]))
        return PieceCid.parse(text)
    except PieceError as error:
        more = ""
        if "v1" in str(error) and not _SIZED.fullmatch(text):
            more = f" Write its bytes behind it: {text[:100]}:BYTES"
        raise Invalid(f"{error}{more}", field="cids") from None


def _sized(text: str, size: int) -> PieceCid:
    try:
        known = PieceCid.parse(text)
    except PieceError:
        return PieceCid.from_v1(text, size)
    if known.size != size:
        raise Invalid(f"{text} has {known.size} bytes, and not {size}.", field="cids")
    return known


@dataclass(frozen=True)
class Place:
    """An address below which `/piece/<PieceCID>` is. `trusted`: the operator named its host."""

    url: str
    trusted: bool


def places(addresses: Iterable[str], names: Sequence[PieceCid] = ()) -> list[Place]:
    """Raises Invalid where there are too many, or one of them may not be asked."""
    found = list(dict.fromkeys(place(address, names) for address in addresses if address.strip()))
    if len(found) > MOST_SOURCES:
        raise Invalid(f"{MOST_SOURCES} addresses are enough.", field="sources")
    return found


def place(address: str, names: Sequence[PieceCid] = ()) -> Place:
    """
    A stranger's input: https and the public internet only, unless IMPORT_HOSTS names the host.
    An address that ends with one of the pieces themselves is taken, too. Raises Invalid.
    """
    address = address.strip()
    base, _, last = address.rpartition("/piece/")
    if base and last.rstrip("/") in {name for cid in names for name in (str(cid), cid.v1)}:
        address = base
    try:
        read = checked_service_url(address, allow_insecure=True)
        trusted = _is_trusted(httpx.URL(read))
        return Place(read if trusted else checked_service_url(address), trusted)
    except ProviderUnfit as error:
        hint = "" if trusted_hosts() else " (IMPORT_HOSTS can allow hosts of your own network)"
        said = f"{address[:100]!r} cannot be read from: {error.why}{hint}."
        raise Invalid(said, field="sources") from None


def trusted_hosts() -> set[str]:
    return {host.lower() for host in settings.IMPORT_HOSTS}


def _is_trusted(url: httpx.URL) -> bool:
    """By its host, or by host and port."""
    return bool({url.host.lower(), f"{url.host}:{url.port}".lower()} & trusted_hosts())
