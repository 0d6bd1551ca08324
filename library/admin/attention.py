"""What whoever runs the library should look at, the worst first, and where to go about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Model, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from library import permissions
from library.keys import kit
from library.models import Copy, Import, RecoveryKit, Step, Upload, User, Video
from library.templatetags import words
from library.uploads import space

# Of each kind so many are named; the link leads to all of them.
MOST_NAMED = 3
LITTLE_ROOM = 10 * 10**9
# A worker looks several times a second; steps wait longer only where none is there.
NOBODY_COMES = timedelta(minutes=2)


@dataclass(frozen=True)
class Notice:
    """Something to act on: in a few words, what to do about it, and examples."""

    words: str
    advice: str
    url: str
    action: str
    bad: bool = True
    examples: list[str] = field(default_factory=list)


def few_copies() -> Q:
    """Films of which fewer copies are kept than are wanted, and not for the first time yet."""
    return (
        ~Q(network=Copy.LOCAL)
        & ~Q(state=Video.State.RECEIVED)
        & Q(held_copies__lt=F("wanted_copies"))
    )


def needing() -> Q:
    """Films that somebody has to do something about."""
    failed = Step.objects.filter(state=Step.State.FAILED).order_by().values("video")
    return Q(state=Video.State.AT_RISK) | Q(pk__in=failed) | few_copies()


def given_up() -> QuerySet[Step]:
    """Steps that go on only when somebody has them tried again; not of films in the trash."""
    return Step.objects.filter(state=Step.State.FAILED, video__trashed_at=None)


def notices(user: User) -> list[Notice]:
    """Those of what `user` may look at."""
    found = [
        notice
        for model, look in _LOOKS
        if user.has_perm(f"library.view_{model._meta.model_name}")
        for notice in look()
    ]
    if permissions.may_see_funds(user):
        found += _funds()
    # In their order of old, but what is bad before what may become so.
    return sorted(found, key=lambda notice: not notice.bad)


def _at_risk() -> Iterator[Notice]:
    films = Video.objects.filter(state=Video.State.AT_RISK, trashed_at=None)
    if count := films.count():
        yield Notice(
            ngettext("%(count)d film is at risk", "%(count)d films are at risk", count)
            % {"count": count},
            _("Their bytes are not all right where they are kept."),
            _list(Video, state__exact=Video.State.AT_RISK.value),
            _("Show the films"),
            examples=[
                f"{film.title}: {film.state_reason}".removesuffix(": ")
                for film in films[:MOST_NAMED]
            ],
        )


def _few_copies() -> Iterator[Notice]:
    films = Video.objects.filter(few_copies(), trashed_at=None)
    if count := films.count():
        yield Notice(
            ngettext(
                "%(count)d film has fewer copies than it should",
                "%(count)d films have fewer copies than they should",
                count,
            )
            % {"count": count},
            _("More are made by themselves; “Make missing copies” begins at once."),
            _list(Video, copies="few"),
            _("Show the films"),
            bad=False,
            examples=[
                _("%(title)s: %(held)d of %(wanted)d")
                % {"title": film.title, "held": film.held_copies, "wanted": film.wanted_copies}
                for film in films[:MOST_NAMED]
            ],
        )


def _faults() -> Iterator[Notice]:
    copies = Copy.objects.exclude(fault="").filter(piece__video__trashed_at=None)
    if count := copies.count():
        yield Notice(
            ngettext("%(count)d copy has a fault", "%(count)d copies have a fault", count)
            % {"count": count},
            _("Something else came back than was stored, or nothing."),
            _list(Copy, fault__isempty=0),
            _("Show the copies"),
            bad=False,
        )


def _steps() -> Iterator[Notice]:
    failed = given_up()
    if count := failed.count():
        yield Notice(
            ngettext("%(count)d step was given up", "%(count)d steps were given up", count)
            % {"count": count},
            _("They wait for somebody to mend the cause and to try again."),
            _list(Step, show="given_up"),
            _("Show the steps"),
            examples=_named(failed),
        )
    retried = Step.objects.filter(state=Step.State.WAITING, video__trashed_at=None)
    retried = retried.exclude(error="")
    if count := retried.count():
        yield Notice(
            ngettext("%(count)d step has met an error", "%(count)d steps have met errors", count)
            % {"count": count},
            _("They are tried again by themselves, with longer and longer pauses."),
            _list(Step, show="erring"),
            _("Show the steps"),
            bad=False,
            examples=_named(retried),
        )
    yield from _nobody_works()


def _named(steps: QuerySet[Step]) -> list[str]:
    newest = steps.select_related("video").order_by("-updated_at")[:MOST_NAMED]
    return [f"{step.get_kind_display()}, {step.video.title}: {step.error}" for step in newest]


def _nobody_works() -> Iterator[Notice]:
    now = timezone.now()
    due = Step.objects.filter(
        Q(state=Step.State.WAITING, next_try_at__lt=now - NOBODY_COMES)
        | Q(state=Step.State.RUNNING, lease_until__lt=now - NOBODY_COMES)
    )
    at_work = Step.objects.filter(state=Step.State.RUNNING, lease_until__gte=now)
    if due.exists() and not at_work.exists():
        yield Notice(
            _("No worker does the steps that are due"),
            _("“manage.py serve” starts one beside the site; “manage.py worker” starts one alone."),
            _list(Step, show="waiting"),
            _("Show the steps"),
        )


def _uploads() -> Iterator[Notice]:
    refused = Upload.objects.current().filter(state=Upload.State.REFUSED)
    if count := refused.count():
        yield Notice(
            ngettext(
                "%(count)d upload was refused lately",
                "%(count)d uploads were refused lately",
                count,
            )
            % {"count": count},
            _("What was sent is no film, or is damaged. Its sender has been told the same."),
            _list(Upload, state__exact=Upload.State.REFUSED.value),
            _("Show the uploads"),
            bad=False,
            examples=[f"{upload}: {upload.problem}" for upload in refused[:MOST_NAMED]],
        )
    room = space.available()
    if room < LITTLE_ROOM:
        yield Notice(
            _("The disk is full") if not room else _("The disk is nearly full"),
            _("There is room for %(room)s more. docs/operations.md, Space, says how to make some.")
            % {"room": words.size(room)},
            _list(Upload, state__exact=Upload.State.RECEIVING.value),
            _("Show what is arriving"),
            bad=not room,
        )


def _imports() -> Iterator[Notice]:
    failed = Import.objects.filter(state=Import.State.FAILED)
    if count := failed.count():
        yield Notice(
            ngettext(
                "%(count)d import by PieceCID failed", "%(count)d imports by PieceCID failed", count
            )
            % {"count": count},
            _("No source gave the bytes that belong to the PieceCIDs."),
            _list(Import, state__exact=Import.State.FAILED.value),
            _("Show the imports"),
            bad=False,
        )


def _kits() -> Iterator[Notice]:
    if count := kit.missing_keys():
        yield Notice(
            ngettext(
                "%(count)d encrypted film is in no recovery kit yet",
                "%(count)d encrypted films are in no recovery kit yet",
                count,
            )
            % {"count": count},
            _("Without a kit they are lost with this machine. To make one: %(command)s")
            % {"command": "manage.py keys kit FOLDER"},
            _list(RecoveryKit),
            _("Show the kits"),
            bad=False,
        )


def _funds() -> Iterator[Notice]:
    if settings.FILECOIN_NETWORK == Copy.LOCAL:
        return
    # What speaks with networks is loaded by whoever uses it.
    from library.network import notices as standing

    for sentence in standing.standing(settings.FILECOIN_NETWORK):
        yield Notice(
            _("The account needs you"), sentence, reverse("library:funds"), _("To the Funds page")
        )


_LOOKS: list[tuple[type[Model], Callable[[], Iterator[Notice]]]] = [
    (Video, _at_risk),
    (Step, _steps),
    (Video, _few_copies),
    (Copy, _faults),
    (Upload, _uploads),
    (Import, _imports),
    (RecoveryKit, _kits),
]


def _list(model: type[Model], **which: str | int) -> str:
    page = reverse(f"admin:library_{model._meta.model_name}_changelist")
    return f"{page}?{urlencode(which)}" if which else page
