"""SHA-256 whose state can be kept and carried on later: hashlib gives its own to nobody."""

import struct

from .kernels import Kernel
from .kernels.constants import INITIAL

BLOCK = 64
STATE = 32


class Sha256:
    """One thread at a time. `state` and `rest` with `size` are all there is to keep."""

    def __init__(
        self,
        kernel: Kernel,
        state: bytes = struct.pack(">8I", *INITIAL),
        size: int = 0,
        rest: bytes = b"",
    ) -> None:
        self._kernel = kernel
        self._state = bytearray(state)
        self.size = size
        self.rest = rest

    @property
    def state(self) -> bytes:
        return bytes(self._state)

    def update(self, data: memoryview) -> None:
        self.size += len(data)
        if self.rest:
            missing = BLOCK - len(self.rest)
            self.rest += data[:missing]
            data = data[missing:]
            if len(self.rest) < BLOCK:
                return
            self._kernel.compress(self._state, memoryview(self.rest))
        whole = len(data) - len(data) % BLOCK
        self._kernel.compress(self._state, data[:whole])
        self.rest = bytes(data[whole:])

    def hexdigest(self) -> str:
        """The digest so far; more may follow."""
        end = self.rest + b"\x80"
        end += bytes((-8 - len(end)) % BLOCK) + (8 * self.size).to_bytes(8, "big")
        state = bytearray(self._state)
        self._kernel.compress(state, memoryview(end))
        return state.hex()
