"""How far the rendition is that a worker makes, or will make next."""

from __future__ import annotations

from dataclasses import dataclass

from library.models import Rendition, Step, Video


@dataclass(frozen=True)
class UnderWay:
    """`done` of `total` bytes of the original are made into it, by the time they last."""

    rendition: Rendition
    is_running: bool
    done: int
    total: int

    @property
    def percent(self) -> int:
        """Never 100: then it is there."""
        return min(self.done * 100 // self.total, 99) if self.is_running and self.total else 0


def of(video: Video) -> UnderWay | None:
    """None where nothing is to be made."""
    over = [Step.State.DONE, Step.State.SKIPPED, Step.State.FAILED]
    steps = Step.objects.filter(video=video, kind=Step.Kind.RENDITION).exclude(state__in=over)
    step = steps.first()
    wish = next_of(video) if step else None
    if step is None or wish is None:
        return None
    is_running = step.state == Step.State.RUNNING
    return UnderWay(wish, is_running, step.done_bytes, step.total_bytes)


def next_of(video: Video) -> Rendition | None:
    """The smallest first: it is there soonest."""
    wanted = Rendition.objects.filter(original=video, film=None, problem="")
    return wanted.order_by("quality").first()
