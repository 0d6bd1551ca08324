"""Every page by its name, as the addresses and the settings know it."""

from library.pages.account import SignIn, SignOut, locked_out, set_up
from library.pages.funding import funds
from library.pages.going_on import forget
from library.pages.shelf import home
from library.pages.tracks import caption, poster, storyboard, storyboard_map
from library.pages.uploading import upload
from library.pages.watching import (
    certificate,
    edit,
    encrypt,
    erase,
    restore,
    trash,
    watch,
)

__all__ = [
    "SignIn",
    "SignOut",
    "caption",
    "certificate",
    "edit",
    "encrypt",
    "erase",
    "forget",
    "funds",
    "home",
    "locked_out",
    "poster",
    "restore",
    "set_up",
    "storyboard",
    "storyboard_map",
    "trash",
    "upload",
    "watch",
]
