"""The index is right after whatever happens to a film, and keeps nothing of one that is gone."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from library import films
from library.catalogue import tags
from library.finding import Question
from library.models import FilmWords, Video
from library.storing import sweeps
from library.watching import captions
from tests.making import keep_caption, received_video, stored_video

pytestmark = pytest.mark.django_db
on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="asks SQLite's own files")


def found(user, words):
    return [video.title for video in Question(words).apply(user)]


def test_a_film_is_found_as_soon_as_its_bytes_are_here(alice):
    received_video(alice, title="Harbour", filename="reel.mov")
    assert found(alice, "harbour reel") == ["Harbour"]


def test_a_change_is_found_and_what_was_there_before_is_not(alice):
    video = received_video(alice, title="Harbour")
    films.change(video, title="Lighthouse", description="Gulls", tags=["Sea"])
    assert found(alice, "lighthouse gulls sea") == ["Lighthouse"]
    assert found(alice, "harbour -lighthouse") == []
    films.change(video, description="", tags=[])
    assert found(alice, "gulls") == found(alice, "sea") == []


def test_tags_are_found_by_every_way_to_give_and_take_them(alice):
    video = received_video(alice, title="Film")
    tags.add(video, ["Sea", "Sky"])
    assert found(alice, "sea sky") == ["Film"]
    tags.remove(video, ["Sea"])
    assert found(alice, "sea") == [] and found(alice, "sky") == ["Film"]


def test_captions_are_found_until_they_are_replaced_or_removed(alice):
    video = received_video(alice, title="Film")
    english = keep_caption(video, "ferry")
    keep_caption(video, "bateau", language="fr")
    assert found(alice, "ferry bateau") == ["Film"]
    captions.replace(english, "WEBVTT\n\n00:01.000 --> 00:02.000\nisland\n")
    assert found(alice, "ferry") == [] and found(alice, "island bateau") == ["Film"]
    captions.remove(english)
    assert found(alice, "island") == [] and found(alice, "bateau") == ["Film"]


def test_a_change_of_the_title_leaves_the_captions_alone(alice):
    video = received_video(alice, title="Film")
    keep_caption(video, "ferry")
    films.change(video, title="Harbour")
    assert found(alice, "harbour ferry") == ["Harbour"]


def test_a_film_in_the_trash_is_found_there_only(alice, mallory):
    video = received_video(alice, title="Harbour", visibility="public")
    films.trash(video)
    assert found(alice, "harbour") == []
    assert list(Question("harbour", shelf="trash").apply(alice)) == [video]
    assert list(Question("harbour", shelf="trash").apply(mallory)) == []
    films.restore(video)
    assert found(mallory, "harbour") == ["Harbour"]


def test_nothing_of_an_erased_film_is_in_the_index(alice):
    video = stored_video(alice, title="Zanzibar", filename="quagga.mov")
    films.change(video, description="xylophone", tags=["okapi"])
    keep_caption(video, "wombat")
    received_video(alice, title="Harbour")
    films.trash(video)
    films.erase(video)
    assert FilmWords.objects.count() == 1
    assert in_index() == {"harbour", "mp4"}


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_no_byte_of_an_erased_film_s_words_is_in_the_database_s_file(alice, settings):
    video = stored_video(alice, title="Plain", filename="plain.mov")
    secret = "xylophonist"
    films.change(video, description=secret)
    keep_caption(video, secret)
    for number in range(3):
        received_video(alice, bytes([number]), title=f"Another {number}")
    films.trash(video)
    assert secret.encode() in database()
    films.erase(video)
    assert secret.encode() not in database()


def test_emptying_the_trash_leaves_nothing_in_the_index_either(alice, settings):
    settings.TRASH_KEEP_DAYS = 0
    films.trash(stored_video(alice, title="Zanzibar", filename="quagga.mov"))
    sweeps.overdue()
    assert not Video.objects.exists()
    assert in_index() == set()


def test_the_index_is_made_anew_by_a_command_that_says_how_many(alice):
    video = received_video(alice, title="Harbour")
    keep_caption(video, "ferry")
    films.change(received_video(alice, title="Film"), tags=["Sea"])
    FilmWords.objects.all().delete()
    assert found(alice, "harbour") == []
    out = StringIO()
    call_command("reindex", json=True, stdout=out)
    assert json.loads(out.getvalue()) == {"films": 2}
    assert found(alice, "harbour ferry") == ["Harbour"] and found(alice, "sea") == ["Film"]
    out = StringIO()
    call_command("reindex", stdout=out)
    assert out.getvalue() == "Indexed 2 films.\n"


@on_sqlite
def test_the_command_mends_an_index_that_is_broken(alice):
    received_video(alice, title="Harbour")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO library_filmwords_fts(library_filmwords_fts) VALUES ('delete-all')"
        )
    assert found(alice, "harbour") == []
    call_command("reindex", stdout=StringIO())
    assert found(alice, "harbour") == ["Harbour"]


def test_captions_of_more_words_than_a_database_takes_are_indexed_as_far_as_it_does(alice):
    video = received_video(alice, title="Film")
    words = [f"{number:08d}ß" for number in range(120_000)]
    cues = (" ".join(words[start : start + 500]) for start in range(0, len(words), 500))
    text = "\n\n".join(f"00:00:00.000 --> 00:00:09.000\n{words}" for words in cues)
    captions.add(video, f"WEBVTT\n\n{text}\n", language="en")
    keep_caption(video, "autre", language="fr")
    assert found(alice, f"film {words[0]}") == ["Film"]
    assert found(alice, words[-1]) == found(alice, "autre") == []


def in_index() -> set[str]:
    """Every word that the database's own index has."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            vocabulary = "fts5vocab(main, library_filmwords_fts, row)"
            cursor.execute(f"CREATE VIRTUAL TABLE temp.seen_words USING {vocabulary}")
            cursor.execute("SELECT term FROM temp.seen_words")
            terms = {row[0] for row in cursor.fetchall()}
            cursor.execute("DROP TABLE temp.seen_words")
            return terms
        cursor.execute("SELECT word FROM ts_stat('SELECT lexemes FROM library_filmwords')")
        return {row[0] for row in cursor.fetchall()}


def database() -> bytes:
    """All of SQLite's file, with what waits to be written into it."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute("PRAGMA database_list")
        path = next(row[2] for row in cursor.fetchall() if row[1] == "main")
    return Path(path).read_bytes()
