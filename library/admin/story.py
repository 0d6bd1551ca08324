"""
The story of a film in time order, from its first byte on: an event a line, in words that a
person understands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import Model, Q
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from library.models import Addition, Event, Step, Video
from library.templatetags import words

# A page shows so many of the newest; all of them are a link away.
MOST = 200

GOOD, BAD, PLAIN = "good", "bad", "plain"

DOING = {
    Step.Kind.CHECK: gettext_lazy("Check"),
    Step.Kind.STORE: gettext_lazy("Storing"),
    Step.Kind.VERIFY: gettext_lazy("Reading back"),
    Step.Kind.ENCRYPT: gettext_lazy("Storing anew, encrypted,"),
    Step.Kind.POSTER: gettext_lazy("Making the poster"),
    Step.Kind.STORYBOARD: gettext_lazy("Making the storyboard"),
}


@dataclass
class Line:
    """One thing that happened; `times` counts those just like it that came right after."""

    at: datetime
    words: str
    tone: str = PLAIN
    times: int = 1
    last_at: datetime | None = None
    kind: str = ""
    ids: list[tuple[str, str]] = field(default_factory=list)
    # The film, or the upload that is none yet, and the page of it.
    about: tuple[str, str] | None = None


def of(video: Video) -> list[Line]:
    """The newest lines of the film's story, the earliest first."""
    about = Q(video=video) | Q(upload__video=video)
    events = Event.objects.filter(about).select_related("owner", "video", "upload")
    newest = list(events.order_by("-seq")[:MOST])
    lines = _gathered(_line(event) for event in reversed(newest))
    return sorted([*lines, *_on_chain(video)], key=lambda line: line.at)


def lately(most: int) -> list[Line]:
    """The newest things that happened to any film, the latest first."""
    events = Event.objects.filter(type__in=_SAID).select_related("owner", "video", "upload")
    return [_line(event) for event in events.order_by("-seq")[:most]]


def _on_chain(video: Video) -> Iterable[Line]:
    """What of it was put on chain, by the transactions that did it."""
    if video.is_local:
        return
    landed = Addition.objects.filter(copies__piece__video=video, landed_at__isnull=False)
    for addition in landed.select_related("data_set__provider").distinct():
        facts = {"provider": addition.data_set.provider.title, "block": f"{addition.block:,}"}
        text = _("On chain in block %(block)s: pieces at %(provider)s.") % facts
        transaction = addition.shown_transaction
        ids = [(f"{transaction[:10]}…", _page(addition))]
        # What speaks with networks is loaded by whoever uses it.
        from library.network import connection

        if not connection.is_local() and (url := connection.network().transaction_url(transaction)):
            ids.append((_("in the explorer"), url))
        yield Line(addition.landed_at or addition.drawn_at, text, GOOD, ids=ids)


def _gathered(lines: Iterable[Line]) -> list[Line]:
    """A step that fails again and again for one reason is one line, however often it does."""
    found: list[Line] = []
    for line in lines:
        before = found[-1] if found else None
        if before and line.kind and (before.kind, before.tone) == (line.kind, line.tone):
            before.times += 1
            before.last_at, before.words = line.at, line.words
        else:
            found.append(line)
    return found


def _line(event: Event) -> Line:
    said = _SAID.get(event.type, _unknown)(event)
    text, tone = said if isinstance(said, tuple) else (said, PLAIN)
    kind = ""
    if event.type in {"step.retrying", "commit.retrying"}:
        kind = f"{event.type} {event.data.get('kind', '')} {event.data.get('error', '')}"
    subject = event.video or event.upload
    about = (str(subject), _page(subject)) if subject else None
    return Line(event.at, text, tone, kind=kind, ids=_ids(event), about=about)


def _ids(event: Event) -> list[tuple[str, str]]:
    """Whatever an event names, with the page of each."""
    ids = [(f"#{event.seq}", _page(event))]
    if event.upload is not None:
        ids.append((event.upload.pk, _page(event.upload)))
    return ids


def _page(row: Model) -> str:
    return reverse(f"admin:library_{row._meta.model_name}_change", args=[quote(row.pk)])


def _unknown(event: Event) -> Said:
    return event.type


Said = str | tuple[str, str]


def _doing(event: Event) -> str:
    kind = event.data.get("kind", "")
    return str(DOING.get(kind, kind))


def _begun(event: Event) -> Said:
    owner = event.owner.username if event.owner else _("somebody")
    return _("%(owner)s began to send it.") % {"owner": owner}


def _received(event: Event) -> Said:
    owner = event.owner.username if event.owner else _("somebody")
    facts = {"size": words.size(event.data.get("size")), "owner": owner}
    return _("Received %(size)s from %(owner)s.") % facts, GOOD


def _checked(event: Event) -> Said:
    if event.data.get("kind") == Video.Kind.FILM:
        return _("Checked: it is a film."), GOOD
    return _("Checked: it is no film, and kept as a plain file."), GOOD


def _retrying(event: Event) -> Said:
    facts = {"doing": _doing(event), "error": str(event.data.get("error", "")).rstrip(".")}
    again = parse_datetime(str(event.data.get("next_try_at", "")))
    if again is None:
        return _("%(doing)s failed: %(error)s.") % facts, BAD
    facts["pause"] = _pause((again - event.at).total_seconds())
    return _("%(doing)s failed: %(error)s; tried again in %(pause)s.") % facts, BAD


