"""Which pieces are to leave their data sets. Rows only; `removing` has them taken out."""

from __future__ import annotations

from library.models import Copy, DataSet, Removal, Video


def ask(data_set: DataSet, number: int, cid: str, title: str, reason: str) -> None:
    """Put a removal down, inside the transaction that makes it necessary."""
    Removal.objects.get_or_create(
        data_set=data_set,
        piece_id=number,
        defaults={"piece_cid": cid, "title": title[:300], "reason": reason[:200]},
    )


def ask_for_film(video: Video) -> int:
    """
    What a film leaves behind on the network when its rows go: each of its pieces, but for
    those that another film has in the same data set. Returns how many removals that makes.
    """
    count = 0
    own = Copy.objects.filter(piece__video=video, data_set__isnull=False, number__isnull=False)
    for copy in own.select_related("piece", "data_set"):
        assert copy.data_set is not None and copy.number is not None
        shared = (
            Copy.objects.filter(data_set=copy.data_set, number=copy.number)
            .exclude(piece__video=video)
            .exists()
        )
        if not shared:
            ask(
                copy.data_set,
                copy.number,
                copy.piece.piece_cid,
                video.title,
                "Its film was erased.",
            )
            count += 1
    return count
