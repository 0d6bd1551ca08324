"""What may be done to a step, and a step as it is shown: with advice, and with its buttons."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import quote
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazily

from library.admin import advice
from library.errors import WrongState
from library.models import Step
from library.storing import deciding, steps


@dataclass(frozen=True)
class Act:
    """`why_not` gives words where it cannot be done; `do` raises them."""

    name: str
    label: Any
    done: Any
    do: Callable[[Step], None]
    why_not: Callable[[Step], str]


def _again(step: Step) -> None:
    if not steps.again(step):
        raise WrongState(deciding.why_not_again(step) or _("It was taken up meanwhile."))


ACTS = {
    act.name: act
    for act in (
        Act(
            "try_again",
            lazily("Try again"),
            lazily("Will be tried again: %(count)d."),
            _again,
            deciding.why_not_again,
        ),
        Act(
            "skip",
            lazily("Skip"),
            lazily("Left out: %(count)d."),
            deciding.skip,
            deciding.why_not_skip,
        ),
        Act(
            "cancel",
            lazily("Cancel"),
            lazily("Cancelled: %(count)d."),
            deciding.cancel,
            deciding.why_not_cancel,
        ),
    )
}


@dataclass(frozen=True)
class Button:
    name: str
    label: Any
    why_not: str


@dataclass(frozen=True)
class Shown:
    """A step as it is shown."""

    step: Step
    advice: str
    buttons: list[Button]

    @property
    def page(self) -> str:
        return reverse("admin:library_step_change", args=[quote(self.step.pk)])

    @property
    def act_url(self) -> str:
        return reverse("admin:library_step_act", args=[self.step.pk])

    @property
    def waits(self) -> bool:
        return self.step.state == Step.State.WAITING

    @property
    def is_trouble(self) -> bool:
        return self.step.state == Step.State.FAILED or (self.waits and bool(self.step.error))

    @property
    def possible(self) -> list[Button]:
        return [button for button in self.buttons if not button.why_not]


def shown(found: Iterable[Step]) -> list[Shown]:
    return [Shown(step, advice.for_step(step), buttons(step)) for step in found]


def buttons(step: Step) -> list[Button]:
    """Those that can be pressed, and those that cannot, with the reason; none of a done step."""
    if step.state == Step.State.DONE:
        return []
    return [Button(act.name, act.label, act.why_not(step)) for act in ACTS.values()]
