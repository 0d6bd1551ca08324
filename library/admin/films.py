"""Films: what is known of them, what is said of them, the trash and back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from library import films, progress
from library.admin.facts import Facts, FactsInline, counted, link_to_list, linked, sized
from library.errors import Invalid, Refusal
from library.models import Copy, Event, Piece, Step, Upload, Video
from library.templatetags import words

WORDS = ("title", "description", "visibility")


class InTrash(admin.SimpleListFilter):
    title, parameter_name = "where", "where"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("library", "In the library"), ("trash", "In the trash")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() in {"library", "trash"}:
            return queryset.filter(trashed_at__isnull=self.value() == "library")
        return queryset


class StoredHow(admin.SimpleListFilter):
    title, parameter_name = "how it is stored", "stored"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("encrypted", "Encrypted"), ("open", "Open")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() in {"encrypted", "open"}:
            return queryset.filter(key__isnull=self.value() == "open")
        return queryset


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


class StepInline(FactsInline):
    model = Step
    fields = ("kind", "state", "attempts", "done", "next_try_at", "error")
    readonly_fields = ("done",)

    @admin.display
    def done(self, step: Step) -> str:
        return f"{words.size(step.done_bytes)} of {words.size(step.total_bytes)}"


class UploadInline(FactsInline):
    model = Upload
    fk_name = "video"
    verbose_name_plural = "upload"
    fields = ("state", "filename", "filetype", "created_at", "updated_at")


@admin.register(Video)
class VideoAdmin(Facts):
    form = WordsForm
    list_display = (
        "poster",
        "title",
        linked("owner"),
        "state_words",
        "visibility",
        "encrypted",
        "kind",
        sized("size"),
        "pieces",
        "length",
        "created_at",
        "trashed_at",
    )
    list_display_links = ("title",)
    list_filter = (
        "state",
        "network",
        InTrash,
        "visibility",
        StoredHow,
        "kind",
        ("owner", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("owner",)
    list_per_page = 50
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
    actions = ("move_to_trash", "restore", "store_anew", "make_whole")
    inlines = (StepInline, UploadInline)
    fieldsets = (
        (None, {"fields": WORDS}),
        (
            "Whose and where",
            {
                "fields": (
                    *("id", "owner", "state", "state_at", "state_reason"),
                    *("network", "wanted_copies", "held_copies", "committed_copies", "trashed_at"),
                )
            },
        ),
        (
            "Bytes",
            {
                "fields": (
                    *("bytes", "sha256", "piece_cid", "encrypted"),
                    *("pieces", "copies", "staging"),
                )
            },
        ),
        (
            "Picture and sound",
            {
                "fields": (
                    "poster",
                    ("kind", "media_type", "container"),
                    ("length", "width", "height", "frame_rate"),
                    "streams",
                )
            },
        ),
        ("History", {"fields": ("filename", "created_at", "updated_at", "events", "duplicates")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Video]:
        return super().get_queryset(request).annotate(piece_count=counted(Piece, "video"))

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

    @admin.action(description="Move to the trash", permissions=["act"])
    def move_to_trash(self, request: HttpRequest, videos: QuerySet[Video]) -> None:
        moved = sum(films.trash(video) for video in videos)
        self.message_user(request, f"Moved to the trash: {moved}.", messages.SUCCESS)

    @admin.action(description="Restore from the trash", permissions=["act"])
    def restore(self, request: HttpRequest, videos: QuerySet[Video]) -> None:
        moved = sum(films.restore(video) for video in videos)
        self.message_user(request, f"Restored from the trash: {moved}.", messages.SUCCESS)

    @admin.action(description="Store anew, encrypted", permissions=["act"])
    def store_anew(self, request: HttpRequest, videos: QuerySet[Video]) -> None:
        begun = 0
        for video in videos:
            try:
                films.store_anew(video)
            except Refusal as refusal:
                words = f"“{video.title}”: {refusal.detail}"
                self.message_user(request, words, messages.WARNING)
            else:
                begun += 1
        self.message_user(request, f"Will be stored anew, encrypted: {begun}.", messages.SUCCESS)

    @admin.action(description="Make missing copies", permissions=["act"])
    def make_whole(self, request: HttpRequest, videos: QuerySet[Video]) -> None:
        # What speaks with networks is loaded by whoever uses it.
        from library.network import moving

        begun = 0
        for video in videos:
            try:
                moving.store(video.pk)
            except Refusal as refusal:
                self.message_user(request, f"“{video.title}”: {refusal.detail}", messages.WARNING)
            else:
                begun += 1
        self.message_user(request, f"Are looked at and made whole: {begun}.", messages.SUCCESS)

    @admin.display(description="state", ordering="state")
    def state_words(self, video: Video) -> str:
        return video.state_words

    @admin.display(boolean=True, ordering="key")
    def encrypted(self, video: Video) -> bool:
        return video.is_encrypted

    @admin.display
    def poster(self, video: Video) -> SafeString | None:
        if not video.has_poster:
            return None
        address = reverse("library:poster", args=[video.pk])
        return format_html('<img src="{}" alt="" width="96" loading="lazy">', address)

    @admin.display(ordering="duration")
    def length(self, video: Video) -> str | None:
        return words.clock(video.duration) or None

    @admin.display(description="size")
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

    @admin.display(description="uploads of the same bytes")
    def duplicates(self, video: Video) -> SafeString:
        return link_to_list(Upload, video.duplicates.count(), duplicate_of__id__exact=video.pk)
