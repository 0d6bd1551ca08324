"""A search that is the name of a film leads to it: those that may see it, and nobody else."""

import pytest

from filmedia.filecoin.piece import PieceCid
from library import films, finding
from library.finding import Question, cids
from library.models import Addition, Copy, DataSet, Provider
from tests.making import SMALL_PIECES, received_video, stored_video

pytestmark = pytest.mark.django_db

HASH = "0x" + "aB" * 32


@pytest.fixture
def video(alice):
    return stored_video(alice, bytes(SMALL_PIECES + 10), piece_size=SMALL_PIECES, title="Harbour")


def added(video, transaction, nonce="1", **more):
    """The copies of a film's pieces, as put on chain by a transaction."""
    provider, _ = Provider.objects.get_or_create(network="devnet", number=1, defaults={"name": "p"})
    data_set, _ = DataSet.objects.get_or_create(
        provider=provider, owner="0x1", client_data_set_id="1"
    )
    addition = Addition.objects.create(
        data_set=data_set, nonce=nonce, transaction=transaction, **more
    )
    Copy.objects.filter(piece__video=video).update(addition=addition)


@pytest.mark.parametrize(
    "name",
    [
        "{id}",
        "  {id} ",
        "/watch/{id}/",
        "https://films.example.org/watch/{id}/?t=1m2s",
        "films.example.org/watch/{id}/",
        "localhost:8000/watch/{id}",
        "http://localhost:8000/stream/{id}/",
        "https://films.example.org/poster/{id}/",
        "https://films.example.org/storyboard/{id}.jpg",
        "https://films.example.org/watch/{id}/edit/",
        "https://films.example.org/api/v1/videos/{id}/playback/",
        "{cid}",
        "{v1}",
        "{piece}",
        "{piece_v1}",
        "https://provider.example.net/piece/{piece}",
        "provider.example.net/piece/{piece}/",
    ],
)
def test_a_name_of_a_film_opens_it_for_whoever_may_see_it(video, alice, mallory, name):
    piece = video.pieces.last().piece_cid
    text = name.format(
        id=video.pk,
        cid=video.piece_cid,
        v1=PieceCid.parse(video.piece_cid).v1,
        piece=piece,
        piece_v1=PieceCid.parse(piece).v1,
    )
    received_video(alice, b"another", title="Another")
    assert finding.target(alice, text) == video
    assert [found.pk for found in Question(text.strip()).apply(alice)] == [video.pk]
    assert finding.target(mallory, text) is None
    assert not Question(text.strip()).apply(mallory).exists()


@pytest.mark.parametrize("name", [HASH, HASH.lower(), f"https://filfox.info/en/tx/{HASH}"])
def test_a_transaction_opens_the_film_that_it_put_on_chain(video, alice, mallory, name):
    added(video, HASH.lower())
    assert finding.target(alice, name) == video
    assert finding.target(mallory, name) is None


def test_a_transaction_that_was_replaced_is_known_by_both_names(video, alice):
    added(video, "0x" + "1" * 64, confirmed_transaction=HASH.lower())
    assert finding.target(alice, "0x" + "1" * 64) == finding.target(alice, HASH) == video


def test_a_transaction_of_several_films_lists_them(video, alice):
    added(video, HASH.lower())
    other = stored_video(alice, b"other", title="Other")
    Copy.objects.filter(piece__video=other).update(addition=Addition.objects.get())
    assert finding.target(alice, HASH) is None
    assert {film.title for film in Question(HASH).apply(alice)} == {"Harbour", "Other"}


def test_a_film_of_mine_in_the_trash_opens_too(video, alice, mallory, admin):
    films.change(video, visibility="public")
    films.trash(video)
    assert finding.target(alice, video.pk) == finding.target(admin, video.pk) == video
    assert finding.target(mallory, video.pk) is None


@pytest.mark.parametrize(
    "words",
    [
        "",
        "harbour",
        "vid_",
        "vid_nowhere",
        "watch/vid_nowhere",
        "https://films.example.org/",
        "http://[",
        "baga",
        "bafkzcib",
        "0x12",
        "x" * 10_000,
        "/watch/\0/",
        "\ud800",
        "javascript:/watch/vid_x/",
    ],
)
def test_anything_else_opens_nothing(video, alice, words):
    assert finding.target(alice, words) is None


@pytest.mark.parametrize("size", [0, 127, 128, 1_000, 10**5, 10**7, 10**10, 2**38, 2**45 + 1])
def test_a_v1_cid_is_the_end_of_every_v2_cid_of_its_root(size, alice):
    root = bytes(range(32))
    cid = PieceCid(root, size)
    video = received_video(alice, b"x")
    type(video).objects.filter(pk=video.pk).update(piece_cid=str(cid))
    assert cids.holding(cids.read(cid.v1)).get() == video
    other = PieceCid(bytes(32), size)
    assert not cids.holding(cids.read(other.v1)).exists()


def test_the_second_of_an_address_is_kept():
    assert finding.moment("https://films.example.org/watch/vid_x/?t=1m2s") == "1m2s"
    assert finding.moment("vid_x") == ""
