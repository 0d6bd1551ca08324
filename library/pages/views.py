"""Every page by its name, as the addresses and the settings know it."""

from library.pages.account import SignIn, SignOut, locked_out, set_up
from library.pages.bulk import bulk
from library.pages.collections import (
    collection,
    collection_delete,
    collection_edit,
    collections,
)
from library.pages.edit import edit
from library.pages.funding import funds
from library.pages.going_on import forget
from library.pages.importing import import_film, watch_import
from library.pages.jobs import job, job_cancel, job_manifest, job_undo, jobs
from library.pages.me import account
from library.pages.playlist_items import (
    add_to_playlist,
    playlist_items,
    playlist_put_back,
    playlist_take_out,
)
from library.pages.playlists import (
    playlist,
    playlist_delete,
    playlist_edit,
    playlist_restore,
    playlists,
)
from library.pages.shelf import home
from library.pages.tags import tags
from library.pages.tracks import caption, poster, storyboard, storyboard_map
from library.pages.uploading import upload
from library.pages.watching import (
    certificate,
    encrypt,
    erase,
    restore,
    trash,
    watch,
)

__all__ = [
    "SignIn",
    "SignOut",
    "account",
    "add_to_playlist",
    "bulk",
    "caption",
    "certificate",
    "collection",
    "collection_delete",
    "collection_edit",
    "collections",
    "edit",
    "encrypt",
    "erase",
    "forget",
    "funds",
    "home",
    "import_film",
    "job",
    "job_cancel",
    "job_manifest",
    "job_undo",
    "jobs",
    "locked_out",
    "playlist",
    "playlist_delete",
    "playlist_edit",
    "playlist_items",
    "playlist_put_back",
    "playlist_restore",
    "playlist_take_out",
    "playlists",
    "poster",
    "restore",
    "set_up",
    "storyboard",
    "storyboard_map",
    "tags",
    "trash",
    "upload",
    "watch",
    "watch_import",
]
