"""Captions as they are brought, kept, changed and taken away."""

import codecs

import pytest

from library import films
from library.errors import Invalid, NotFound, TooLarge, WrongState
from library.models import Caption, Cue, Event, Video
from library.watching import captions, sealing
from tests.making import keep_caption, received_video, said

pytestmark = pytest.mark.django_db
VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\nÀ demain, <i>Zoë</i>\n\n00:03.000 --> 00:04.000\nBye\n"


def srt(words):
    return f"1\n00:00:01,000 --> 00:00:02,000\n{words}\n"


class TestAdding:
    def test_keeps_plain_webvtt_and_what_is_said_to_be_searched(self, video):
        caption = captions.add(video, VTT.encode(), language="fr")
        caption.refresh_from_db()
        assert sealing.text(caption) == (
            "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nÀ demain, <i>Zoë</i>\n\n"
            "00:00:03.000 --> 00:00:04.000\nBye\n"
        )
        assert [(cue.start, cue.text) for cue in sealing.cues(caption)] == [
            (1.0, "À demain, Zoë"),
            (3.0, "Bye"),
        ]
        assert caption.lines == 2

    @pytest.mark.open_storage
    def test_of_a_film_without_a_key_keeps_them_as_rows_to_be_searched(self, public):
        captions.add(public, VTT.encode(), language="fr")
        assert list(Cue.objects.values_list("start", "end", "text")) == [
            (1.0, 2.0, "À demain, Zoë"),
            (3.0, 4.0, "Bye"),
        ]

    def test_makes_webvtt_of_srt(self, video):
        caption = captions.add(video, srt("Hi").encode(), language="en")
        assert sealing.text(caption).startswith("WEBVTT\n")

    def test_names_them_by_their_language(self, video):
        assert captions.add(video, VTT, language="pt_br").label == "Português Brasileiro"
        assert captions.add(video, VTT, language="fr", label="  Pour  tous ").label == "Pour tous"

    def test_spells_the_language_as_it_should_be(self, video):
        assert captions.add(video, VTT, language="zh-hant-tw").language == "zh-Hant-TW"

    def test_makes_the_film_another_version_and_says_so(self, video):
        caption = captions.add(video, VTT, language="fr")
        assert Video.objects.get().version == video.version + 1
        event = Event.objects.get(type="video.captions")
        assert event.video == video
        assert event.data == {"caption": caption.pk, "language": "fr", "change": "added"}

    def test_one_of_each_language_and_kind(self, video):
        keep_caption(video, language="fr")
        captions.add(video, VTT, language="fr", kind=Caption.Kind.CAPTIONS)
        with pytest.raises(WrongState, match="“Subtitles” in Français already"):
            keep_caption(video, language="fr")
        assert Caption.objects.count() == 2

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"language": "français"}, "language"),
            ({"language": ""}, "language"),
            ({"language": "x" * 40}, "language"),
            ({"kind": "karaoke"}, "kind"),
            ({"label": "x" * 101}, "label"),
            ({"data": b"PK\x03\x04\0\0"}, "file"),
            ({"data": b""}, "file"),
        ],
    )
    def test_refuses_what_is_wrong_and_keeps_nothing(self, video, wrong, field):
        given = {"data": VTT, "language": "fr"} | wrong
        with pytest.raises(Invalid) as refused:
            captions.add(video, given.pop("data"), **given)
        assert refused.value.facts["field"] == field
        assert not Caption.objects.exists()
        assert not Event.objects.filter(type="video.captions").exists()

    def test_tells_the_line_that_is_wrong(self, video):
        with pytest.raises(Invalid, match="Line 2: these times cannot be read") as refused:
            captions.add(video, "1\n00:00:01 --> later\nHi\n", language="fr")
        assert refused.value.facts["line"] == 2

    def test_refuses_those_of_another_film(self, alice):
        short = received_video(alice, duration=0.5)
        with pytest.raises(Invalid, match="of another film"):
            captions.add(short, VTT, language="fr")

    def test_refuses_what_is_too_large_before_it_is_read(self, video):
        with pytest.raises(TooLarge, match="2 MiB"):
            captions.add(video, b"WEBVTT\n" + bytes(captions.MOST_BYTES), language="fr")

    def test_ends_at_a_hundred(self, video, monkeypatch):
        monkeypatch.setattr(captions, "MOST_OF_A_FILM", 2)
        keep_caption(video, language="fr")
        keep_caption(video, language="de")
        with pytest.raises(WrongState, match="at most 2"):
            keep_caption(video, language="en")


