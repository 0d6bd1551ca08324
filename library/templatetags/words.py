"""The words of `library.pages.words` for templates."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from library.models import Copy, Video
from library.pages import words

register = template.Library()
_STAGES = {
    "receive": _("Receive"),
    "check": _("Check"),
    "store": _("Store"),
    "commit": _("Commit"),
    "verify": _("Read back"),
    "prove": _("First proof"),
    "encrypt": _("Encrypt"),
    "rendition": _("Make the rendition"),
}


@register.filter
def size(count: float | str | None) -> str:
    """Nothing for what is not known, which templates hand on as None or as no words."""
    return words.size(count) if isinstance(count, int | float) else ""


@register.filter
def clock(seconds: float | None) -> str:
    return "" if seconds is None else words.clock(seconds)


@register.filter
def spoken(seconds: float | None) -> str:
    return "" if seconds is None else words.spoken(seconds)


@register.filter
def provider(name: str) -> str:
    return str(_("this machine")) if name == Copy.LOCAL else name


@register.filter
def stage(name: str) -> str:
    """What a stage of a film's way is called; as `static/js/upload/track.js` calls it."""
    return str(_STAGES.get(name, name.capitalize()))


@register.filter
def state(name: str) -> str:
    """The one of the five words for a state."""
    return str(Video.State(name).label)


@register.filter(name="words")
def split(text: str) -> list[str]:
    return text.split()


@register.filter
def percent(part: float, whole: float | None) -> int:
    """Whole per cent, never 100 before it is so."""
    return int(part * 100 // whole) if whole else 0


@register.filter
def ago(moment: datetime | str | None) -> SafeString | str:
    """The age of a moment; the exact time is its title."""
    when = parse_datetime(moment) if isinstance(moment, str) else moment
    if when is None:
        return ""
    when = when.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        when.isoformat(timespec="seconds"),
        words.exact(when),
        words.ago(when, timezone.now()),
    )


@register.filter
def day(moment: datetime | None) -> str:
    return "" if moment is None else words.date(moment.astimezone(UTC))


@register.filter
def days(count: int | None) -> str:
    if count is None:
        return ""
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": f"{count:,}"}


@register.filter
def usdfc(amount: int | Decimal) -> str:
    """An amount in 1e-18 USDFC, with as many decimals as tell it from nothing."""
    from filmedia.filecoin.money import amounts

    return amounts.shown(int(amount), up=False).removesuffix(" USDFC")


@register.filter
def minutes(seconds: float) -> str:
    """What is left of a film, as somebody says who looks at a clock: "12 min", "1 h 5 min"."""
    left = max(1, round(seconds / 60))
    hours, rest = divmod(left, 60)
    return f"{left} min" if not hours else f"{hours} h {rest} min" if rest else f"{hours} h"


@register.filter
def second(seconds: float) -> int:
    """The whole second that something begins in."""
    return int(seconds)


_SHIELDS = {
    Video.State.AT_RISK: "warning",
    Video.State.RECEIVED: "clock",
    Video.State.COMMITTED: "outline-shield",
    Video.State.PROVEN: "full-shield",
}


@register.filter
def shield(video: Video) -> str:
    """
    The picture of a film's state: a shield that is full when it is proven on all copies,
    half with fewer copies than wanted, an outline while it waits for its first proof.
    """
    few = not video.is_local and video.committed_copies < video.wanted_copies
    if few and video.state in {Video.State.STORED, Video.State.COMMITTED, Video.State.PROVEN}:
        return "half-shield"
    return _SHIELDS.get(Video.State(video.state), "shield")
