"""What whoever runs the library can do about what went wrong, in a sentence or two."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from library.errors import KeyUnavailable
from library.keys import films as keys
from library.models import Step, Upload
from library.templatetags import words
from library.uploads import space

# Words by which an error tells its cause; the first that occurs counts.
_CAUSES = (
    (
        ("No space left", "disk is full", "Disk quota", "room for"),
        gettext_lazy(
            "The disk is full. Make room (docs/operations.md, Space), then try again: it goes on "
            "from what is there."
        ),
    ),
    (
        ("library key",),
        gettext_lazy(
            "The library key is missing or another one. Put it back (docs/recovery.md); the film "
            "then goes on by itself, or at once with “Try again”."
        ),
    ),
    (
        ("own key is damaged",),
        gettext_lazy(
            "Bring the film's key back from a recovery kit (docs/recovery.md), then try again."
        ),
    ),
    (
        ("Permission denied", "Read-only file system"),
        gettext_lazy(
            "The program may not write where it has to. Give the data folder back to its account, "
            "then try again."
        ),
    ),
    (
        ("Input/output error",),
        gettext_lazy(
            "The disk itself reports errors. Look at the machine's log before you try again."
        ),
    ),
    (
        ("neither in staging nor on the shelf", "is missing."),
        gettext_lazy(
            "These bytes are gone from this machine. Bring the data folder back from a backup and "
            "try again; or move the film to the trash and have it sent again."
        ),
    ),
    (
        ("is not what was stored", "together they are not this film"),
        gettext_lazy(
            "The disk gives other bytes than it was given. Bring the file back from a backup and "
            "try again; other films may be affected, so read them back too."
        ),
    ),
    (
        ("Add ", "approve", "deposit"),
        gettext_lazy("The account has to be topped up: see the Funds page."),
    ),
    (("session key",), gettext_lazy("Renew the session key's access: see the Funds page.")),
    (
        ("cannot be reached", "does not answer", "answered 5"),
        gettext_lazy(
            "The other side does not answer. It is tried again by itself; “Try again” does so "
            "at once."
        ),
    ),
    (
        ("died while doing this",),
        gettext_lazy(
            "The worker was killed each time it did this, perhaps for its memory. Look at the "
            "system's log, then try again."
        ),
    ),
    (
        ("could not be examined", "broke down over this", "examination"),
        gettext_lazy(
            "The program that examines films gave up on this one. If that happens with other films "
            "too, look at the worker's log; otherwise the file itself is the reason."
        ),
    ),
)


def for_error(error: str) -> str:
    """What to do about a step's or an import's error."""
    for signs, advice in _CAUSES:
        if any(sign in error for sign in signs):
            return str(advice)
    return _("The worker's log of that time says more. When the cause is gone, try again.")


def for_step(step: Step) -> str:
    return for_error(step.error) if step.error else ""


def for_upload(upload: Upload, room: int | None = None) -> str:
    """
    What became of an upload that is no film, and what to do; no words where all is well.
    Whoever asks for many says how much `room` there is.
    """
    if upload.state == Upload.State.REFUSED:
        return _of_refused(upload)
    if upload.state == Upload.State.EXPIRED:
        return _("Nobody went on with it in time, so its bytes were let go. It can be sent again.")
    if upload.state != Upload.State.RECEIVING:
        return ""
    try:
        keys.of(upload)
    except KeyUnavailable as error:
        return f"{error.detail} {for_error(error.detail)}"
    if upload.is_complete:
        return _(
            "All of its bytes are here, but whoever received them ended before it became a "
            "film. “Make it a film” does that now."
        )
    if not (space.available() if room is None else room):
        return for_error("No space left")
    quiet = (timezone.now() - (upload.writer_seen_at or upload.created_at)).total_seconds()
    if quiet > 60:
        return _(
            "Nothing has arrived for %(time)s. Its owner can go on from where it stopped, with "
            "the same file, until it expires."
        ) % {"time": words.spoken(quiet)}
    return ""


def _of_refused(upload: Upload) -> str:
    if "SHA-256" in upload.problem:
        return _(
            "The file changed while it was being sent, so nothing of it was kept. Ask its owner "
            "to send it again."
        )
    if "could not be examined" in upload.problem or "examination" in upload.problem.lower():
        return _(
            "Three tries to examine it failed, so it was not taken for a film, and its bytes "
            "were let go. Look at the worker's log; then have it sent again."
        )
    if "damaged" in upload.problem:
        return _(
            "The file itself is damaged, so its bytes were let go. Ask its owner to look whether "
            "it plays at their place, and to send a whole copy."
        )
    return _(
        "It is no film, so its bytes were let go and there is nothing to mend here. Ask its owner "
        "for the right file. To keep files of every kind, set ACCEPT_ANY_FILE=1."
    )
