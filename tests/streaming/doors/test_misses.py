"""Asking for what is not there costs little, and cannot be done without bound."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import pytest
from django.db import connection

from filmedia.filecoin.piece import PieceCid
from library.models import Piece, Video
from library.models.cids import CidTail
from streaming.doors import bodies, limits
from streaming.doors.crowd import crowd

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", [Piece, Video])
def test_a_name_without_a_size_is_looked_up_in_an_index(film, model):
    [piece, *_] = film.pieces.all()
    named = bodies._named(PieceCid.parse(piece.piece_cid).v1)
    rows = model.objects.alias(tail=CidTail("piece_cid")).filter(named).order_by()
    if connection.vendor == "postgresql":
        # So few rows are read through else.
        connection.cursor().execute("SET LOCAL enable_seqscan = off")
    assert f"{model._meta.model_name}_by_the_end_of_its_cid" in rows.explain()


@pytest.mark.parametrize(
    "path", [f"/piece/{PieceCid(bytes(32), 1000)}", "/stream/vid_nothing/"], ids=["piece", "film"]
)
def test_many_of_them_are_bounded_as_small_requests_are(path, film, anyone, settings, monkeypatch):
    settings.STREAM_REQUESTS, settings.STREAM_REQUESTS_AT_ONCE = 0.01, 2
    monkeypatch.setattr(limits, "_limits", WeakKeyDictionary())
    # Each asks in an event loop of its own, which has limits of its own.
    only = limits.Limits(crowd)
    monkeypatch.setattr(limits, "limits", lambda: only)
    assert [anyone(path).status for _ in range(4)] == [404, 404, 429, 429]
