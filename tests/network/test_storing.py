"""From received to committed on a network, and what may go wrong on the way."""

from __future__ import annotations

from collections import Counter

import pytest

from library import places
from library.models import Addition, Copy, Event, Payment, Step, Video, Visibility
from library.storing.original import Original
from tests.making import SMALL_PIECES, received_video

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.xdist_group("network"),
]


def read(video):
    with Original(video) as original:
        return original.read(0, video.size)


def stored_once(stage, *videos):
    """Every piece of these films is on chain once at each of two providers, and nothing else."""
    added = Counter(stage.added())
    pieces = {piece.piece_cid for video in videos for piece in video.pieces.all()}
    assert set(added.values()) == {1}, added
    assert Counter(cid for _, cid in added) == dict.fromkeys(pieces, 2)


def test_a_film_is_stored_committed_read_back_and_let_go(stage):
    video = stage.film()
    data = read(video)
    stage.work(video)
    assert (video.held_copies, video.committed_copies, video.wanted_copies) == (2, 2, 2)
    assert len(stage.holders(video)) == 2
    stored_once(stage, video)
    stage.work_until(lambda: not Video.objects.get(pk=video.pk).staging)
    video.refresh_from_db()
    assert not list((places.data() / "staging").glob("upl_*"))
    assert all(copy.verified_at for copy in stage.copies(video))
    assert read(video) == data
    assert places.roots(video.pk).is_file()
    assert Payment.objects.filter(kind="create").count() == 2
    happened = set(Event.objects.values_list("type", flat=True))
    assert {"video.stored", "video.committed", "video.verified"} <= happened


def test_the_first_copy_is_at_an_endorsed_provider(stage):
    video = stage.film()
    stage.work(video)
    endorsed = {one.id for one in stage.net.providers[:2]}
    assert stage.holders(video) & endorsed


def test_a_film_becomes_proven(stage):
    video = stage.film()
    stage.work(video, until=Video.State.PROVEN)
    assert not video.state_reason


def test_no_plain_byte_of_a_private_film_reaches_a_provider(stage):
    secret = b"The harbour at dawn, and nobody may see it. " * 40_000
    video = received_video(stage.owner, secret, piece_size=SMALL_PIECES, kind=Video.Kind.FILM)
    from library.storing import steps

    video.steps.update(state=Step.State.DONE)
    steps.enqueue(video, Step.Kind.STORE)
    stage.work(video)
    held = [path for one in stage.net.providers for path in one.folder.glob("piece-*")]
    assert {path.name.removeprefix("piece-") for path in held} >= {
        piece.piece_cid for piece in video.pieces.all()
    }
    for path in held:
        assert secret[:16] not in path.read_bytes()


def test_films_that_arrive_together_share_a_transaction(stage):
    videos = [stage.film(size=5000) for _ in range(6)]
    stage.work(*videos)
    stored_once(stage, *videos)
    assert Addition.objects.count() == 2


