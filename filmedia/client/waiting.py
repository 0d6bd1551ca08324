"""Uploads that the library remembers, and which file each of them is of."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from filmedia.client import tus
from filmedia.client.api import Api
from filmedia.client.errors import ClientError, Refused
from filmedia.client.files import LocalFile, same_file

Upload = dict[str, Any]
# The most that the library tells at once.
_AT_ONCE = 200


class Waiting:
    """What was begun earlier, by this client or a browser. No upload is given out twice."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._lock = threading.Lock()
        self._taken: set[str] = set()
        self._uploads: list[Upload] = []

    def look(self) -> None:
        with self._lock:
            self._uploads = list(self._all())

    def _all(self) -> Iterator[Upload]:
        params = {"limit": str(_AT_ONCE)}
        while True:
            page = self._api.json("GET", tus.UPLOADS, params=params)
            yield from page.get("items", [])
            if not (cursor := page.get("next_cursor")):
                return
            params["cursor"] = cursor

    def take(self, file: LocalFile, *, received_too: bool) -> Upload | None:
        """
        The unfinished upload of this file, if there is one; else, with `received_too`, one
        whose bytes are all there and whose film still is.
        """
        found = self._find(file, "receiving")
        if found is None and received_too:
            found = self._find(file, "received")
            if found is not None and not self._is_there(found):
                return None
        return found

    def took(self, address: str) -> None:
        """This one is somebody's already: the one who began it."""
        with self._lock:
            self._taken.add(address)

    def _find(self, file: LocalFile, state: str) -> Upload | None:
        with self._lock:
            for upload in self._uploads:
                if (
                    upload["state"] == state
                    and same_file(upload["fingerprint"], file.fingerprint)
                    and upload["length"] == file.size
                    and upload["url"] not in self._taken
                    and (state == "receiving" or upload["video"])
                ):
                    self._taken.add(upload["url"])
                    return upload
        return None

    def _is_there(self, upload: Upload) -> bool:
        """A film in the trash is not: who uploads it again wants it back."""
        try:
            self._api.json("GET", f"/api/v1/videos/{upload['video']}/")
        except Refused as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return False
            raise
        except ClientError:
            with self._lock:
                # To be found again by another try.
                self._taken.discard(upload["url"])
            raise
        return True
