"""Where films are, and whether their copies are what they should be."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazily

from library import films
from library.jobs.action import Action, Before, InTheWay, Options, changed_since, in_trash
from library.models import User, Video
from library.models.films import VideoQuerySet
from library.storing import deciding


class Trash(Action):
    name = "trash"
    label = lazily("Move to trash")
    heading = lazily("Move to trash")

    def why_not(self, video: Video, options: Options) -> str:
        return _("in the trash already") if video.trashed_at is not None else ""

    def do(self, video: Video, options: Options, by: User) -> Before:
        if not films.trash(video):
            raise InTheWay(_("in the trash already"))
        return {}

    def undo(self, video: Video, before: Before, by: User) -> None:
        if not films.restore(video):
            raise changed_since()


class Restore(Action):
    name = "restore"
    label = lazily("Restore from the trash")
    heading = lazily("Restore from the trash")
    in_trash = True

    def why_not(self, video: Video, options: Options) -> str:
        return "" if video.trashed_at is not None else _("not in the trash")

    def do(self, video: Video, options: Options, by: User) -> Before:
        if not films.restore(video):
            raise InTheWay(_("not in the trash"))
        return {}

    def undo(self, video: Video, before: Before, by: User) -> None:
        if not films.trash(video):
            raise changed_since()


class Verify(Action):
    """Reads copies back; where one is wrong and there are right bytes, it is stored again."""

    name = "verify"
    label = lazily("Check and repair copies")
    heading = lazily("Check and repair the copies")
    result = lazily("Being checked")
    has_way_back = False

    def why_not(self, video: Video, options: Options) -> str:
        if problem := in_trash(video):
            return problem
        if video.state == Video.State.RECEIVED:
            return _("still being stored, and read back right after that")
        return ""

    def do(self, video: Video, options: Options, by: User) -> Before:
        if not deciding.verify_again(video):
            raise InTheWay(_("being checked already"))
        return {}


class Manifest(Action):
    """
    Names films for a list of what they are and where their bytes lie, which is then
    downloaded. Changes nothing.
    """

    name = "manifest"
    label = lazily("Export a manifest")
    heading = lazily("Export a manifest")
    result = lazily("Listed")
    has_way_back = False

    def theirs(self, by: User) -> VideoQuerySet:
        return Video.objects.visible_to(by) | Video.objects.changeable_by(by)

    def do(self, video: Video, options: Options, by: User) -> Before:
        return {}
