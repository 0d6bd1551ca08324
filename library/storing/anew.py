"""
Store anew: a film that is stored open gets a key of its own, and other stored bytes.

Nothing of the film changes before its new bytes lie on disk, were read back from there,
and are known to be this film's. Then one transaction gives it the key and the new pieces,
and the ordinary steps go on with it: store, verify.

Each try has a key and a folder of its own. The key is nowhere but in memory until the film
has it, so what an interrupted try leaves is noise, and the next try or the sweep takes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from filmedia.filecoin.piece import BLOCK_SIZE, FilmHasher
from library import encryption, events, places, revoking, search
from library.encryption import Key
from library.keys import films, keyring
from library.models import Piece, Step, Video
from library.network import leaving
from library.storing import cached, pictures, shelf, steps, verify
from library.storing.errors import NotTheFilm, StagedWrong
from library.storing.lease import Lease
from library.storing.original import Original
from library.uploads import arrival, staging
from library.uploads.staging import Staging
from library.watching import sealing

READ_SIZE = 8 * BLOCK_SIZE


@dataclass(frozen=True)
class Anew:
    """A film's bytes as they are stored with a new key: staged in `folder`."""

    folder: str
    key: Key
    piece_cid: str
    pieces: list[Piece]


def run(lease: Lease) -> None:
    video = lease.step.video
    former: set[str] = set()
    former_film = video.piece_cid
    if not video.is_encrypted:
        former = set(Piece.objects.filter(video=video).values_list("piece_cid", flat=True))
        _give(lease, video, _made(lease, video))
    pictures.seal(lease, video)
    # Its captions got their seal with the key; what their words leave behind goes now.
    search.index.tidy()
    transaction.on_commit(films.clear_log)
    _let_go(former)
    cached.let_go(former_film)
    with lease.finish():
        pass


def _made(lease: Lease, video: Video) -> Anew:
    # Without a library key there is no use in beginning.
    keyring.current()
    _remove_earlier_tries(lease)
    try:
        anew = _write(lease, video, Key(encryption.new_secret()))
        _read_back(lease, anew)
    except BaseException:
        staging.remove(lease.folder)
        raise
    return anew


def _remove_earlier_tries(lease: Lease) -> None:
    for folder in (places.data() / "staging").glob(f"anew_{lease.step.pk}_*"):
        staging.remove(folder.name)


def _write(lease: Lease, video: Video, key: Key) -> Anew:
    hasher, turn = FilmHasher(), encryption.Turning(key)
    with Original(video) as original, Staging(lease.folder, settings.PIECE_SIZE) as staged:
        for position in range(0, video.size, READ_SIZE):
            film = original.read(position, READ_SIZE)
            stored = turn(film, position)
            staged.write(position, stored)
            hasher.update(film, stored)
            staged.write_roots(position // BLOCK_SIZE, hasher.take_block_roots())
            staged.sync()
            lease.report(position + len(film))
        if hasher.sha256() != video.sha256:
            raise NotTheFilm(
                "What was read does not have the film's SHA-256. Nothing has been changed."
            )
        roots = arrival.write_last_root(hasher, staged)
    pieces = arrival.pieces_of(video, hasher, roots, settings.PIECE_SIZE)
    return Anew(lease.folder, key, str(hasher.piece_cid()), pieces)


def _read_back(lease: Lease, anew: Anew) -> None:
    """Raise StagedWrong unless the disk gives the new bytes back: the old ones leave it soon."""
    done = lease.step.video.size
    for piece in anew.pieces:
        filling = bytes(shelf.stored_size(piece) - piece.size)
        found = verify.read(lease, places.staged_piece(anew.folder, piece.index), done, filling)
        if found is None or found.cid != piece.piece_cid:
            raise StagedWrong(f"Piece {piece.index} was written, and read back as another one.")
        done += piece.size


def _give(lease: Lease, video: Video, anew: Anew) -> None:
    """
    The film has its new key and bytes, or nothing happened. Where that cannot be told, as
    when the database goes away, the bytes stay: the sweep knows whether a film has them.
    """
    now = timezone.now()
    with lease.commit():
        facts = {
            "key": films.keep(anew.key),
            "piece_cid": anew.piece_cid,
            "staging": anew.folder,
            # Its bytes are in staging only, until they are on the shelf and read back there.
            "state": Video.State.RECEIVED,
            "state_at": now,
            "state_reason": "",
            "committed_at": None,
            "updated_at": now,
        }
        leaving.ask_for_film(video)
        Piece.objects.filter(video=video).delete()
        Piece.objects.bulk_create(anew.pieces)
        Video.objects.filter(pk=video.pk).update(**facts)
        sealing.seal(video, anew.key)
        search.index.captions(video.pk)
        steps.start_over(video)
        for made in Video.objects.filter(rendition_of=video, key=None):
            # Other qualities of it are kept as it is.
            steps.renew(made, Step.Kind.ENCRYPT)
        revoking.films([video.pk])
        events.record("video.encrypted", video=video, piece_cid=anew.piece_cid)
    for name, value in facts.items():
        setattr(video, name, value)


def _let_go(former: Iterable[str]) -> None:
    """The open pieces leave the shelf, but for those that another film has too."""
    for cid in sorted(former):
        with transaction.atomic():
            shelf.let_go(cid)
