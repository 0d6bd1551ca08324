"""How much is asked of an RPC node: a library of 10,000 films stays under a public node's limit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from library.models import Copy, DataSet, Piece, Provider, Video
from library.network import accounting, comparing, connection, patrol

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.xdist_group("network"),
]
FILMS, SETS = 10_000, 40


@pytest.fixture
def large(stage):
    """Forty rows of data sets that look at two real ones, and films that are in them."""
    video = stage.film()
    stage.work(video)
    real = list(DataSet.objects.values_list("number", flat=True))
    now = timezone.now()
    sets = []
    for number in range(SETS):
        provider = Provider.objects.create(
            network="devnet", number=1000 + number, name=f"p{number}", seen_at=now
        )
        sets.append(
            DataSet.objects.create(
                provider=provider,
                owner=stage.payer,
                client_data_set_id=str(number),
                number=real[number % len(real)],
                state=DataSet.State.LIVE,
                compared_at=now,
                created_at=now,
            )
        )
    videos = [
        Video(
            owner=stage.owner,
            title=f"Film {number}",
            size=1000,
            sha256=f"{number:064x}",
            piece_cid=video.piece_cid,
            network="devnet",
            wanted_copies=2,
            held_copies=2,
            committed_copies=2,
            committed_at=now,
            state=Video.State.COMMITTED,
            kind=Video.Kind.FILM,
        )
        for number in range(FILMS)
    ]
    Video.objects.bulk_create(videos, batch_size=1000)
    pieces = [
        Piece(video=one, index=0, offset=0, size=1000, piece_cid=video.piece_cid) for one in videos
    ]
    Piece.objects.bulk_create(pieces, batch_size=1000)
    Copy.objects.bulk_create(
        [
            Copy(
                piece=piece,
                provider=data_set.provider.key,
                holder=data_set.provider,
                data_set=data_set,
                number=index,
                state=Copy.State.COMMITTED,
                stored_at=now,
                verified_at=now,
            )
            for index, piece in enumerate(pieces)
            for data_set in (sets[index % SETS], sets[(index + 1) % SETS])
        ],
        batch_size=1000,
    )
    return sets


def test_a_patrol_of_ten_thousand_films_asks_less_than_a_hundred_things(large):
    at = connection.current()
    node = at.service.caller.node
    before = node.requests
    patrol.look_at_proofs(at)
    patrol.find_the_gone(at)
    patrol.mend(at)
    patrol.tidy(at)
    accounting.watch(at)
    looked = node.requests - before
    # The comparison reads each data set whole: here one page of 500 pieces for each.
    DataSet.objects.update(compared_at=timezone.now())
    before = node.requests
    for data_set in large:
        at.run(at.service.pieces(data_set.number))
    compared = node.requests - before
    print(f"a patrol: {looked} requests; comparing {SETS} data sets: {compared}")
    assert looked + compared <= 100
    assert comparing.compare(at, timedelta(hours=1)) == []
