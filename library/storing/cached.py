"""
Blocks that the streaming engine has kept on disk: it may have them as long as a film does.

Nobody reads them here, and nobody who does minds that they go.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from library import places
from library.models import Video


def let_go(film_cid: str) -> bool:
    """Remove the blocks, unless there is a film of these stored bytes. Returns whether it did."""
    folder = places.cached_film(film_cid)
    if not folder.is_dir() or needed([film_cid]):
        return False
    shutil.rmtree(folder, ignore_errors=True)
    return True


def needed(film_cids: list[str]) -> set[str]:
    """Those of them that are films' PieceCIDs."""
    found = Video.objects.filter(piece_cid__in=film_cids)
    return set(found.values_list("piece_cid", flat=True))


def kept() -> Iterator[str]:
    """The PieceCIDs of films of which blocks are cached."""
    for path in places.cached_blocks().glob("??/bafkzcib*"):
        yield path.name
