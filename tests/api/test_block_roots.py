"""Block roots of films: who is given them, and that they are the film's own."""

from __future__ import annotations

import os

import pytest

from filmedia.filecoin.piece import BLOCK_SIZE, PieceCid, block_root, block_roots_match
from library import places
from library.models import Video, Visibility
from tests.api.test_schema import schema  # noqa: F401  # a fixture
from tests.making import as_stored, received_video, stored_video

pytestmark = pytest.mark.django_db
FILM = os.urandom(2 * BLOCK_SIZE + 1000)


def address(video: Video) -> str:
    return f"/api/v1/videos/{video.pk}/block-roots/"


def test_they_make_up_the_piece_cid_that_is_their_etag(phone, alice):
    video = stored_video(alice, FILM, stored_open=True)
    answer = phone.get(address(video))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["ETag"] == f'"{video.piece_cid}"'
    assert block_roots_match(answer.content, PieceCid.parse(video.piece_cid))
    assert answer.content[32:64] == block_root(FILM[BLOCK_SIZE : 2 * BLOCK_SIZE])
    again = phone.get(address(video), HTTP_IF_NONE_MATCH=answer["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_whoever_asks_for_bytes_or_for_anything_gets_them(phone, alice):
    video = stored_video(alice)
    for accept in ("application/octet-stream", "*/*", "application/json"):
        assert len(phone.get(address(video), HTTP_ACCEPT=accept).content) == 32


def test_they_are_of_the_bytes_as_stored(phone, alice):
    video = stored_video(alice, FILM)
    assert video.is_encrypted
    roots = phone.get(address(video)).content
    stored = as_stored(video, FILM)
    assert roots[:32] == block_root(stored[:BLOCK_SIZE]) != block_root(FILM[:BLOCK_SIZE])


def test_a_film_that_is_staged_has_them_already(phone, alice):
    video = received_video(alice, FILM)
    assert not places.roots(video.pk).exists()
    assert len(phone.get(address(video)).content) == 3 * 32


def test_those_of_a_rendition_are_given_to_who_sees_the_film(phone, stranger, alice):
    made = stored_video(alice, rendition_of=stored_video(alice))
    assert phone.get(address(made)).status_code == 200
    assert stranger.get(address(made)).status_code == 404


def test_wrong_ones_are_not_given_and_the_staged_ones_are(phone, alice):
    video = received_video(alice, FILM)
    places.film(video.pk).mkdir(parents=True, exist_ok=True)
    places.roots(video.pk).write_bytes(bytes(96))
    assert any(phone.get(address(video)).content)


def test_where_there_are_none_it_is_said_what_to_do(phone, alice):
    video = stored_video(alice, visibility=Visibility.PUBLIC)
    places.roots(video.pk).write_bytes(bytes(32))
    answer = phone.get(address(video))
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert "Ask again in a few minutes" in answer.json()["detail"]


def test_the_description_says_that_it_is_bytes(schema):  # noqa: F811
    operation = schema["paths"]["/api/v1/videos/{video_id}/block-roots/"]["get"]
    described = operation["responses"]["200"]["content"]
    assert list(described) == ["application/octet-stream"]
    assert described["application/octet-stream"]["schema"]["type"] == "string"
