"""With STREAM_VERIFY_ALWAYS a block of this machine is shown only after it was found right."""

import asyncio
import shutil

import pytest

from filmedia.filecoin.piece import BLOCK_SIZE
from library import places
from library.models import Video
from streaming.errors import BytesUnavailable
from streaming.http.ranges import Window
from tests.making import SMALL_PIECES, received_video, stored_video
from tests.streaming.conftest import FILM, flip, known_bytes
from tests.streaming.reading.test_windows import opened, rest

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def always(settings):
    settings.STREAM_VERIFY_ALWAYS = True


@pytest.mark.parametrize("make", [received_video, stored_video])
def test_a_film_as_it_was_stored_is_sent_whole(alice, make):
    video = make(alice, FILM, piece_size=SMALL_PIECES)
    assert asyncio.run(rest(opened(video))) == FILM


@pytest.mark.parametrize("position", [0, SMALL_PIECES - 1])
def test_a_wrong_byte_on_the_shelf_ends_the_stream_before_its_block(film, position):
    """Without the setting these bytes would be sent: they were right when they were written."""
    flip(places.shelved_piece(film.pieces.get(index=1).piece_cid), position)
    got, reader = bytearray(), opened(film)

    async def watch():
        try:
            async for part in reader:
                got.extend(part)
        finally:
            await reader.aclose()

    with pytest.raises(BytesUnavailable, match="Piece 1"):
        asyncio.run(watch())
    assert got == FILM[:SMALL_PIECES]


def test_a_wrong_byte_in_staging_is_never_shown_where_the_shelf_is_right(alice):
    video = received_video(alice, FILM, piece_size=SMALL_PIECES)
    for piece in video.pieces.all():
        shelved = places.shelved_piece(piece.piece_cid)
        shelved.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(places.staged_piece(video.staging, piece.index), shelved)
    flip(places.staged_piece(video.staging, 1), 77)
    assert (
        asyncio.run(rest(opened(video, Window(SMALL_PIECES, 2 * SMALL_PIECES))))
        == (FILM[SMALL_PIECES : 2 * SMALL_PIECES])
    )


def test_what_was_right_in_one_place_is_not_believed_of_the_next(alice):
    """A read across the border of two blocks, of which each place has another one wrong."""
    data = known_bytes(3 * BLOCK_SIZE)
    video = received_video(alice, data, piece_size=4 * BLOCK_SIZE)
    shelved = places.shelved_piece(video.pieces.get().piece_cid)
    shelved.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(places.staged_piece(video.staging, 0), shelved)
    flip(places.staged_piece(video.staging, 0), BLOCK_SIZE + 77)
    flip(shelved, BLOCK_SIZE - 10)
    window = Window(BLOCK_SIZE - 1000, BLOCK_SIZE + 1000)
    with pytest.raises(BytesUnavailable):
        asyncio.run(rest(opened(video, window)))


def test_roots_that_are_not_the_films_are_not_believed(film):
    roots = places.roots(film.pk)
    roots.write_bytes(bytes(len(roots.read_bytes())))
    assert Video.objects.get(pk=film.pk).piece_cid == film.piece_cid
    with pytest.raises(BytesUnavailable):
        asyncio.run(rest(opened(film)))
