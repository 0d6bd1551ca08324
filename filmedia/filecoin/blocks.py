"""
The block roots of a film, and what follows from them without reading a byte: whether they
are the film's, and the PieceCIDs of its pieces. Pure.

A film of `size` bytes has ceil(size / BLOCK_SIZE) block roots of 32 bytes, all of level
BLOCK_LEVEL: under the last one, zeros follow the film.
"""

from collections.abc import Sequence

from . import tree
from .cid import PieceCid
from .errors import PieceError
from .hashing import Bytes, PieceHasher
from .kernels import choose
from .tree import BLOCK_LEVEL, BLOCK_SIZE, NODE, QUAD

MIN_PIECE_SIZE = QUAD
MAX_PIECE_SIZE = QUAD << 23


def block_root(data: Bytes) -> bytes:
    """The root of one block; a short one is the last of its film, so zeros follow it."""
    hasher = PieceHasher()
    hasher.update(data)
    return _lifted(hasher.finish())


def complete_block_roots(whole: bytes, tail: PieceCid | None) -> bytes:
    """All block roots of a film, from those of its whole blocks and the bytes after them."""
    return whole if tail is None else whole + _lifted(tail)


def block_roots_match(roots: bytes, cid: PieceCid) -> bool:
    """Whether these are the block roots of that film or piece, all of them and no others."""
    if len(roots) != _blocks_in(cid.size) * NODE:
        return False
    if cid.size <= BLOCK_SIZE:
        return (roots or tree.zero_root(BLOCK_LEVEL)) == _lifted(cid)
    return _folded(roots, BLOCK_LEVEL, cid.height) == cid.root


def piece_cids(roots: bytes, tail: PieceCid | None, size: int, piece_size: int) -> list[PieceCid]:
    """
    The PieceCIDs of a film's pieces, from all its block roots (the last one included).

    `tail` is the film's, as its hasher gave it. A last piece under MIN_PIECE_SIZE gets
    the CID of its bytes with zeros up to that size, as providers take it.
    """
    _check_piece_size(piece_size)
    if len(roots) != _blocks_in(size) * NODE:
        raise PieceError(f"A film of {size} bytes does not have {len(roots) // NODE} block roots.")
    if (tail.size if tail else 0) != size % BLOCK_SIZE:
        raise PieceError("The tail is not as long as what follows the film's last whole block.")
    if tail and roots[-NODE:] != _lifted(tail):
        raise PieceError("The last block root is not that of the tail.")

    cids = []
    for start in range(0, size, piece_size):
        length = min(piece_size, size - start)
        first = start // BLOCK_SIZE
        if tail and length == tail.size:
            root = tail.root
        else:
            own = roots[first * NODE : (first + _blocks_in(length)) * NODE]
            root = _folded(own, BLOCK_LEVEL, tree.height_of(length))
        cids.append(PieceCid(root, max(length, MIN_PIECE_SIZE)))
    return cids


def film_cid(pieces: Sequence[PieceCid], size: int | None = None) -> PieceCid:
    """
    The PieceCID of a film from those of its pieces, in order.

    All but the last have one size of 127 * 2**j. Give the film's own `size` wherever its
    last piece may have been filled up to MIN_PIECE_SIZE: the pieces do not tell.
    """
    if not pieces:
        raise PieceError("A film without pieces has no CID to make.")
    first, last = pieces[0], pieces[-1]
    known = sum(piece.size for piece in pieces)
    size = known if size is None else size
    filled = known - size
    if filled and not (last.size == MIN_PIECE_SIZE and 0 < filled < MIN_PIECE_SIZE):
        raise PieceError(f"Pieces of {known} bytes do not make a film of {size}.")
    if len(pieces) == 1:
        return PieceCid(first.root, size)
    if any(piece.size != first.size for piece in pieces[:-1]) or last.size > first.size:
        raise PieceError("All pieces but the last have one size, and the last is no larger.")
    if first.padding:
        raise PieceError(f"Pieces of {first.size} bytes are not whole trees.")

    roots = [piece.root for piece in pieces[:-1]]
    roots.append(tree.lift(last.root, last.height, first.height))
    return PieceCid(_folded(b"".join(roots), first.height, tree.height_of(size)), size)


def _blocks_in(size: int) -> int:
    return -(-size // BLOCK_SIZE)


def _check_piece_size(piece_size: int) -> None:
    whole_tree = piece_size == tree.capacity(tree.height_of(piece_size))
    if not whole_tree or piece_size < BLOCK_SIZE:
        raise PieceError(f"{piece_size} is not 127 * 2**j bytes, or less than a block.")


def _lifted(cid: PieceCid) -> bytes:
    if cid.size > BLOCK_SIZE:
        raise PieceError(f"{cid.size} bytes are more than a block.")
    return tree.lift(cid.root, cid.height, BLOCK_LEVEL)


def _folded(nodes: bytes, level: int, height: int) -> bytes:
    """The root at `height` over nodes of `level`, zeros to the right of them."""
    kernel = choose()
    while level < height:
        if len(nodes) % (2 * NODE):
            nodes += tree.zero_root(level)
        nodes = kernel.parents(nodes)
        level += 1
    return nodes
