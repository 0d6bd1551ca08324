"""
The bytes of an address in order, over as many connections as it takes.

What was begun with one body never goes on with another: each answer has to have the ETag of
the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus

import httpx

from filmedia.client.api import Api
from filmedia.client.backoff import Patience
from filmedia.client.errors import ClientError, FilmChanged, NotFilmedia, Refused, Unreachable

_PORTION = 256 * 1024
_CONTENT_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19})")


class Reading:
    """
    Iterate to get the bytes from `position` on.

    `size` is what the body should have, None where its first answer tells. With an `etag`
    the body has to be that one: FilmChanged says that it is not (any more).
    """

    def __init__(
        self,
        api: Api,
        path: str,
        patience: Patience,
        *,
        size: int | None = None,
        position: int = 0,
        etag: str = "",
    ) -> None:
        self._api, self._path, self._patience = api, path, patience
        self.size, self.position, self.etag = size, position, etag

    def __iter__(self) -> Iterator[bytes]:
        while self.size is None or self.position < self.size:
            try:
                yield from self._connection()
            except ClientError as error:
                self._patience.after(error)

    def _connection(self) -> Iterator[bytes]:
        """What one connection gives."""
        with self._answer() as answer:
            self._check(answer)
            for data in answer.iter_raw(_PORTION):
                self.position += len(data)
                if self.size is not None and self.position > self.size:
                    raise NotFilmedia("The library sends more bytes than the film has.")
                self._patience.got_on()
                yield data
        if self.size is None:
            self.size = self.position
        elif self.position < self.size:
            raise Unreachable("The film broke off.")

    def _answer(self) -> _Answer:
        # As they are: sizes and ranges are those of the bytes themselves.
        headers = {"Accept-Encoding": "identity", "Accept": "*/*"}
        if self.position:
            assert self.size is not None
            headers["Range"] = f"bytes={self.position}-{self.size - 1}"
            if self.etag:
                headers["If-Range"] = self.etag
        return _Answer(self._api, self._path, headers)

    def _check(self, answer: httpx.Response) -> None:
        """Whether these are the bytes that follow those which are here."""
        etag = answer.headers.get("ETag", "")
        if self.etag and etag and etag != self.etag:
            raise FilmChanged(_CHANGED)
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise NotFilmedia("The film comes in an encoding that was not asked for.")
        total: int | None
        if answer.status_code == HTTPStatus.PARTIAL_CONTENT:
            told = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
            if told is None or int(told[1]) != self.position:
                raise NotFilmedia("The library sends another part of the film than asked for.")
            total = int(told[3])
        elif self.position:
            # Everything, from the beginning: it is another body than before.
            raise FilmChanged(_CHANGED)
        else:
            length = answer.headers.get("Content-Length", "")
            total = int(length) if length.isdecimal() else self.size
        if self.size is not None and total not in {None, self.size}:
            raise FilmChanged(_CHANGED)
        self.size = total if self.size is None else self.size
        self.etag = etag or self.etag


class _Answer:
    """The API's answer; a range that does not exist (any more) is a film that changed."""

    def __init__(self, api: Api, path: str, headers: dict[str, str]) -> None:
        self._context = api.answer("GET", path, headers=headers)

    def __enter__(self) -> httpx.Response:
        try:
            return self._context.__enter__()
        except Refused as error:
            if error.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                raise FilmChanged(_CHANGED) from error
            raise

    def __exit__(self, *about: object) -> bool | None:
        return self._context.__exit__(*about)  # type: ignore[arg-type]


_CHANGED = "The film is not the one whose bytes came before."
