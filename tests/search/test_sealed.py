"""What is said in films that have a key: found like the rest, and nowhere to be read."""

import hashlib
import logging
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from library import encryption, films, places, search
from library.finding import Question
from library.keys import films as keys
from library.keys import rotation, searching
from library.models import Caption, Cue, FilmKey, FilmWords, IdempotencyKey, SearchKey, Step
from library.search import folding
from library.search.blinding import Blinding
from library.storing import anew
from library.watching import captions, sealing
from tests.making import keep_caption, received_video, said, stored_video, taken

pytestmark = pytest.mark.django_db
on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="asks SQLite's own files")

TEXT = """WEBVTT

00:01.000 --> 00:02.000
Der Übermittler schweigt.

01:02.500 --> 01:04.000
A xylophonist waits for the
Zanzibar ferry
"""
# Long enough that noise does not have them.
WORDS = ("Übermittler", "ubermittler", "schweigt", "xylophonist", "zanzibar", "Zanzibar")


@pytest.fixture
def video(alice):
    video = received_video(alice, title="Film", filename="f.mp4")
    captions.add(video, TEXT, language="de")
    return video


def found(user, words):
    return [one.title for one in Question(words).apply(user)]


def in_clear(folder):
    """The words that lie in files below `folder`, whatever is there beside them."""
    if connection.vendor == "sqlite":
        everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA database_list")
            database = next(row[2] for row in cursor.fetchall() if row[1] == "main")
        for path in (Path(database), Path(f"{database}-wal")):
            everything += path.read_bytes()
        return [word for word in WORDS if word.encode() in everything]
    raise AssertionError("only SQLite has files that can be looked into")


def test_words_are_found_as_in_clear(video, alice, mallory):
    received_video(alice, b"another", title="Another", filename="g.mp4")
    for words in ("xylophonist", "XYLO", "übermittler", "ubermit", "schweigt ferry", "film zanz"):
        assert found(alice, words) == ["Film"], words
        assert found(mallory, words) == []
    for words in ("ylophonist", "xylophonistic", "film zanzibars", "-xylophonist -another"):
        assert found(alice, words) == [], words
    assert found(alice, "-xylophonist") == ["Another"]


def test_of_words_in_quotes_each_is_needed_whole(video, alice):
    assert found(alice, '"zanzibar ferry"') == ["Film"]
    # Which of them stand together is not known of sealed captions.
    assert found(alice, '"ferry zanzibar"') == ["Film"]
    assert found(alice, '"zanzib ferry"') == found(alice, '"ferry harbour"') == []


@pytest.mark.parametrize(
    "words",
    ["漢" * 1_000, "a b " * 250, '"a b c" ' * 120, "ab-cd-ef-gh " * 80, "-a " * 300, "é" * 900],
)
def test_no_question_is_too_long_for_the_database(video, alice, words):
    assert found(alice, words) in ([], ["Film"])
    assert isinstance(search.hits([video], words), dict)


def test_the_sentence_its_second_and_its_language_are_told(video):
    hit = search.hits([video], "zanz xylo")[video.pk]
    assert hit.text == "A xylophonist waits for the Zanzibar ferry"
    assert [part for part, match in hit.words if match] == ["xylophonist", "Zanzibar"]
    assert (hit.where, hit.start, hit.language) == ("captions", 62.5, "de")
    assert search.hits([video], "film")[video.pk].where == "title"


@pytest.mark.django_db(transaction=True)
@on_sqlite
def test_nothing_that_is_said_lies_in_clear(alice, data):
    video = stored_video(alice, title="Film")
    caption = captions.add(video, TEXT, language="de")
    captions.replace(caption, TEXT.replace("waits", "sings"))
    films.change(video, title="Harbour")
    call_command("reindex", json=True, stdout=StringIO())
    assert found(alice, "xylophonist") == ["Harbour"]
    assert in_clear(data) == []
    assert not Cue.objects.exists()


@pytest.mark.django_db(transaction=True)
@on_sqlite
def test_a_film_that_is_stored_anew_with_a_key_takes_its_words_out_of_the_clear(alice, data):
    video = stored_video(alice, title="Film", stored_open=True)
    captions.add(video, TEXT, language="de")
    assert set(in_clear(data)) >= {"xylophonist", "Zanzibar", "schweigt"}
    films.store_anew(video)
    anew.run(taken(video.steps.get(kind=Step.Kind.ENCRYPT)))
    assert in_clear(data) == []
    assert said()[1] == "A xylophonist waits for the\nZanzibar ferry"
    assert found(alice, "xylophonist") == ["Film"]
    assert search.hits([video], "xylophonist")[video.pk].start == 62.5


def test_the_digest_is_none_of_the_words(video):
    caption = Caption.objects.get()
    text = sealing.text(caption)
    assert caption.digest != hashlib.sha256(text.encode()).hexdigest()
    assert text.encode() not in bytes(caption.vtt)


def test_the_index_says_neither_order_nor_number_of_words(alice):
    video = received_video(alice, title="Film")
    keep_caption(video, "ferry ferry harbour ferry")
    blinded = FilmWords.objects.get().captions.split()
    assert len(blinded) == 2 and blinded == sorted(blinded)
    assert FilmWords.objects.get().cues == []


