"""The page on which a film is changed: one form a part, each with its own answer."""

import html

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from library import films
from library.catalogue import tags
from library.models import Caption, Chapter, Step, Video
from library.watching import captions
from tests.making import keep_caption, keep_storyboard, said, stored_video

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n"
ABOUT = {"part": "about", "title": "Harbour", "visibility": "private"}


@pytest.fixture
def video(alice):
    return stored_video(alice, duration=754.0, streams=[{"kind": "audio", "codec": "aac"}])


@pytest.fixture
def as_alice(client, alice):
    client.force_login(alice, BACKEND)
    return client


@pytest.fixture
def edit(as_alice, video):
    """Sends a part of the page; without anything, opens it."""

    def send(**sent):
        address = reverse("library:edit", args=[video.pk])
        return as_alice.post(address, sent) if sent else as_alice.get(address)

    return send


def words_of(page):
    return html.unescape(page.content.decode())


def file(data=VTT, name="words.vtt"):
    return SimpleUploadedFile(name, data)


class TestWhatIsSaid:
    def test_tags_collection_and_language_are_changed_too(self, edit, video):
        said = {"tags": "sea,  morning ,", "collection": "Coast", "language": "french"}
        assert edit(**ABOUT, **said)["Location"] == reverse("library:watch", args=[video.pk])
        video.refresh_from_db()
        assert (sorted(tags.of(video)), video.collection.name) == (["morning", "sea"], "Coast")
        assert video.language == "fr"
        page = words_of(edit())
        assert 'value="morning, sea"' in page and 'value="Coast"' in page
        assert 'value="Français"' in page

    def test_what_a_form_comes_without_stays(self, edit, video):
        edit(**ABOUT, tags="sea", language="fr", description="Gulls.")
        edit(part="about", title="Pier", visibility="private")
        video.refresh_from_db()
        assert (video.title, video.description, video.language) == ("Pier", "Gulls.", "fr")
        assert tags.of(video) == ["sea"]

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"language": "<b>"}, "BCP 47"),
            ({"tags": "x" * 51}, "at most 50"),
            ({"title": "\x07"}, "field-error"),
        ],
    )
    def test_what_is_wrong_is_told_beside_it(self, edit, video, wrong, words):
        page = words_of(edit(**(ABOUT | {"description": "Typed."} | wrong)))
        assert words in page and "Typed." in page
        video.refresh_from_db()
        assert video.description == ""

    def test_what_somebody_else_changed_meanwhile_is_not_overwritten_unseen(self, edit, video):
        edit(**ABOUT, version=video.version)
        page = words_of(edit(**(ABOUT | {"title": "Mine"}), version=video.version))
        assert "Somebody changed this film" in page and 'value="Mine"' in page
        video.refresh_from_db()
        assert video.title == "Harbour"
        # Whoever has read that has it their way.
        assert f'name="version" value="{video.version}"' in page
        edit(**(ABOUT | {"title": "Mine"}), version=video.version)
        video.refresh_from_db()
        assert video.title == "Mine"


