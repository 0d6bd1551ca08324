"""What is said of films: tags, collection, who may watch them, language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazily

from library import films
from library.catalogue import collections, naming, tags
from library.errors import Invalid, VersionConflict
from library.jobs.action import Action, Before, InTheWay, Options, changed_since, in_trash
from library.models import Collection, User, Video, Visibility
from library.models.films import VideoQuerySet


class _Tagging(Action):
    asks = ("tags",)

    def checked(self, given: Options, by: User) -> Options:
        said = given.get("tags") or []
        names = tags.checked(tags.typed(said) if isinstance(said, str) else said)
        if not names:
            raise Invalid(_("Say which tags; commas stand between them."), field="tags")
        return {"tags": names}

    def looked_at(self, videos: VideoQuerySet) -> VideoQuerySet:
        return videos.prefetch_related("tags")

    def told(self, options: Options, by: User) -> str:
        return ", ".join(options["tags"])


class AddTags(_Tagging):
    name = "tag"
    label = lazily("Add tags")
    heading = lazily("Add tags")

    def why_not(self, video: Video, options: Options) -> str:
        if problem := in_trash(video):
            return problem
        had, wanted = _keys(video), _wanted(options)
        if wanted and wanted <= had:
            return _("these tags are there already")
        if len(had | wanted) > tags.MOST:
            return _("that would be more than %(most)d tags") % {"most": tags.MOST}
        return ""

    def do(self, video: Video, options: Options, by: User) -> Before:
        return {"added": tags.add(video, options["tags"])}

    def undo(self, video: Video, before: Before, by: User) -> None:
        if not tags.remove(video, before["added"]):
            raise changed_since()


class RemoveTags(_Tagging):
    name = "untag"
    label = lazily("Remove tags")
    heading = lazily("Remove tags")

    def why_not(self, video: Video, options: Options) -> str:
        if problem := in_trash(video):
            return problem
        wanted = _wanted(options)
        return _("none of these tags is there") if wanted and not wanted & _keys(video) else ""

    def do(self, video: Video, options: Options, by: User) -> Before:
        return {"removed": tags.remove(video, options["tags"])}

    def undo(self, video: Video, before: Before, by: User) -> None:
        if not tags.add(video, before["removed"]):
            raise changed_since()


def _keys(video: Video) -> set[str]:
    return {tag.key for tag in video.tags.all()}


def _wanted(options: Options) -> set[str]:
    return {naming.key(name) for name in options.get("tags", ())}


class _Setting(Action):
    """Sets one field of the film to the same for all."""

    field = ""

    def why_not(self, video: Video, options: Options) -> str:
        if problem := in_trash(video):
            return problem
        is_so = self.field in options and self._of(video) == options[self.field]
        return _("already so") if is_so else ""

    def do(self, video: Video, options: Options, by: User) -> Before:
        was, wanted = self._of(video), options[self.field]
        _set(video, {self.field: wanted}, by)
        return {"was": was, "set": wanted}

    def undo(self, video: Video, before: Before, by: User) -> None:
        if self._of(video) != before["set"]:
            raise changed_since()
        _set(video, {self.field: before["was"]}, by)

    def _of(self, video: Video) -> str:
        return str(getattr(video, self.field))


class SetVisibility(_Setting):
    name = "visibility"
    label = lazily("Change who may watch")
    heading = lazily("Change who may watch")
    asks = ("visibility",)
    field = "visibility"

    def checked(self, given: Options, by: User) -> Options:
        return films.checked(visibility=str(given.get("visibility") or ""))

    def told(self, options: Options, by: User) -> str:
        return str(Visibility(options["visibility"]).label)


class SetLanguage(_Setting):
    name = "language"
    label = lazily("Set the language")
    heading = lazily("Set the language")
    asks = ("language",)
    field = "language"

    def checked(self, given: Options, by: User) -> Options:
        return films.checked(language=str(given.get("language") or ""))

    def told(self, options: Options, by: User) -> str:
        return options["language"] or _("none")


class PutInCollection(_Setting):
    name = "collection"
    label = lazily("Put into a collection")
    heading = lazily("Put into a collection")
    asks = ("collection",)
    field = "collection"

    def checked(self, given: Options, by: User) -> Options:
        """An id or a name; no words: out of the collection they are in."""
        said = str(given.get("collection") or "").strip()
        if said and not _collection(said, by):
            if said.startswith("col_"):
                raise Invalid(collections.NOT_THERE, field="collection")
            # It is made when the job begins, not by looking.
            return {"collection": "", "new": collections.cleaned(said)}
        return {"collection": _collection(said, by)}

    def prepared(self, options: Options, by: User) -> Options:
        if name := options.get("new"):
            made = collections.named(name, by)
            return {"collection": made.pk if made else ""}
        return options

    def why_not(self, video: Video, options: Options) -> str:
        return in_trash(video) if options.get("new") else super().why_not(video, options)

    def told(self, options: Options, by: User) -> str:
        if options.get("new"):
            return str(options["new"])
        named = Collection.objects.visible_to(by).filter(pk=options["collection"]).first()
        return named.name if named else _("none")

    def undo(self, video: Video, before: Before, by: User) -> None:
        if before["was"] and not Collection.objects.filter(pk=before["was"]).exists():
            raise InTheWay(_("the collection it was in is gone"))
        super().undo(video, before, by)

    def _of(self, video: Video) -> str:
        return video.collection_id or ""


def _collection(said: str, by: User) -> str:
    """The id of the collection that is meant, of those that are there."""
    found = collections.known(said, by) if said else None
    return found.pk if found else ""


def _set(video: Video, facts: dict[str, Any], by: User) -> None:
    """Where it is what was looked at; else it is looked at again, by whoever asks again."""
    try:
        films.change(video, **facts, by=by, expected=video.version)
    except VersionConflict:
        raise InTheWay(_("somebody else is changing it at this moment")) from None