def test_a_clear_word_is_never_taken_for_a_blinded_one(video, alice):
    code = FilmWords.objects.get().captions.split()[0].strip("§")
    received_video(alice, b"another", title=f"About {code}", filename="g.mp4")
    assert found(alice, code) == [f"About {code}"]
    key = keys.opened(SearchKey.objects.get().key)
    word = Blinding(key.secret).word("xylophonist").strip("§")
    received_video(alice, b"a third", title=word, filename="h.mp4")
    assert found(alice, "xylophonist") == ["Film"]


def test_a_new_library_key_changes_nothing(video, alice):
    rows = list(FilmWords.objects.values("captions"))
    done = rotation.rotate()
    searching.forget()
    assert done.is_new and not done.closed
    assert SearchKey.objects.get().key.library_key == done.key.id
    assert found(alice, "xylophonist") == ["Film"]
    keep_caption(video, "quagga", language="fr")
    assert found(alice, "xylophonist quagga") == ["Film"]
    assert set(rows[0]["captions"].split()) < set(FilmWords.objects.get().captions.split())


def test_the_key_of_search_is_not_swept_away(video):
    keys.create()
    assert keys.sweep() == 1
    assert FilmKey.objects.filter(search=None).count() == 1
    assert SearchKey.objects.count() == 1


def test_a_search_key_that_is_damaged_is_made_anew_with_the_index(video, alice):
    FilmKey.objects.filter(pk=SearchKey.objects.get().key_id).update(wrapped=b"damaged")
    searching.forget()
    logging.disable(logging.CRITICAL)
    try:
        assert found(alice, "xylophonist") == []
        call_command("reindex", json=True, stdout=StringIO())
    finally:
        logging.disable(logging.NOTSET)
    assert found(alice, "xylophonist") == ["Film"]
    assert FilmKey.objects.count() == 2


def test_without_the_library_key_other_words_are_still_found(video, alice, client):
    caption, kept = Caption.objects.get(), places.library_key().read_text()
    places.library_key().unlink()
    logging.disable(logging.CRITICAL)
    try:
        assert found(alice, "film") == ["Film"]
        assert found(alice, "xylophonist") == []
        assert search.hits([video], "xylophonist") == {}
        client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
        answer = client.get(reverse("library:caption", args=[caption.pk]))
        assert answer.status_code == 503 and b"library key" in answer.content
        assert client.get(f"/api/v1/captions/{caption.pk}/").status_code == 503
    finally:
        logging.disable(logging.NOTSET)
    places.library_key().write_text(kept)
    assert found(alice, "xylophonist") == ["Film"]


def test_what_was_sealed_for_another_is_not_there(video, alice, client):
    caption = Caption.objects.get()
    other = keep_caption(received_video(alice, b"another"), "quagga")
    Caption.objects.filter(pk=other.pk).update(vtt=caption.vtt)
    with pytest.raises(encryption.Sealed):
        sealing.text(Caption.objects.get(pk=other.pk))
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("library:caption", args=[other.pk])).status_code == 404
    assert client.get(f"/api/v1/captions/{other.pk}/").status_code == 404
    assert search.hits([other.video], "quagga") == {}


@pytest.mark.open_storage
def test_films_with_a_key_and_without_are_found_together(video, alice):
    public = stored_video(alice, b"another", title="Open", visibility="public")
    captions.add(public, TEXT, language="de")
    assert sorted(found(alice, "xylophonist")) == ["Film", "Open"]
    told = search.hits([video, public], "xylophonist")
    assert told[video.pk] == told[public.pk]
    assert found(alice, '"ferry zanzibar"') == ["Film"]


def test_captions_that_are_removed_leave_no_word_in_the_index(video, alice):
    captions.remove(Caption.objects.get())
    assert FilmWords.objects.get().captions == ""
    assert found(alice, "xylophonist") == []


@pytest.mark.parametrize("words", ["xylophonist", "übermaß", "東", "a" * 60])
def test_a_blinded_word_begins_as_its_beginnings_do(words):
    (word,) = folding.words(words)
    blind = Blinding(b"k" * 32)
    whole = blind.word(word)
    assert all(whole.startswith(blind.word(word[:end])) for end in range(1, len(word) + 1))
    assert re.fullmatch("§[a-z2-7]+", whole) and len(whole) < 80
    assert whole != Blinding(b"l" * 32).word(word)


def test_an_answer_that_is_kept_to_be_given_again_is_sealed(alice, client):
    video = received_video(alice, title="Film")
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    sent = {"language": "de", "text": TEXT}
    first, second = (
        client.post(
            f"/api/v1/videos/{video.pk}/captions/",
            sent,
            content_type="application/json",
            headers={"Idempotency-Key": "one"},
        )
        for _ in range(2)
    )
    assert first.status_code == second.status_code == 201
    assert second["Idempotency-Replayed"] == "true"
    assert "xylophonist" in first.json()["text"] and second.content == first.content
    kept = IdempotencyKey.objects.get()
    assert kept.sealed and b"xylophonist" not in bytes(kept.body)