class TestTheLettersOfAFile:
    @pytest.mark.parametrize(
        ("data", "language", "words"),
        [
            pytest.param(srt("Zoë").encode(), "fr", "Zoë", id="UTF-8"),
            pytest.param(codecs.BOM_UTF8 + srt("Zoë").encode(), "fr", "Zoë", id="with a mark"),
            pytest.param(srt("Zoë €").encode("utf-16"), "fr", "Zoë €", id="UTF-16"),
            pytest.param(
                codecs.BOM_UTF16_BE + srt("Zoë").encode("utf-16-be"), "fr", "Zoë", id="UTF-16 BE"
            ),
            pytest.param(srt("Zoë “€”").encode("cp1252"), "fr", "Zoë “€”", id="Windows"),
            pytest.param(srt("Привет").encode("cp1251"), "ru", "Привет", id="Windows, Cyrillic"),
            pytest.param(srt("γειά").encode("cp1253"), "el", "γειά", id="Windows, Greek"),
            pytest.param(srt("Łódź").encode("cp1250"), "pl-PL", "Łódź", id="Windows, Polish"),
        ],
    )
    def test_are_told(self, video, data, language, words):
        captions.add(video, data, language=language)
        assert said() == [words]

    @pytest.mark.parametrize(
        ("data", "line"),
        [
            pytest.param(srt("a").encode() + b"\n2\n\x81\x8d", 6, id="no letter of Windows"),
            pytest.param(codecs.BOM_UTF8 + b"1\n\xff", 2, id="not UTF-8 as its mark says"),
            pytest.param(codecs.BOM_UTF16_LE + b"1", 1, id="half a letter"),
        ],
    )
    def test_are_refused_with_their_line_where_they_cannot_be(self, video, data, line):
        with pytest.raises(Invalid, match="Save the file as UTF-8") as refused:
            captions.add(video, data, language="fr")
        assert refused.value.facts["line"] == line


class TestChanging:
    def test_other_words_replace_those_that_are_searched(self, video):
        caption = keep_caption(video, "Hello")
        before = caption.digest
        captions.replace(caption, srt("Goodbye"))
        assert said() == ["Goodbye"]
        assert Caption.objects.get().digest != before

    def test_wrong_words_leave_those_that_are_there(self, video):
        caption = keep_caption(video, "Hello")
        with pytest.raises(Invalid):
            captions.replace(caption, "no captions")
        assert sealing.text(Caption.objects.get()) == sealing.text(caption)
        assert said() == ["Hello"]

    def test_the_label_follows_the_language_until_somebody_gives_one(self, video):
        caption = keep_caption(video, language="fr")
        assert captions.change(caption, language="de").label == "Deutsch"
        captions.change(caption, label="Für alle")
        assert captions.change(caption, language="fr").label == "Für alle"

    def test_to_what_is_there_already_is_refused(self, video):
        keep_caption(video, language="fr")
        caption = keep_caption(video, language="de")
        with pytest.raises(WrongState):
            captions.change(caption, language="fr")
        assert Caption.objects.filter(language="de").exists()

    def test_both_or_neither(self, video):
        caption = keep_caption(video, "Hello", language="fr")
        with pytest.raises(Invalid):
            captions.revise(caption, "no captions", label="Pour tous")
        assert Caption.objects.get().label == "Français"
        caption.refresh_from_db()
        captions.revise(caption, srt("Salut"), label="Pour tous")
        assert Caption.objects.get().label == "Pour tous"
        assert said() == ["Salut"]

    def test_without_a_change_says_nothing(self, video):
        caption = keep_caption(video, language="fr")
        version = Video.objects.get().version
        captions.change(caption, language="fr", label="Français")
        assert Video.objects.get().version == version

    def test_what_was_removed_meanwhile_is_gone(self, video):
        caption = keep_caption(video)
        Caption.objects.all().delete()
        with pytest.raises(NotFound):
            captions.replace(caption, srt("Hi"))


class TestRemoving:
    def test_leaves_nothing_to_be_searched(self, video):
        caption = keep_caption(video)
        captions.remove(caption)
        assert not Caption.objects.exists()
        assert Event.objects.filter(type="video.captions").last().data["change"] == "removed"

    def test_twice_is_once(self, video):
        caption = keep_caption(video)
        captions.remove(caption)
        captions.remove(caption)
        assert Event.objects.filter(type="video.captions", data__change="removed").count() == 1

    def test_a_film_that_is_erased_takes_them_along(self, video):
        keep_caption(video)
        films.trash(video)
        films.erase(Video.objects.get())
        assert not Caption.objects.exists() and not Cue.objects.exists()


class TestMissing:
    def test_in_a_film_that_is_heard(self, video):
        assert captions.are_missing(video)
        captions.add(video, VTT, language="fr", kind=Caption.Kind.DESCRIPTIONS)
        assert captions.are_missing(video)
        captions.add(video, VTT, language="fr")
        assert not captions.are_missing(video)

    def test_not_in_one_without_sound(self, alice):
        silent = received_video(alice, streams=[{"kind": "video", "codec": "h264"}])
        assert not captions.are_missing(silent)
