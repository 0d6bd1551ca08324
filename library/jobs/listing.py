"""Adding films to a playlist."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazily

from library.catalogue import playlists
from library.errors import Invalid, NotFound
from library.jobs.action import Action, Before, InTheWay, Options, changed_since, in_trash
from library.models import Playlist, User, Video
from library.models.films import VideoQuerySet


class AddToPlaylist(Action):
    name = "playlist"
    label = lazily("Add to a playlist")
    heading = lazily("Add to a playlist")
    asks = ("playlist",)

    def checked(self, given: Options, by: User) -> Options:
        """The id of one that `by` may change, or the title of one that is made."""
        said = str(given.get("playlist") or "").strip()
        if not said:
            raise Invalid(_("Say which playlist, or a title for a new one."), field="playlist")
        if said.startswith("pls_"):
            if _theirs(said, by) is None:
                raise Invalid(playlists.NOT_THERE, field="playlist")
            return {"playlist": said}
        title = _title(said)
        found = Playlist.objects.changeable_by(by).filter(owner=by, title=title).first()
        return {"playlist": found.pk} if found else {"new": title}

    def prepared(self, options: Options, by: User) -> Options:
        if title := options.get("new"):
            return {"playlist": playlists.create(by, title).pk}
        return options

    def theirs(self, by: User) -> VideoQuerySet:
        return Video.objects.visible_to(by) | Video.objects.changeable_by(by)

    def why_not(self, video: Video, options: Options) -> str:
        if problem := in_trash(video):
            return problem
        is_in = "playlist" in options and any(
            item.playlist_id == options["playlist"] for item in video.playlist_items.all()
        )
        return _("in the playlist already") if is_in else ""

    def looked_at(self, videos: VideoQuerySet) -> VideoQuerySet:
        return videos.prefetch_related("playlist_items")

    def do(self, video: Video, options: Options, by: User) -> Before:
        playlist = _theirs(options["playlist"], by)
        if playlist is None:
            raise InTheWay(_("the playlist is gone"))
        try:
            if not playlists.add(playlist, [video.pk], by):
                raise InTheWay(_("in the playlist already"))
        except NotFound:
            raise InTheWay(_("not yours to see any more")) from None
        return {"playlist": playlist.pk}

    def undo(self, video: Video, before: Before, by: User) -> None:
        playlist = _theirs(before["playlist"], by)
        if playlist is None or not playlists.remove(playlist, video.pk):
            raise changed_since()

    def told(self, options: Options, by: User) -> str:
        if options.get("new"):
            return str(options["new"])
        found = Playlist.objects.visible_to(by).filter(pk=options["playlist"]).first()
        return found.title if found else _("a playlist that is gone")


def _theirs(pk: str, by: User) -> Playlist | None:
    return Playlist.objects.changeable_by(by).filter(pk=pk).first()


def _title(said: str) -> str:
    try:
        return playlists.checked(title=said)["title"]
    except Invalid as refusal:
        raise Invalid(refusal.detail, field="playlist") from None