def test_a_piece_that_two_films_have_is_paid_for_once(stage):
    data = bytes(range(256)) * 8000
    films = []
    for title in ("First", "Second"):
        video = received_video(
            stage.owner,
            data,
            title=title,
            visibility=Visibility.PUBLIC,
            piece_size=SMALL_PIECES,
            stored_open=True,
            kind=Video.Kind.FILM,
        )
        from library.storing import steps

        video.steps.update(state=Step.State.DONE)
        steps.enqueue(video, Step.Kind.STORE)
        films.append(video)
    stage.work(*films)
    stored_once(stage, films[0])


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"finalise_lost_answer": {"times": 1}}, id="finalise answered into the void"),
        pytest.param({"add_lost_answer": {"times": 1}}, id="addition answered into the void"),
        pytest.param({"add_never_submitted": {"times": 1}}, id="addition never submitted"),
        pytest.param({"add_reverts": {"times": 1}}, id="addition fails in its block"),
        pytest.param({"break_upload_at": {"value": 500_000, "times": 1}}, id="upload breaks"),
        pytest.param({"forget_session": {"times": 1}}, id="session forgotten"),
        pytest.param({"disk_full_500": {"times": 1}}, id="disk full once"),
        pytest.param({"busy_429": {"value": 0, "times": 3}}, id="too busy for a moment"),
        pytest.param({"busy_without_retry_after": {"times": 3}}, id="too busy, says not how long"),
        pytest.param({"tx_pending_for": 2}, id="the provider tells late"),
        pytest.param({"forget_pieces": {"times": 1}}, id="a parked piece is forgotten"),
        pytest.param({"pull_fails": True}, id="pulls fail"),
        pytest.param({"pull_partly_fails": True}, id="pulls fail in part"),
        pytest.param({"wrong_cid": {"times": 1}}, id="another CID is answered"),
        pytest.param({"alerts_503": {"times": 2}}, id="alerts"),
    ],
)
def test_whatever_goes_wrong_for_a_moment_every_piece_is_added_once(stage, fault):
    for provider in stage.net.providers:
        provider.faults(**fault)
    video = stage.film()
    stage.work(video, timeout=90)
    stored_once(stage, video)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"refuse_ping": True}, id="no ping"),
        pytest.param({"garbage": True}, id="garbage"),
        pytest.param({"redirect_to": "http://169.254.169.254/latest"}, id="redirects inwards"),
        pytest.param({"wrong_cid": True}, id="always another CID"),
        pytest.param({"disk_full_500": True}, id="disk full"),
        pytest.param({"busy_429": 1}, id="always too busy"),
    ],
)
def test_a_provider_that_is_of_no_use_is_left_for_another(stage, fault):
    bad = stage.net.providers[0]
    bad.faults(**fault)
    video = stage.film()
    stage.work(video, timeout=90)
    assert bad.id not in stage.holders(video)
    stored_once(stage, video)


def test_a_dead_provider_is_left_for_another(stage):
    dead = stage.net.providers[0]
    dead.kill()
    video = stage.film()
    stage.work(video)
    assert dead.id not in stage.holders(video)


def test_fewer_providers_than_copies_leave_the_film_usable_and_the_rest_goes_on(stage):
    for provider in stage.net.providers[1:]:
        provider.faults(refuse_ping=True)
    video = stage.film()
    data = read(video)

    def stored_at_one():
        video.refresh_from_db()
        step = video.steps.get(kind=Step.Kind.STORE)
        return video.held_copies == 1 and video.committed_copies == 1 and "Fewer" in step.error

    stage.work_until(stored_at_one)
    assert video.state == Video.State.STORED
    assert video.state_words == "Stored 1 of 2"
    assert video.staging and read(video) == data
    for provider in stage.net.providers:
        provider.well()
    stage.work(video)
    stored_once(stage, video)


def test_an_addition_that_is_sent_again_has_the_nonce_it_had(stage):
    for provider in stage.net.providers:
        provider.faults(add_never_submitted={"times": 2})
    video = stage.film()
    stage.work_until(lambda: Addition.objects.exists())
    nonces = set(Addition.objects.values_list("nonce", flat=True))
    stage.work(video)
    assert nonces <= set(Addition.objects.values_list("nonce", flat=True))
    assert Addition.objects.count() == 2


def test_pieces_that_were_forgotten_before_their_commit_are_sent_again(stage):
    for provider in stage.net.providers:
        provider.faults(add_never_submitted=True)
    video = stage.film()
    stage.work_until(lambda: Addition.objects.filter(state="sent").count() == 2)
    cids = [piece.piece_cid for piece in video.pieces.all()]
    for provider in stage.net.providers:
        for cid in cids:
            provider.forget(cid)
        provider.well()
    stage.work(video, timeout=90)
    stored_once(stage, video)
    assert all(copy.state == Copy.State.COMMITTED for copy in stage.copies(video))


def test_a_rendition_has_as_many_copies_as_its_original(stage, settings):
    video = stage.film(size=5000)
    stage.work(video)
    settings.COPIES = 1
    film = stage.film(size=4000, rendition_of=video)
    stage.work(film)
    assert (film.wanted_copies, film.committed_copies) == (2, 2)
    stored_once(stage, video, film)
