"""
Where a plain form's file waits until it is received: encrypted, and gone with its process.

Django puts aside what a form sends before any view runs, in clear, and before it is known
for whom the film will be. So the file is encrypted here with a key that is only in memory,
whatever becomes of it, and has no name on the disk: nothing is left of it after a crash.
"""

from __future__ import annotations

import tempfile
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from library.encryption import Key, Turning, new_secret


class Spool:
    """A file that is written once, from its beginning, and then read."""

    def __init__(self) -> None:
        key = Key(new_secret())
        # Two, since each goes on best where it left off.
        self._encrypt, self._decrypt = Turning(key), Turning(key)
        self._file = tempfile.TemporaryFile(  # noqa: SIM115  (closed by whoever has the spool)
            dir=settings.FILE_UPLOAD_TEMP_DIR
        )
        self._size = 0

    @property
    def closed(self) -> bool:
        return self._file.closed

    def write(self, data: bytes) -> int:
        """Put `data` behind what is there."""
        self._file.write(self._encrypt(data, self._size))
        self._size += len(data)
        return len(data)

    def read(self, size: int = -1, /) -> bytes:
        position = self._file.tell()
        return self._decrypt(self._file.read(size), position)

    def seek(self, position: int, whence: int = 0, /) -> int:
        return self._file.seek(position, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()


class SpoolUploadHandler(FileUploadHandler):
    """Django's way for files that are too large for memory."""

    file: UploadedFile

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = UploadedFile(
            Spool(),  # type: ignore[arg-type]  # as much of a file as Django asks for
            self.file_name,
            self.content_type,
            0,
            self.charset,
            self.content_type_extra,
        )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        self.file.seek(0)
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()
