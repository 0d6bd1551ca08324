"""
What can go wrong between us and Filecoin.

FilecoinError
├── PieceError              the bytes, or what is said of them, cannot be a piece
│   ├── InvalidPieceCid     a text or some bytes that name no piece
│   └── InvalidHashState    a saved state of a hasher that is damaged or not ours
└── KernelUnavailable       this machine cannot hash in the way that was asked for
"""


class FilecoinError(Exception):
    """Root of everything this package raises on purpose."""

    retryable = False


class PieceError(FilecoinError):
    """The bytes, or what is said of them, cannot be a piece."""


class InvalidPieceCid(PieceError):
    def __init__(self, cid: str | bytes, why: str) -> None:
        self.cid, self.why = cid, why
        shown = repr(cid) if len(cid) <= 120 else f"{cid[:100]!r}…"
        super().__init__(f"{shown} is not a PieceCID: {why}.")


class InvalidHashState(PieceError):
    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"This state of a hash cannot be taken up again: {why}.")


class KernelUnavailable(FilecoinError):
    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"This machine cannot hash pieces in the {name!r} way.")
