"""
Why a step did not get to its end.

StepError                     `retryable` says whether trying again may help
├── StagedBytesMissing        no: a piece that should be in staging is not
├── CopiesAreWrong            no: what was read back is not what was stored
├── NotTheFilm                no: the bytes that are here are not the film's any more
├── StagedWrong               yes: what was written is not what the disk gives back
├── NoPicture                 no: there is none that could be taken of this film
├── ExaminationBroke          a few times: the child program crashed or took too long
├── Locked                    yes, for as long as it takes: its key cannot be opened
└── Unexpected                yes: anything that nobody thought of, a full disk included
StepLeft                      nothing is wrong with the step; somebody else goes on
├── LeaseLost                 another worker has taken it
└── Interrupted               this worker was asked to stop
"""

from __future__ import annotations

from library.errors import Refusal


class StepError(Exception):
    """The step failed; the text is a sentence that may be shown."""

    retryable = True
    # Ten tries with their pauses take about half an hour.
    tries = 10


class StagedBytesMissing(StepError):
    retryable = False

    def __init__(self, index: int) -> None:
        self.index = index
        super().__init__(f"Piece {index} of this film is neither in staging nor on the shelf.")


class CopiesAreWrong(StepError):
    retryable = False


class NotTheFilm(StepError):
    retryable = False


class StagedWrong(StepError):
    pass


class NoPicture(StepError):
    retryable = False

    def __init__(self) -> None:
        super().__init__("No picture can be taken of this film. It plays all the same.")


class ExaminationBroke(StepError):
    """The file may have done this on purpose, so it gets few chances."""

    tries = 3


class Unexpected(StepError):
    # A disk may be full for hours before somebody makes room.
    tries = 50

    def __init__(self, error: Exception) -> None:
        if isinstance(error, Refusal):
            super().__init__(error.detail)
            return
        # The owner reads this. What else the error says, paths perhaps, is for the log.
        words = error.strerror if isinstance(error, OSError) and error.strerror else ""
        what = f"{type(error).__name__}: {words}" if words else type(error).__name__
        super().__init__(f"Something unexpected happened ({what}).")


class Locked(StepError):
    """The film's key cannot be opened just now: however long that lasts, the film waits."""

    tries = 1_000_000


class StepLeft(Exception):
    """Somebody else goes on with the step, from where its rows say."""


class LeaseLost(StepLeft):
    pass


class Interrupted(StepLeft):
    pass
