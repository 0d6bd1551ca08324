"""Every page by its name, as the addresses and the settings know it."""

from library.pages.account import SignIn, SignOut, locked_out, set_up
from library.pages.shelf import home
from library.pages.uploading import upload
from library.pages.watching import edit, encrypt, erase, poster, restore, trash, watch

__all__ = [
    "SignIn",
    "SignOut",
    "edit",
    "encrypt",
    "erase",
    "home",
    "locked_out",
    "poster",
    "restore",
    "set_up",
    "trash",
    "upload",
    "watch",
]
