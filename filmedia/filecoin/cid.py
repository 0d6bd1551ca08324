"""
PieceCID v2, the name of a piece: root and size in one text. And v1, which has the root only.

Knows how names are spelled; knows nothing of bytes that are hashed.
"""

import re
from base64 import b32decode, b32encode
from dataclasses import dataclass

from .errors import InvalidPieceCid, PieceError
from .tree import NODE, QUAD_LEVEL, capacity, height_of

# CID version 1, codec raw, multihash fr32-sha2-256-trunc254-padded-binary-tree.
_V2 = bytes([0x01, 0x55, 0x91, 0x20])
# CID version 1, codec fil-commitment-unsealed, multihash sha2-256-trunc254-padded, 32 bytes.
_V1 = bytes([0x01, 0x81, 0xE2, 0x03, 0x92, 0x20, NODE])

_LOWER_BASE32 = re.compile("b[a-z2-7]+", re.ASCII)
_MAX_VARINT = 9  # bytes; that is 63 bits, as multiformats has it
_MAX_HEIGHT = 255  # one byte


@dataclass(frozen=True, slots=True)
class PieceCid:
    """
    The root of the tree over some bytes, and how many bytes they are.

    Bytes and the same bytes with zeros after them can share a root. They never share a
    PieceCid: compare these, or their texts, and not roots alone.
    """

    root: bytes
    size: int

    def __post_init__(self) -> None:
        if len(self.root) != NODE:
            raise PieceError(f"A root is {NODE} bytes, not {len(self.root)}.")
        if self.size < 0:
            raise PieceError(f"A piece cannot have {self.size} bytes.")
        if self.height > _MAX_HEIGHT or self.padding >= 1 << 7 * _MAX_VARINT:
            raise PieceError(f"No PieceCID can name a piece of {self.size} bytes.")

    def __str__(self) -> str:
        return _text(self.binary)

    @property
    def v1(self) -> str:
        return _text(_V1 + self.root)

    @property
    def binary(self) -> bytes:
        """The v2 CID as it goes on chain."""
        padding = _varint(self.padding)
        digest = padding + bytes([self.height]) + self.root
        return _V2 + bytes([len(digest)]) + digest

    @property
    def height(self) -> int:
        return height_of(self.size)

    @property
    def padding(self) -> int:
        """Zero bytes between the end of the piece and the end of its tree."""
        return capacity(self.height) - self.size

    @property
    def padded_size(self) -> int:
        """Bytes of the tree's leaves."""
        return NODE << self.height

    @classmethod
    def parse(cls, text: str) -> "PieceCid":
        """Read a v2 CID in its one spelling; InvalidPieceCid for all else, v1 included."""
        binary = _bytes_of(text)
        if binary.startswith(_V1):
            raise InvalidPieceCid(text, "it is a v1 CID, which does not tell the size")
        return cls._read(binary, text)

    @classmethod
    def from_binary(cls, binary: bytes) -> "PieceCid":
        return cls._read(bytes(binary), bytes(binary))

    @classmethod
    def from_v1(cls, text: str, size: int) -> "PieceCid":
        """The root from a v1 CID; the size has to come from elsewhere."""
        return cls(parse_v1(text), size)

    @classmethod
    def _read(cls, binary: bytes, named: str | bytes) -> "PieceCid":
        if not binary.startswith(_V2):
            raise InvalidPieceCid(named, "it is not the CID of a piece, by its first bytes")
        digest = binary[len(_V2) + 1 :]
        # A digest is at most 42 bytes, so its length is a varint of one byte.
        if binary[len(_V2) : len(_V2) + 1] != bytes([len(digest) & 0xFF]):
            raise InvalidPieceCid(named, "its digest is not as long as it says")
        padding, used = _read_varint(digest, named)
        if len(digest) != used + 1 + NODE:
            raise InvalidPieceCid(named, "its digest is not a padding, a height and a root")
        height, root = digest[used], digest[used + 1 :]
        if height < QUAD_LEVEL:
            raise InvalidPieceCid(named, "its tree is smaller than the smallest there is")
        size = capacity(height) - padding
        # Fewer than 127 bytes have no smaller tree; from there on half a tree is one too many.
        if size < 0 or height_of(size) != height:
            raise InvalidPieceCid(named, "its padding is larger than its tree allows")
        return cls(root, size)


def parse_v1(text: str) -> bytes:
    """The root in a v1 CID."""
    binary = _bytes_of(text)
    if not binary.startswith(_V1) or len(binary) != len(_V1) + NODE:
        raise InvalidPieceCid(text, "it is not a v1 CID of a piece")
    return binary[len(_V1) :]


def raw_size(text: str) -> int:
    """How many bytes the piece of this v2 CID has."""
    return PieceCid.parse(text).size


def _text(binary: bytes) -> str:
    return "b" + b32encode(binary).decode().rstrip("=").lower()


def _bytes_of(text: str) -> bytes:
    if not _LOWER_BASE32.fullmatch(text):
        raise InvalidPieceCid(text, "it is not lower-case base32 behind a b")
    encoded = text[1:].upper()
    try:
        binary = b32decode(encoded + "=" * (-len(encoded) % 8))
    except ValueError:
        raise InvalidPieceCid(text, "base32 does not come in this length") from None
    if _text(binary) != text:
        raise InvalidPieceCid(text, "its last letter has bits that belong to no byte")
    return binary


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _read_varint(data: bytes, named: str | bytes) -> tuple[int, int]:
    """The number at the front, and how many bytes it takes."""
    number = 0
    for index, byte in enumerate(data[:_MAX_VARINT]):
        number |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            if index and byte == 0:
                raise InvalidPieceCid(named, "its padding is spelled longer than needed")
            return number, index + 1
    raise InvalidPieceCid(named, "its padding does not end")
