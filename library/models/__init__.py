"""
What the library remembers.

`User` and `DeviceToken` say who; `Video`, `Piece` and `Copy` what is kept and where;
`FilmKey` what opens it, `SearchKey` what blinds its words where they are searched, and
`RecoveryKit` when the keys were last saved elsewhere;
`Upload` what is still arriving; `Step` what remains to be done; `Event` what happened.
`Provider`, `DataSet`, `Addition`, `Removal`, `Payment` and `Reading` are what is known of
the Filecoin network that the films are on.
`Tag`, `Collection` and `Playlist` order films; `Viewing`, `Caption`, `Cue` and `Chapter`
belong to watching them; `Job` is something done to many; `IdempotencyKey` a request that
may come twice. `Import` is a film that is fetched from elsewhere, `Stream` one that is sent.
`FilmWords` are the words of films as they are searched. `Revocation` is a right that ended,
`Budget` what is left of an address, `Rendition` a film in another quality, `ServerReport`
what a process that sends films tells of itself.
"""

from library.models.accounts import DeviceToken, User
from library.models.budgets import Budget
from library.models.catalogue import Collection, Playlist, PlaylistItem, Tag
from library.models.events import Event
from library.models.films import Copy, Piece, Video
from library.models.idempotency import IdempotencyKey
from library.models.imports import Import
from library.models.jobs import Job, JobItem
from library.models.keys import FilmKey, RecoveryKit, SearchKey
from library.models.network import Addition, DataSet, Payment, Provider, Reading, Removal
from library.models.renditions import Rendition
from library.models.revocations import Revocation
from library.models.search import FilmWords
from library.models.steps import Slot, Step
from library.models.streams import ServerReport, Stream
from library.models.uploads import Upload
from library.models.visibility import Visibility
from library.models.watching import Caption, Chapter, Cue, Viewing

__all__ = [
    "Addition",
    "Budget",
    "Caption",
    "Chapter",
    "Collection",
    "Copy",
    "Cue",
    "DataSet",
    "DeviceToken",
    "Event",
    "FilmKey",
    "FilmWords",
    "IdempotencyKey",
    "Import",
    "Job",
    "JobItem",
    "Payment",
    "Piece",
    "Playlist",
    "PlaylistItem",
    "Provider",
    "Reading",
    "RecoveryKit",
    "Removal",
    "Rendition",
    "Revocation",
    "SearchKey",
    "ServerReport",
    "Slot",
    "Step",
    "Stream",
    "Tag",
    "Upload",
    "User",
    "Video",
    "Viewing",
    "Visibility",
]
