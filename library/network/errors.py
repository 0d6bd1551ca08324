"""
Why a film waits on its way to the network. Nothing here is final: the film is safe, and
goes on by itself once what is missing is there.

StepError
├── NotReady      money, an approval, access or a key is missing; `help` says which
├── NoProvider    nobody can take it at the moment
├── FewerCopies   it is stored, but not as often as it should be
└── CopiesUnread  it is committed; its copies could not all be read back yet
"""

from __future__ import annotations

from collections.abc import Sequence

from library.storing.errors import StepError


class _Waits(StepError):
    # However long it takes.
    tries = 1_000_000


class NotReady(_Waits):
    """`help` is one of: deposit, approve, raise limit, renew key, set up, reach chain."""

    def __init__(self, detail: str, help: str) -> None:
        self.help = help
        super().__init__(f"{detail} The film is safe here and waits.")


class NoProvider(_Waits):
    def __init__(self, detail: str) -> None:
        super().__init__(f"{detail} The film is safe here; it is tried again.")


class FewerCopies(_Waits):
    def __init__(self, wanted: int, reasons: Sequence[str]) -> None:
        super().__init__(
            f"Fewer than {wanted} copies yet. {' '.join(reasons)[:300]} The film is safe; "
            "further copies are made as soon as they can be."
        )


class CopiesUnread(_Waits):
    def __init__(self, reason: str) -> None:
        super().__init__(f"Not every copy could be read back yet. {reason}"[:500])
