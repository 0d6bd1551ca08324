"""Who gets bytes at which address, and who does not learn that there are any."""

from datetime import timedelta

import pytest
from django.utils import timezone

from filmedia.filecoin.piece import PieceCid
from library.models import DeviceToken, Video, Visibility
from tests.making import SMALL_PIECES, as_stored, received_video, stored_video
from tests.streaming.conftest import FILM, Asking, token_of

pytestmark = pytest.mark.django_db


def test_mallory_cannot_tell_a_private_film_from_none(film, as_mallory, anyone):
    piece = film.pieces.first()
    for asking in (as_mallory, anyone):
        for url, none in (
            (f"/stream/{film.pk}/", "/stream/vid_aaaaaaaaaaaaaaaa/"),
            (f"/piece/{piece.piece_cid}", f"/piece/{PieceCid(bytes(32), 1000)}"),
            (f"/piece/{film.piece_cid}", f"/piece/{PieceCid(bytes(32), 1000)}"),
            (f"/piece/{PieceCid.parse(piece.piece_cid).v1}", "/piece/nonsense"),
        ):
            for headers in (
                {},
                {"Range": "bytes=0-1"},
                {"If_None_Match": "*"},
                {"If_Match": '"x"'},
            ):
                headers = headers | {"X_Request_Id": "the-same"}
                hidden, missing = asking(url, **headers), asking(none, **headers)
                assert hidden.status == missing.status == 404
                assert hidden.body.replace(url.encode(), b"") == missing.body.replace(
                    none.encode(), b""
                )
                assert hidden["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("visibility", "anyone_gets", "mallory_gets"),
    [
        (Visibility.PRIVATE, 404, 404),
        (Visibility.MEMBERS, 404, 200),
        (Visibility.PUBLIC, 200, 200),
    ],
)
def test_visibility_rules_both_addresses(
    alice, as_alice, as_mallory, anyone, visibility, anyone_gets, mallory_gets
):
    video = stored_video(alice, visibility=visibility)
    for url in (f"/stream/{video.pk}/", f"/piece/{video.pieces.get().piece_cid}"):
        assert anyone(url).status == anyone_gets
        assert as_mallory(url).status == mallory_gets
        assert as_alice(url).status == 200


def test_staff_see_every_film(film, admin):
    assert Asking(admin)(f"/stream/{film.pk}/", Range="bytes=0-0").status == 206


def test_what_is_in_the_trash_is_gone_for_all(film, alice, as_alice, admin):
    Video.objects.filter(pk=film.pk).update(trashed_at=timezone.now())
    for asking in (as_alice, Asking(admin)):
        assert asking(f"/stream/{film.pk}/").status == 404
        assert asking(f"/piece/{film.pieces.first().piece_cid}").status == 404


@pytest.mark.parametrize("video_id", ["%00", "vid_%F0%9F%8E%AC", "x" * 500, "vid_AAAA", "'--"])
def test_ids_that_are_none_are_not_found(as_alice, video_id):
    assert as_alice(f"/stream/{video_id}/").status == 404
    assert as_alice(f"/piece/{video_id}").status == 404


# --- tokens


def test_a_device_streams_with_its_token(film, alice):
    answer = Asking(token=token_of(alice))(f"/stream/{film.pk}/", Range="bytes=10-19")
    assert (answer.status, answer.body) == (206, FILM[10:20])


def test_mallorys_token_opens_nothing_of_alices(film, mallory):
    assert Asking(token=token_of(mallory))(f"/stream/{film.pk}/").status == 404


def test_a_token_that_is_not_good_is_refused_even_where_none_is_needed(alice, mallory):
    public = stored_video(alice, visibility=Visibility.PUBLIC)
    revoked, expired, inactive = token_of(alice), token_of(alice), token_of(mallory)
    keys = [token[:15] for token in (revoked, expired)]
    DeviceToken.objects.filter(token_key=keys[0]).delete()
    DeviceToken.objects.filter(token_key=keys[1]).update(
        expiry=timezone.now() - timedelta(seconds=1)
    )
    mallory.is_active = False
    mallory.save()
    for token in (revoked, expired, inactive, "wrong", "two words", "é", "\u00ff" * 40):
        for url in (f"/stream/{public.pk}/", f"/piece/{public.pieces.get().piece_cid}"):
            answer = Asking(token=token)(url)
            assert (answer.status, answer["WWW-Authenticate"]) == (401, "Bearer")
            assert answer["Content-Type"] == "application/problem+json"


def test_a_wrong_token_is_refused_in_spite_of_a_session(film, as_alice):
    url = f"/stream/{film.pk}/"
    assert as_alice(url, Authorization="Bearer wrong").status == 401
    assert as_alice(url, Authorization="Bearer").status == 401


def test_credentials_of_another_scheme_are_for_somebody_else(film, as_alice):
    assert as_alice(f"/stream/{film.pk}/", "HEAD", Authorization="Basic YTpi").status == 200


def test_a_session_ends_when_its_user_does(film, alice, as_alice):
    alice.is_active = False
    alice.save()
    assert as_alice(f"/stream/{film.pk}/").status == 404


# --- methods


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_told_which_there_are(film, as_alice, anyone, method):
    for asking in (as_alice, anyone):
        for url in (f"/stream/{film.pk}/", f"/piece/{film.piece_cid}"):
            answer = asking(url, method)
            assert (answer.status, answer["Allow"]) == (405, "GET, HEAD")


