"""
What the library remembers.

`User` and `DeviceToken` say who; `Video`, `Piece` and `Copy` what is kept and where;
`Upload` what is still arriving; `Step` what remains to be done; `Event` what happened.
"""

from library.models.accounts import DeviceToken, User
from library.models.events import Event
from library.models.films import Copy, Piece, Video, Visibility
from library.models.steps import Slot, Step
from library.models.uploads import Upload

__all__ = [
    "Copy",
    "DeviceToken",
    "Event",
    "Piece",
    "Slot",
    "Step",
    "Upload",
    "User",
    "Video",
    "Visibility",
]
