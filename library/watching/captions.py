"""
Words to a film: brought as a file, kept as plain WebVTT, with what is said to be searched.

Every change of what is said passes through `_keep` and `remove`.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from library import events
from library.errors import Invalid, NotFound, TooLarge, WrongState
from library.keys import films as keys
from library.models import Caption, Cue, Video
from library.search import index
from library.uploads import names
from library.watching import clock, languages, sealing, subtitles

MOST_BYTES = 2 * 1024 * 1024
TOO_LARGE = f"Captions have at most {MOST_BYTES // 1024**2} MiB; this is more."
LABEL_LIMIT = 100
MOST_OF_A_FILM = 100

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What older files in these languages are written in, where it is not UTF-8.
_OLD_LETTERS = {
    "cp1250": ("pl", "cs", "sk", "hu", "hr", "sl", "ro", "bs", "sq"),
    "cp1251": ("ru", "uk", "bg", "sr", "mk", "be"),
    "cp1253": ("el",),
    "cp1254": ("tr", "az"),
    "cp1255": ("he",),
    "cp1256": ("ar", "fa", "ur"),
    "cp1257": ("lt", "lv", "et"),
}
_LETTERS_OF = {language: name for name, all in _OLD_LETTERS.items() for language in all}


def add(
    video: Video,
    data: bytes | str,
    *,
    language: str,
    label: str = "",
    kind: str = Caption.Kind.SUBTITLES,
    automatic: bool = False,
) -> Caption:
    """
    Add the words in `data`, an SRT or WebVTT file or its text. Raises Invalid, which names
    the line, or TooLarge; or WrongState where the film has words in this language and of
    this kind.
    """
    language, kind = languages.checked(language), _kind(kind)
    caption = Caption(
        video=video,
        language=language,
        label=_label(label, language),
        kind=kind,
        automatic=automatic,
    )
    cues = _cues(data, language, video)
    with transaction.atomic():
        _hold(video)
        if Caption.objects.filter(video=video).count() >= MOST_OF_A_FILM:
            raise WrongState(f"A film has at most {MOST_OF_A_FILM} captions.")
        _keep(caption, cues)
        _tell(video, caption, "added")
    return caption


def replace(caption: Caption, data: bytes | str) -> Caption:
    """Put other words in place of those there are. Raises as `add` does."""
    cues = _cues(data, caption.language, caption.video)
    with transaction.atomic():
        _hold(caption.video)
        _keep(caption, cues)
        _tell(caption.video, caption, "replaced")
    return caption


def change(
    caption: Caption,
    *,
    language: str | None = None,
    label: str | None = None,
    kind: str | None = None,
    automatic: bool | None = None,
) -> Caption:
    """
    Set what is said of the words; None leaves it as it is. Raises Invalid or WrongState, and
    then nothing changed.
    """
    before = (caption.language, caption.label, caption.kind, caption.automatic)
    was_made = caption.label == languages.name(caption.language)
    caption.language = languages.checked(language) if language is not None else caption.language
    caption.kind = _kind(kind) if kind is not None else caption.kind
    caption.automatic = caption.automatic if automatic is None else automatic
    if label is not None or was_made:
        caption.label = _label(label or "", caption.language)
    if before != (caption.language, caption.label, caption.kind, caption.automatic):
        with transaction.atomic():
            _hold(caption.video)
            _save(caption, "language", "label", "kind", "automatic")
            _tell(caption.video, caption, "changed")
    return caption


def revise(caption: Caption, data: bytes | str | None, **said: Any) -> Caption:
    """`change` and, where there is data, `replace`: both or, where one raises, neither."""
    with transaction.atomic():
        change(caption, **said)
        return caption if data is None else replace(caption, data)


def remove(caption: Caption) -> None:
    with transaction.atomic():
        _hold(caption.video)
        pk = caption.pk
        if Caption.objects.filter(pk=pk).delete()[0]:
            caption.pk = pk
            index.captions(caption.video_id)
            _tell(caption.video, caption, "removed")
    index.tidy()


def are_missing(video: Video) -> bool:
    """Whether somebody hears something in the film that nobody can read."""
    has_sound = any(stream.get("kind") == "audio" for stream in video.streams)
    readable = [Caption.Kind.SUBTITLES, Caption.Kind.CAPTIONS]
    return has_sound and not video.captions.filter(kind__in=readable).exists()


def decoded(data: bytes, language: str = "") -> str:
    """
    The text of a file: as its mark says, or else UTF-8, or else the old letters of its
    language. Raises Invalid, which names the line that cannot be read.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding)
    if b"\0" in data:
        raise Invalid("This is no text file: save it as UTF-8 and try again.", field="file")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        old = _LETTERS_OF.get(language.partition("-")[0].lower(), "cp1252")
        return _decoded(data, old)


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Invalid(
            f"Line {line}: this letter cannot be read. Save the file as UTF-8 and try again.",
            field="file",
            line=line,
        ) from None


