"""
What the library remembers.

`User` and `DeviceToken` say who; `Video`, `Piece` and `Copy` what is kept and where;
`FilmKey` what opens it, and `RecoveryKit` when the keys were last saved elsewhere;
`Upload` what is still arriving; `Step` what remains to be done; `Event` what happened.
`Provider`, `DataSet`, `Addition`, `Removal`, `Payment` and `Reading` are what is known of
the Filecoin network that the films are on.
"""

from library.models.accounts import DeviceToken, User
from library.models.events import Event
from library.models.films import Copy, Piece, Video, Visibility
from library.models.keys import FilmKey, RecoveryKit
from library.models.network import Addition, DataSet, Payment, Provider, Reading, Removal
from library.models.steps import Slot, Step
from library.models.uploads import Upload

__all__ = [
    "Addition",
    "Copy",
    "DataSet",
    "DeviceToken",
    "Event",
    "FilmKey",
    "Payment",
    "Piece",
    "Provider",
    "Reading",
    "RecoveryKit",
    "Removal",
    "Slot",
    "Step",
    "Upload",
    "User",
    "Video",
    "Visibility",
]