class TestCaptions:
    def test_are_added_by_a_file_and_the_name_of_their_language(self, edit, video):
        answer = edit(part="caption-add", file=file(), language="Français", kind="subtitles")
        assert answer["Location"] == reverse("library:edit", args=[video.pk]) + "#captions"
        caption = Caption.objects.get()
        assert (caption.language, caption.label, caption.automatic) == ("fr", "Français", False)
        page = words_of(edit())
        assert "Captions in Français are added." in page
        assert f'href="/captions/{caption.pk}.vtt"' in page
        assert "1 line" in page

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"file": file(b"1\n00:00:01 --> later\nHi\n")}, "Line 2: these times cannot be read"),
            ({"file": file(b"")}, "This file is empty."),
            ({"file": file(b"WEBVTT\n" + bytes(captions.MOST_BYTES))}, "at most 2 MiB"),
            ({"language": ""}, "required"),
            ({"language": "no language"}, "BCP 47"),
            ({"kind": "songs"}, "field-error"),
        ],
    )
    def test_that_are_wrong_are_told_beside_what_is_wrong(self, edit, wrong, words):
        sent = {"part": "caption-add", "file": file(), "language": "fr", "kind": "subtitles"}
        page = edit(**(sent | wrong))
        assert page.status_code == 200
        assert words in words_of(page)
        assert 'class="adding" open' in words_of(page)
        assert not Caption.objects.exists()

    def test_there_are_already_say_so(self, edit, video):
        keep_caption(video, language="fr")
        page = edit(part="caption-add", file=file(), language="fr", kind="subtitles")
        assert "“Subtitles” in Français already" in words_of(page)

    def test_are_changed_and_replaced_in_one(self, edit, video):
        caption = keep_caption(video, "Before", language="fr")
        sent = {"language": "Deutsch", "kind": "captions", "label": "", "file": file()}
        edit(
            part="caption-change",
            caption=caption.pk,
            **{f"{caption.pk}-{name}": value for name, value in sent.items()},
        )
        caption.refresh_from_db()
        assert (caption.language, caption.label, caption.kind) == ("de", "Deutsch", "captions")
        assert said() == ["Hello"]

    def test_keep_their_words_where_no_file_comes(self, edit, video):
        caption = keep_caption(video, "Before", language="fr")
        sent = {"language": "fr", "kind": "subtitles", "label": "Pour tous", "automatic": "on"}
        edit(
            part="caption-change",
            caption=caption.pk,
            **{f"{caption.pk}-{name}": value for name, value in sent.items()},
        )
        caption.refresh_from_db()
        assert (caption.label, caption.automatic) == ("Pour tous", True)
        assert said() == ["Before"]

    def test_are_removed(self, edit, video):
        caption = keep_caption(video)
        edit(part="caption-remove", caption=caption.pk)
        assert not Caption.objects.exists()
        assert edit(part="caption-remove", caption=caption.pk).status_code == 302

    @pytest.mark.parametrize("part", ["caption-change", "caption-remove"])
    def test_of_another_film_are_out_of_reach(self, edit, video, mallory, part):
        other = keep_caption(stored_video(mallory, b"9876543210"))
        for named in (other.pk, "cap_nowhere", "\0", ""):
            assert edit(part=part, caption=named).status_code == 302
        assert Caption.objects.get() == other

    def test_that_are_missing_are_pointed_out(self, edit, video):
        assert "This film has no captions yet" in words_of(edit())
        keep_caption(video)
        assert "This film has no captions yet" not in words_of(edit())

    def test_that_are_missing_are_pointed_out_to_whoever_can_add_them(self, as_alice, video):
        page = as_alice.get(reverse("library:watch", args=[video.pk]))
        assert f'href="/watch/{video.pk}/edit/#captions"' in words_of(page)
        films.change(video, visibility="public")
        as_alice.logout()
        page = as_alice.get(reverse("library:watch", args=[video.pk]))
        assert page.status_code == 200 and "no-captions" not in words_of(page)

    def test_are_shown_as_words_and_never_as_markup(self, edit, video):
        captions.add(video, VTT, language="fr", label="<script>alert(1)</script>")
        assert "<script>alert(1)" not in edit().content.decode()


class TestChapters:
    def test_are_saved_and_shown_as_they_were_typed(self, edit):
        edit(part="chapters", chapters="0:00 Opening\r\n1:30 The harbour")
        assert Chapter.objects.count() == 2
        assert "0:00 Opening\n1:30 The harbour" in words_of(edit())

    def test_that_are_wrong_are_told_with_their_line_and_kept_in_the_field(self, edit):
        page = words_of(edit(part="chapters", chapters="0:00 Opening\nThe harbour"))
        assert "Line 2: it should begin with a time" in page
        assert "0:00 Opening\nThe harbour" in page
        assert not Chapter.objects.exists()


class TestThePoster:
    def test_is_chosen_by_a_moment(self, edit, video):
        edit(part="poster", moment="1:30.5")
        assert Video.objects.get().poster_at == 90.5
        assert video.steps.filter(kind=Step.Kind.POSTER, state=Step.State.WAITING).exists()
        page = words_of(edit())
        assert "A new poster is being made" in page and 'value="1:30.5"' in page

    @pytest.mark.parametrize(
        ("moment", "words"),
        [("noon", "Write it as in 1:30"), ("1:00:00", "is not in the film, which ends at 12:34")],
    )
    def test_of_no_moment_is_refused(self, edit, video, moment, words):
        assert words in words_of(edit(part="poster", moment=moment))
        assert not video.steps.filter(kind=Step.Kind.POSTER).exists()

    def test_can_be_looked_for_where_there_are_small_pictures(self, edit, video):
        assert "data-board" not in words_of(edit())
        keep_storyboard(video)
        assert f'data-board="/storyboard/{video.pk}.vtt"' in words_of(edit())


def test_a_part_that_does_not_exist_is_taken_for_what_is_said(edit, video):
    edit(part="nonsense", title="Pier", visibility="private")
    video.refresh_from_db()
    assert video.title == "Pier"


def test_every_field_has_a_name_of_its_own(edit, video):
    """Two fields with one id would share a label."""
    import re

    keep_caption(video, language="fr")
    keep_caption(video, language="de")
    ids = re.findall(r'\sid="([^"]+)"', edit().content.decode())
    assert len(ids) == len(set(ids))
