"""The PieceCIDs of known bytes, as others have worked them out."""

import hashlib
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from filmedia.filecoin import kernels, tree
from filmedia.filecoin.piece import FilmHasher, PieceCid, PieceHasher, piece_cid

ROOT = Path(__file__).parents[2]
KNOWN = json.loads((ROOT / "tests/vectors/piececid.json").read_text())
PORTION = 1 << 20


def portions(recipe: dict, size: int) -> Iterator[bytes]:
    """The bytes of a recipe, cut to size, a portion at a time."""
    for portion in endless(recipe):
        if size <= len(portion):
            yield portion[:size]
            return
        size -= len(portion)
        yield portion


def endless(recipe: dict) -> Iterator[bytes]:
    if recipe["kind"] == "runs":
        yield b"".join(bytes([value]) * count for value, count in recipe["runs"])
    elif recipe["kind"] == "sha256ctr":
        seed, counter = recipe["seed"].encode(), 0
        while True:
            numbers = range(counter, counter + 4096)
            yield b"".join(hashlib.sha256(seed + n.to_bytes(8, "big")).digest() for n in numbers)
            counter += 4096
    else:
        period = recipe.get("m", 1)
        once = bytes(range(period)) if recipe["kind"] == "mod" else bytes([recipe["byte"]])
        while True:
            yield once * (PORTION // period)


def named(vectors: list[dict]) -> list:
    return [
        pytest.param(v, id=f"{v['id']}, {v['size']} bytes of {v['recipe']['kind']}")
        for v in vectors
    ]


@pytest.mark.parametrize("vector", named(KNOWN["vectors"]))
def test_known_bytes_have_their_known_names(vector):
    film = FilmHasher()
    for portion in portions(vector["recipe"], vector["size"]):
        film.update(portion)
    cid = film.piece_cid()
    assert film.size == vector["size"]
    assert str(cid) == vector["pieceCidV2"]
    assert cid.v1 == vector["pieceCidV1"]
    assert cid.root.hex() == vector["root"]
    assert film.sha256() == vector["sha256"]


@pytest.mark.parametrize("name", kernels.available())
@pytest.mark.parametrize("vector", named([v for v in KNOWN["vectors"] if v["size"] <= 140_000]))
def test_known_bytes_have_their_known_names_in_every_kernel(name, vector):
    hasher = PieceHasher(kernels.choose(name))
    for portion in portions(vector["recipe"], vector["size"]):
        hasher.update(portion)
    assert str(hasher.finish()) == vector["pieceCidV2"]


@pytest.mark.parametrize("vector", KNOWN["zeroPieces"], ids=lambda v: v["note"])
def test_a_piece_of_zeros_is_named_without_reading_it(vector):
    cid = PieceCid(tree.zero_root(tree.height_of(vector["size"])), vector["size"])
    assert (str(cid), cid.v1) == (vector["pieceCidV2"], vector["pieceCidV1"])
    assert (cid.height, cid.padding) == (vector["height"], vector["padding"])
    assert (cid.padded_size, cid.root.hex()) == (vector["paddedSize"], vector["root"])


DATA = bytes(range(256)) * 1000


class Trickle(io.RawIOBase):
    """A file that gives less than it is asked for."""

    def __init__(self) -> None:
        self.left = DATA

    def read(self, size: int = -1) -> bytes:
        some, self.left = self.left[:777], self.left[777:]
        return some


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(lambda: DATA, id="bytes"),
        pytest.param(lambda: bytearray(DATA), id="a bytearray"),
        pytest.param(lambda: memoryview(DATA), id="a memoryview"),
        pytest.param(lambda: memoryview(DATA).cast("Q"), id="a memoryview of wider items"),
        pytest.param(lambda: io.BytesIO(DATA), id="a binary file"),
        pytest.param(Trickle, id="a file that gives less than it is asked for"),
        pytest.param(lambda: [DATA[:5], b"", DATA[5:]], id="a list of portions"),
        pytest.param(lambda: (DATA[i : i + 999] for i in range(0, len(DATA), 999)), id="a stream"),
    ],
)
def test_bytes_are_taken_in_whatever_form_they_come(source):
    hasher = PieceHasher()
    hasher.update(DATA)
    assert piece_cid(source()) == str(hasher.finish())


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("text", id="text"),
        pytest.param(io.StringIO("text"), id="a text file"),
        pytest.param([1, 2, 3], id="numbers"),
    ],
)
def test_what_is_not_bytes_is_refused(source):
    with pytest.raises(TypeError):
        piece_cid(source)


def test_a_file_is_read_from_where_it_stands_and_stays_open():
    file = io.BytesIO(b"head" + DATA)
    file.seek(4)
    assert piece_cid(file) == piece_cid(DATA)
    assert not file.closed


def test_names_are_read_without_django_and_without_loading_numba():
    code = (
        "import sys; sys.modules['django'] = None\n"
        "from filmedia.filecoin.piece import PieceCid\n"
        f"PieceCid.parse({KNOWN['vectors'][0]['pieceCidV2']!r})\n"
        "assert not {'numba', 'numpy', 'llvmlite'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_pieces_are_hashed_on_a_machine_without_numba():
    vector = KNOWN["vectors"][10]
    code = (
        "import sys; sys.modules['numba'] = sys.modules['llvmlite'] = None\n"
        "from filmedia.filecoin import kernels, piece\n"
        "assert kernels.warm_up() == 'pure'\n"
        "print(piece.piece_cid(bytes.fromhex(sys.stdin.read())))\n"
    )
    data = b"".join(portions(vector["recipe"], vector["size"]))
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        check=True,
        input=data.hex(),
        text=True,
        capture_output=True,
    )
    assert done.stdout.strip() == vector["pieceCidV2"]


def test_the_vectors_say_where_they_come_from():
    assert re.search("synapse-core.*FRC-0069", KNOWN["about"])