# --- pieces


def test_each_piece_is_there_under_its_cid_as_it_is_stored(film, as_alice):
    stored = as_stored(film, FILM)
    for piece in film.pieces.all():
        answer = as_alice(f"/piece/{piece.piece_cid}")
        assert answer.body == stored[piece.offset : piece.offset + piece.size]
        assert answer["ETag"] == f'"{piece.piece_cid}"'
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"] == f'attachment; filename="{piece.piece_cid}.bin"'


def test_a_piece_has_ranges(film, as_alice):
    piece = film.pieces.get(index=1)
    answer = as_alice(f"/piece/{piece.piece_cid}", Range="bytes=-10")
    stored = as_stored(film, FILM)
    assert (answer.status, answer.body) == (206, stored[2 * SMALL_PIECES - 10 : 2 * SMALL_PIECES])
    assert answer["Content-Range"].endswith(f"/{piece.size}")


def test_the_cid_of_a_film_gives_all_of_it(film, as_alice):
    assert as_alice(f"/piece/{film.piece_cid}").body == as_stored(film, FILM)


def test_a_film_that_is_stored_open_is_its_own_pieces(alice, as_alice):
    film = stored_video(alice, FILM, piece_size=SMALL_PIECES, stored_open=True)
    assert as_alice(f"/piece/{film.piece_cid}").body == FILM


@pytest.mark.parametrize("size", [1, 126, 127, 5000, 127 * 8192, 127 * 8192 + 1])
def test_a_v1_cid_finds_the_same_bytes(alice, as_alice, size):
    video = stored_video(alice, FILM[:size])
    cid = PieceCid.parse(video.pieces.get().piece_cid)
    old, new = as_alice(f"/piece/{cid.v1}"), as_alice(f"/piece/{cid}")
    assert (old.status, old.body, old["ETag"]) == (200, new.body, new["ETag"])


@pytest.mark.parametrize("make", [received_video, stored_video])
@pytest.mark.parametrize("size", [1, 10, 126])
def test_a_short_piece_has_its_zeros_as_providers_hold_it(alice, as_alice, make, size):
    video = make(alice, FILM[:size])
    cid = video.pieces.get().piece_cid
    stored = as_stored(video, FILM[:size])
    padded = stored.ljust(127, b"\0")
    assert as_alice(f"/piece/{cid}").body == padded
    assert as_alice(f"/piece/{cid}", Range="bytes=-125").body == padded[2:]
    assert as_alice(f"/piece/{cid}", Range=f"bytes={size}-").body == padded[size:]
    # The film itself is as long as it ever was.
    assert as_alice(f"/stream/{video.pk}/").body == FILM[:size]
    assert as_alice(f"/piece/{video.piece_cid}").body == stored


def test_a_piece_that_two_films_share_is_public_through_one(alice, mallory, anyone, as_mallory):
    private = stored_video(alice, FILM, stored_open=True)
    assert as_mallory(f"/piece/{private.pieces.get().piece_cid}").status == 404
    stored_video(mallory, FILM, visibility=Visibility.PUBLIC, stored_open=True)
    answer = anyone(f"/piece/{private.pieces.get().piece_cid}", Range="bytes=0-9")
    assert (answer.status, answer["Cache-Control"]) == (206, "public, no-cache")


def test_few_queries_are_enough(film, django_assert_max_num_queries, alice):
    asking = Asking(alice)
    piece = film.pieces.first()
    # Two more are the session's.
    with django_assert_max_num_queries(6):
        asking(f"/stream/{film.pk}/", Range="bytes=0-9")
    with django_assert_max_num_queries(3):
        asking(f"/stream/{film.pk}/", Range="bytes=0-9")
    with django_assert_max_num_queries(3):
        asking(f"/piece/{piece.piece_cid}", Range="bytes=0-9")


def test_whoever_may_change_a_film_is_told_from_where_it_comes(film, alice, admin, as_alice):
    for asker in (as_alice, Asking(admin)):
        answer = asker(f"/stream/{film.pk}/", Range="bytes=0-9")
        assert answer["X-Filmedia-Source"] == "shelf"
        assert answer["X-Filmedia-Verified"] == "stored"


def test_what_they_are_told_of_a_public_film_is_kept_by_no_shared_cache(film, as_alice, anyone):
    film.visibility = "public"
    film.save(update_fields=["visibility"])
    address = f"/stream/{film.pk}/"
    assert as_alice(address)["Cache-Control"] == "private, no-cache"
    assert anyone(address)["Cache-Control"] == "public, no-cache"


def test_others_are_not_told_how_the_library_keeps_its_films(film, as_mallory, anyone):
    film.visibility = "public"
    film.save(update_fields=["visibility"])
    for asker in (as_mallory, anyone):
        answer = asker(f"/stream/{film.pk}/", Range="bytes=0-9")
        assert answer.status == 206
        assert not [name for name in answer.headers if name.startswith("X-Filmedia")]


def test_what_is_verified_each_time_is_told_so(film, as_alice, settings):
    settings.STREAM_VERIFY_ALWAYS = True
    answer = as_alice(f"/stream/{film.pk}/", Range="bytes=0-9")
    assert answer["X-Filmedia-Verified"] == "now"
