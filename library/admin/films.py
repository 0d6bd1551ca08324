"""Films: what is known of them, what is said of them, the trash and back."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.utils.translation import gettext_lazy as lazily

from library import films, progress
from library.admin import attention, deeds, film_page
from library.admin.facts import Facts, counted, link_to_list, linked, sized, small_poster
from library.admin.film_filters import (
    InTrash,
    NeedsAttention,
    StoredHow,
    WithCaptions,
    WithCopies,
)
from library.errors import Invalid, Refusal
from library.models import Copy, Event, Piece, Rendition, Step, Upload, Video
from library.models.films import VideoQuerySet
from library.templatetags import words

WORDS = ("title", "description", "visibility")


class WordsForm(forms.ModelForm):
    """What a person may say about a film. The rules are `library.films`'s."""

    class Meta:
        model = Video
        fields = WORDS

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for name in [name for name in WORDS if name in given]:
            try:
                films.checked(**{name: given[name]})
            except Invalid as refusal:
                self.add_error(name, refusal.detail)
        return given


@admin.register(Video)
class VideoAdmin(Facts):
    form = WordsForm
    called = gettext_lazy("Films")
    nothing = (
        gettext_lazy("No such film"),
        gettext_lazy("Films appear here as soon as all of their bytes have been received."),
    )
    list_display = (
        *("poster", "title", linked("owner"), "state_words", sized("size"), "length"),
        *("pieces", "copies_held", "proven", "qualities", "who_may_watch", "age"),
    )
    list_display_links = ("title",)
    list_filter = (
        "state",
        NeedsAttention,
        WithCopies,
        WithCaptions,
        "visibility",
        InTrash,
        ("owner", admin.RelatedOnlyFieldListFilter),
        ("collection", admin.RelatedOnlyFieldListFilter),
        "kind",
        StoredHow,
        "network",
    )
    list_select_related = ("owner", "collection")
    list_per_page = 100
    search_fields = (
        "title",
        "description",
        "filename",
        "owner__username",
        "=id",
        "=sha256",
        "=piece_cid",
        "=pieces__piece_cid",
    )
    date_hierarchy = "created_at"
    actions = tuple(deeds.actions())
    fieldsets = (
        (None, {"fields": WORDS}),
        (
            gettext_lazy("Whose and where"),
            {
                "classes": ("collapse",),
                "fields": (
                    *("id", "owner", "collection", "state", "state_at", "state_reason"),
                    *("network", "wanted_copies", "held_copies", "committed_copies", "trashed_at"),
                ),
            },
        ),
        (
            gettext_lazy("Bytes"),
            {
                "classes": ("collapse",),
                "fields": (
                    *("bytes", "sha256", "piece_cid", "encrypted"),
                    *("pieces", "copies", "staging"),
                ),
            },
        ),
        (
            gettext_lazy("Picture and sound"),
            {
                "classes": ("collapse",),
                "fields": (
                    ("kind", "media_type", "container"),
                    ("length", "width", "height", "frame_rate"),
                    "streams",
                ),
            },
        ),
        (
            gettext_lazy("History"),
            {
                "classes": ("collapse",),
                "fields": ("filename", "created_at", "updated_at", "events", "duplicates"),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Video]:
        failed = Step.objects.filter(state=Step.State.FAILED)
        found = cast(VideoQuerySet, super().get_queryset(request)).for_lists()
        place = request.resolver_match
        if place and place.url_name == "library_video_changelist":
            # What needs somebody is counted with renditions, so those are found here, too.
            found = found.filter(Q(rendition_of=None) | attention.needing())
            made = Rendition.objects.exclude(film=None).select_related("film")
            found = found.prefetch_related(Prefetch("renditions", made))
        return found.annotate(
            piece_count=counted(Piece, "video"),
            failed_count=counted(Step, "video", failed),
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_act_permission(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for name in super().get_readonly_fields(request, obj) if name not in WORDS]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """By the one function that changes films: it writes the event, and no other column."""
        said = {name: form.cleaned_data[name] for name in form.changed_data}
        # The form has put the new words on `obj` already, so it would see no change there.
        video = films.change(Video.objects.get(pk=obj.pk), **said)
        if "visibility" in said and (notice := progress.notice(video)):
            self.message_user(request, notice, messages.WARNING)

    def view_on_site(self, obj: Video) -> str:
        return reverse("library:watch", args=[obj.pk])

    # --- the page of one film, with buttons

    def get_urls(self) -> list[Any]:
        own = [
            path(
                "<path:object_id>/deed/<str:name>/",
                self.admin_site.admin_view(self.deed_view),
                name="library_video_deed",
            ),
            path(
                "<path:object_id>/erase/",
                self.admin_site.admin_view(self.erase_view),
                name="library_video_erase",
            ),
        ]
        return own + super().get_urls()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        video = self.get_object(request, unquote(object_id))
        shown: dict[str, Any] = {}
        if video is not None and self.has_view_permission(request, video):
            may_act = self.has_act_permission(request)
            shown = film_page.context(request, video, may_act=may_act)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **shown})

    def deed_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """A button of a film's page was pressed."""
        video = self._to_act_on(request, object_id)
        deed = deeds.BY_NAME.get(name)
        if deed is None:
            raise Http404
        deeds.perform(self, request, deed, [video])
        return redirect("admin:library_video_change", quote(video.pk))

    def erase_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Erase a film for ever, where its title was typed as it is."""
        video = self._to_act_on(request, object_id)
        if not film_page.may_erase(request):
            raise PermissionDenied
        if request.POST.get("title", "").strip() != video.title.strip():
            text = _("Nothing was erased: that is not the title of this film.")
            self.message_user(request, text, messages.ERROR)
            return redirect("admin:library_video_change", quote(video.pk))
        try:
            words_left = progress.erasure_words(films.erase(video))
        except Refusal as refusal:
            self.message_user(request, refusal.detail, messages.ERROR)
            return redirect("admin:library_video_change", quote(video.pk))
        self.log_deletions(request, cast(QuerySet, [video]))
        text = _("“%(title)s” is erased.") % {"title": video.title}
        self.message_user(request, " ".join([text, *words_left]), messages.SUCCESS)
        return redirect("admin:library_video_changelist")

    def _to_act_on(self, request: HttpRequest, object_id: str) -> Video:
        if not self.has_act_permission(request):
            raise PermissionDenied
        video = self.get_object(request, unquote(object_id))
        if video is None or request.method != "POST":
            raise Http404
        return video

    # --- columns

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_words(self, video: Video) -> SafeString:
        return format_html(
            '<span class="state {}">{}</span> <span class="aside">{}</span>{}',
            video.state,
            video.state_words,
            words.ago(video.state_at),
            self._beside(video),
        )

    def _beside(self, video: Any) -> SafeString:
        """What else is to be known of its state: why it is so, what failed, the trash."""
        said = []
        if video.state_reason:
            said.append(format_html('<span class="reason">{}</span>', video.state_reason))
        if video.failed_count:
            which = {"video__id__exact": video.pk, "state__exact": Step.State.FAILED.value}
            count = video.failed_count
            text = ngettext("%(count)d step given up", "%(count)d steps given up", count)
            chip = format_html('<span class="state bad">{}</span>', text % {"count": count})
            said.append(link_to_list(Step, chip, **which))
        if video.trashed_at:
            text = '<span class="state warn">{}</span> <span class="aside">{}</span>'
            said.append(format_html(text, _("In the trash"), words.ago(video.trashed_at)))
        return format_html_join("", " {}", ((one,) for one in said))

    @admin.display(description=gettext_lazy("copies"), ordering="held_copies")
    def copies_held(self, video: Video) -> str:
        counts = progress.describe_video(video, short=True)["copies"]
        return f"{counts['stored']} / {counts['wanted']}"

    @admin.display(description=gettext_lazy("qualities"))
    def qualities(self, video: Video) -> SafeString:
        """Its renditions, with what each takes beside the film."""
        made = [(row, row.film) for row in video.renditions.all() if row.film is not None]
        return format_html_join(
            ", ",
            '<a href="{}">{}</a> {}',
            (
                (
                    reverse("admin:library_video_change", args=[quote(film.pk)]),
                    row.get_quality_display(),
                    words.size(film.size),
                )
                for row, film in made
            ),
        )

    @admin.display(description=gettext_lazy("last proven"), ordering="proven_at")
    def proven(self, video: Any) -> SafeString | str | None:
        return words.ago(video.proven_at) or None

    @admin.display(description=gettext_lazy("encrypted"), boolean=True, ordering="key")
    def encrypted(self, video: Video) -> bool:
        return video.is_encrypted

    @admin.display(description=gettext_lazy("poster"))
    def poster(self, video: Video) -> SafeString:
        return small_poster(video)

    @admin.display(description=gettext_lazy("who may watch"), ordering="visibility")
    def who_may_watch(self, video: Video) -> SafeString:
        how = _("stored encrypted") if video.is_encrypted else _("stored open")
        return format_html('{} <span class="aside">{}</span>', video.get_visibility_display(), how)

    @admin.display(description=gettext_lazy("added"), ordering="created_at")
    def age(self, video: Video) -> SafeString | str:
        return words.ago(video.created_at)

    @admin.display(ordering="duration")
    def length(self, video: Video) -> str | None:
        return words.clock(video.duration) or None

    @admin.display(description=lazily("size"))
    def bytes(self, video: Video) -> str:
        return f"{words.size(video.size)} ({video.size:,} bytes)"

    @admin.display(ordering="piece_count")
    def pieces(self, video: Any) -> SafeString:
        return link_to_list(Piece, video.piece_count, video__id__exact=video.pk)

    @admin.display
    def copies(self, video: Video) -> SafeString:
        count = Copy.objects.filter(piece__video=video).count()
        return link_to_list(Copy, count, piece__video=video.pk)

    @admin.display
    def events(self, video: Video) -> SafeString:
        return link_to_list(Event, video.events.count(), video__id__exact=video.pk)

    @admin.display(description=lazily("uploads of the same bytes"))
    def duplicates(self, video: Video) -> SafeString:
        return link_to_list(Upload, video.duplicates.count(), duplicate_of__id__exact=video.pk)
