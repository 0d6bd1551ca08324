"""`verify` and `import_piece` with providers of a network."""

from __future__ import annotations

import pytest

from library.importing import asking, fetching
from library.models import Copy, Import, Video
from library.rereading import films, noting

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.xdist_group("network"),
]


@pytest.fixture
def kept(stage):
    """A public film whose copies are on chain, with nothing of it left here."""
    video = stage.film(visibility="public")
    stage.work_until(lambda: not Video.objects.get(pk=video.pk).staging)
    video.refresh_from_db()
    return video


def test_every_copy_is_read_and_a_wrong_one_is_told_with_its_block_and_replaced(stage, kept):
    report = films.look(kept)
    assert report.is_right, (report.faults, report.unread)
    assert report.read == films.size_of(kept) == 2 * kept.size
    bad = stage.provider(min(stage.holders(kept)))
    bad.faults(corrupt_piece=True)
    report = films.look(kept)
    assert {fault.piece for fault in report.faults} == {0, 1, 2}
    assert {fault.block for fault in report.faults} == {0}
    assert not films.look_at_some(kept).is_right
    noting.note(report)
    assert Copy.objects.filter(state=Copy.State.LOST).count() == 3


def test_a_film_is_found_at_the_network_s_providers_without_an_address(stage, kept, mallory):
    cids = list(kept.pieces.order_by("index").values_list("piece_cid", flat=True))
    row = asking.ask(mallory, cids)
    assert fetching.take_one("a worker")
    row.refresh_from_db()
    assert (row.state, row.error) == (Import.State.DONE, "")
    assert row.upload.video.sha256 == kept.sha256
