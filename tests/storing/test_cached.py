"""Cached blocks go with their film."""

import pytest

from library import films, places
from library.models import Video
from library.storing import cached, sweeps, trash
from tests.making import stored_video

pytestmark = pytest.mark.django_db


def cache_a_block(cid):
    path = places.cached_block(cid, 0)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"a block")
    return path


def test_the_blocks_of_a_purged_film_go_with_it(alice):
    video = stored_video(alice)
    block = cache_a_block(video.piece_cid)
    films.trash(video)
    assert block.exists()
    trash.purge(Video.objects.get())
    assert not block.parent.exists()


def test_they_stay_while_another_film_has_the_same_bytes(alice, mallory):
    video = stored_video(alice, b"the same", stored_open=True)
    stored_video(mallory, b"the same", stored_open=True)
    block = cache_a_block(video.piece_cid)
    films.trash(video)
    trash.purge(Video.objects.get(pk=video.pk))
    assert block.exists()


def test_blocks_that_came_while_their_film_was_erased_are_swept(alice):
    kept = cache_a_block(stored_video(alice).piece_cid)
    orphan = cache_a_block(kept.parent.name[:-4] + "aaaa")
    sweeps.orphans()
    assert kept.exists()
    assert not orphan.parent.exists()


def test_a_library_without_a_cache_has_nothing_to_sweep(alice):
    assert list(cached.kept()) == []
    assert not cached.let_go(stored_video(alice).piece_cid)