def _pause(seconds: float) -> str:
    if seconds < 90:
        return _("%(count)d s") % {"count": max(round(seconds), 1)}
    return _("%(count)d min") % {"count": round(seconds / 60)}


def _failed(event: Event) -> Said:
    facts = {"doing": _doing(event), "error": event.data.get("error", "")}
    return _("%(doing)s was given up: %(error)s") % facts, BAD


def _of_step(text: Any) -> Callable[[Event], Said]:
    return lambda event: str(text) % {"doing": _doing(event)}


def _plain(text: Any, tone: str = PLAIN) -> Callable[[Event], Said]:
    return lambda event: (str(text), tone)


def _at_risk(event: Event) -> Said:
    return _("At risk: %(reason)s") % {"reason": event.data.get("reason", "")}, BAD


def _copies(word: Any) -> Callable[[Event], Said]:
    def say(event: Event) -> Said:
        wanted, held = event.data.get("wanted"), event.data.get("copies")
        if not wanted:
            return _("%(word)s.") % {"word": word}, GOOD
        facts = {"word": word, "held": held, "wanted": wanted}
        if committed := event.data.get("committed"):
            facts["committed"] = committed
            text = _("%(word)s: %(held)s of %(wanted)s copies, %(committed)s on chain.")
        else:
            text = _("%(word)s: %(held)s of %(wanted)s copies.")
        return text % facts, GOOD

    return say


def _copy(text: Any, tone: str) -> Callable[[Event], Said]:
    def say(event: Event) -> Said:
        facts = {"piece": event.data.get("piece"), "provider": event.data.get("provider")}
        fault = event.data.get("fault", "")
        return f"{str(text) % facts} {fault}".strip(), tone

    return say


def _changed(event: Event) -> Said:
    names = ", ".join(event.data.get("changed", []))
    return _("What is said of it was changed: %(names)s.") % {"names": names}


def _commit_retrying(event: Event) -> Said:
    facts = {name: event.data.get(name, "") for name in ("provider", "error")}
    return _("Committing at %(provider)s was put off: %(error)s") % facts, BAD


def _moving(event: Event) -> Said:
    return _("Moving to %(network)s.") % {"network": event.data.get("network", "")}


def _chapters(event: Event) -> Said:
    count = event.data.get("count", 0)
    return ngettext("It has %(count)d chapter now.", "It has %(count)d chapters now.", count) % {
        "count": count
    }


def _refused(event: Event) -> Said:
    return _("Refused: %(problem)s") % {"problem": event.data.get("problem", "")}, BAD


_SAID: dict[str, Callable[[Event], Said]] = {
    "upload.begun": _begun,
    "upload.received": _received,
    "upload.refused": _refused,
    "upload.changed": _changed,
    "upload.cancelled": _plain(gettext_lazy("Its upload was cancelled.")),
    "upload.expired": _plain(gettext_lazy("Its upload waited too long and expired."), BAD),
    "video.checked": _checked,
    "video.verified": _plain(gettext_lazy("Read back: every byte is right."), GOOD),
    "video.stored": _copies(gettext_lazy("Stored")),
    "video.committed": _copies(gettext_lazy("Committed")),
    "video.proven": _copies(gettext_lazy("Proven")),
    "video.received": _plain(gettext_lazy("Back to Received: it has no copy now."), BAD),
    "video.copies": _copies(gettext_lazy("Copies")),
    "video.at_risk": _at_risk,
    "video.changed": _changed,
    "video.chapters": _chapters,
    "video.captions": _plain(gettext_lazy("Its captions were changed.")),
    "video.poster": _plain(gettext_lazy("It has a new poster."), GOOD),
    "video.storyboard": _plain(gettext_lazy("It has a new storyboard."), GOOD),
    "rendition.asked": _plain(gettext_lazy("Is to be made in other qualities.")),
    "rendition.made": _plain(gettext_lazy("It is there in another quality now."), GOOD),
    "rendition.failed": _plain(gettext_lazy("Could not be made in another quality."), BAD),
    "rendition.removed": _plain(gettext_lazy("One of its other qualities was removed.")),
    "video.trashed": _plain(gettext_lazy("Moved to the trash.")),
    "video.restored": _plain(gettext_lazy("Restored from the trash.")),
    "video.encrypting": _plain(gettext_lazy("Is to be stored anew, encrypted.")),
    "video.encrypted": _plain(gettext_lazy("Has a key and encrypted bytes now."), GOOD),
    "video.moving": _moving,
    "video.storing": _plain(gettext_lazy("Its copies are looked at and made whole.")),
    "video.recovered": _plain(gettext_lazy("Brought back from a recovery kit."), GOOD),
    "commit.retrying": _commit_retrying,
    "copy.lost": _copy(gettext_lazy("Lost: piece %(piece)s at %(provider)s."), BAD),
    "copy.doubted": _copy(gettext_lazy("In doubt: piece %(piece)s at %(provider)s."), BAD),
    "copy.returned": _copy(gettext_lazy("Right again: piece %(piece)s at %(provider)s."), GOOD),
    "step.retrying": _retrying,
    "step.failed": _failed,
    "step.again": _of_step(gettext_lazy("%(doing)s was asked for again, by hand.")),
    "step.skipped": _of_step(gettext_lazy("%(doing)s was left out, by hand.")),
    "step.cancelled": _of_step(gettext_lazy("%(doing)s was cancelled, by hand.")),
}
