"""Which upload of the library a file goes on with."""

from pathlib import Path

from filmedia.client.files import LocalFile
from filmedia.client.waiting import Waiting


class Library:
    """Tells its uploads one at a time."""

    def __init__(self, *uploads: dict) -> None:
        self.uploads = uploads

    def json(self, method: str, path: str, params: dict) -> dict:
        place = int(params.get("cursor", "0"))
        more = place + 1 < len(self.uploads)
        return {
            "items": [self.uploads[place]],
            "next_cursor": str(place + 1) if more else None,
        }


def test_an_upload_is_found_however_many_were_begun_since(tmp_path: Path):
    path = tmp_path / "harbour.mp4"
    path.write_bytes(b"12345")
    file = LocalFile.at(path)
    newer = {
        "url": "/u/2/",
        "state": "receiving",
        "fingerprint": "other",
        "length": 5,
        "video": None,
    }
    mine = {**newer, "url": "/u/1/", "fingerprint": file.fingerprint}
    waiting = Waiting(Library(newer, newer, mine))
    waiting.look()
    assert waiting.take(file, received_too=False) == mine