def _cues(data: bytes | str, language: str, video: Video) -> Sequence[subtitles.Cue]:
    # A text has at least as many bytes as letters.
    if len(data) > MOST_BYTES:
        raise TooLarge(TOO_LARGE)
    text = data.removeprefix("\ufeff") if isinstance(data, str) else decoded(data, language)
    try:
        cues = subtitles.parse(text)
    except subtitles.NotSubtitles as error:
        raise Invalid(str(error), field="file", line=error.line) from None
    if video.duration is not None and cues[0].start >= video.duration:
        raise Invalid(
            f"The first words come at {clock.write(cues[0].start)}, and the film ends at "
            f"{clock.write(video.duration)}. They seem to be of another film.",
            field="file",
        )
    return cues


def _hold(video: Video) -> None:
    """
    Until the transaction ends the film neither gets a key nor loses one; it may have got one
    since `video` was read.
    """
    rows = Video.objects.select_for_update(of=("self",)).select_related("key")
    now = rows.filter(pk=video.pk).first()
    if now is None:
        raise NotFound("This film is gone.")
    # Whoever reads the words of this one next reads them as they are kept now.
    video.key = now.key


def _keep(caption: Caption, cues: Sequence[subtitles.Cue]) -> None:
    """
    Inside a transaction that holds the film: the words and, where they may lie in clear, the
    same to be searched. Raises KeyUnavailable.
    """
    key = keys.of(caption.video)
    sealing.keep(caption, key, subtitles.write(cues))
    caption.lines = len(cues)
    _save(caption, "vtt", "digest", "lines")
    Cue.objects.filter(caption=caption).delete()
    if key is None:
        Cue.objects.bulk_create(
            (
                Cue(caption=caption, start=cue.start, end=cue.end, text=subtitles.plain(cue.text))
                for cue in cues
            ),
            batch_size=1000,
        )
    index.captions(caption.video_id)


def _save(caption: Caption, *fields: str) -> None:
    """The whole of a new one, or `fields` of one that is there."""
    try:
        with transaction.atomic():
            if caption._state.adding:
                caption.save(force_insert=True)
                return
            caption.updated_at = timezone.now()
            facts = {name: getattr(caption, name) for name in (*fields, "updated_at")}
            if not Caption.objects.filter(pk=caption.pk).update(**facts):
                raise NotFound("These captions are gone.")
    except IntegrityError:
        name = languages.name(caption.language)
        raise WrongState(
            f"This film has “{caption.get_kind_display()}” in {name} already. Replace those."
        ) from None


def _tell(video: Video, caption: Caption, what: str) -> None:
    Video.objects.filter(pk=video.pk).update(version=F("version") + 1, updated_at=timezone.now())
    events.record(
        "video.captions", video=video, caption=caption.pk, language=caption.language, change=what
    )


def _kind(given: str) -> str:
    if given not in Caption.Kind.values:
        raise Invalid(f"kind is one of {', '.join(Caption.Kind.values)}.", field="kind")
    return given


def _label(given: str, language: str) -> str:
    label = " ".join(names.short(given, LABEL_LIMIT * 4).split())
    if len(label) > LABEL_LIMIT:
        raise Invalid(f"A label has at most {LABEL_LIMIT} characters.", field="label")
    return label or languages.name(language)
