"""
The words of films, and the index that searches them: on SQLite an FTS5 table that three
triggers keep like the rows, on PostgreSQL a column that is made of the others.
"""

import django.db.models.deletion
from django.db import migrations, models

from library.search import folding

SQLITE = [
    # The words are folded and separated already. This tokenizer takes whatever is not ASCII for
    # a letter, so nothing is folded or cut again.
    """
    CREATE VIRTUAL TABLE library_filmwords_fts USING fts5(
        title, tags, description, filename, captions,
        content='library_filmwords', content_rowid='id',
        tokenize='ascii', prefix='1 2 3', columnsize=0
    )
    """,
    """
    CREATE TRIGGER library_filmwords_added AFTER INSERT ON library_filmwords BEGIN
        INSERT INTO library_filmwords_fts(rowid, title, tags, description, filename, captions)
        VALUES (new.id, new.title, new.tags, new.description, new.filename, new.captions);
    END
    """,
    """
    CREATE TRIGGER library_filmwords_removed AFTER DELETE ON library_filmwords BEGIN
        INSERT INTO library_filmwords_fts(
            library_filmwords_fts, rowid, title, tags, description, filename, captions
        ) VALUES (
            'delete', old.id, old.title, old.tags, old.description, old.filename, old.captions
        );
    END
    """,
    """
    CREATE TRIGGER library_filmwords_changed AFTER UPDATE ON library_filmwords BEGIN
        INSERT INTO library_filmwords_fts(
            library_filmwords_fts, rowid, title, tags, description, filename, captions
        ) VALUES (
            'delete', old.id, old.title, old.tags, old.description, old.filename, old.captions
        );
        INSERT INTO library_filmwords_fts(rowid, title, tags, description, filename, captions)
        VALUES (new.id, new.title, new.tags, new.description, new.filename, new.captions);
    END
    """,
]
NOT_ON_SQLITE = [
    "DROP TRIGGER library_filmwords_changed",
    "DROP TRIGGER library_filmwords_removed",
    "DROP TRIGGER library_filmwords_added",
    "DROP TABLE library_filmwords_fts",
]
POSTGRESQL = [
    # array_to_tsvector takes words as they are: no parser, no dictionary, no collation.
    r"""
    ALTER TABLE library_filmwords ADD COLUMN lexemes tsvector GENERATED ALWAYS AS (
        array_to_tsvector(array_remove(string_to_array(
            translate(title || tags || description || filename || captions, E'\n', ' '), ' '
        ), ''))
    ) STORED
    """,
    "CREATE INDEX library_filmwords_lexemes ON library_filmwords USING gin (lexemes)",
]
NOT_ON_POSTGRESQL = ["ALTER TABLE library_filmwords DROP COLUMN lexemes"]


def make_index(apps, schema_editor):
    _execute(schema_editor, {"sqlite": SQLITE, "postgresql": POSTGRESQL})


def drop_index(apps, schema_editor):
    _execute(schema_editor, {"sqlite": NOT_ON_SQLITE, "postgresql": NOT_ON_POSTGRESQL})


def _execute(schema_editor, statements):
    for statement in statements[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def fill(apps, schema_editor):
    """The films that are there. Captions and tags are as new as this index."""
    FilmWords, Video = apps.get_model("library", "FilmWords"), apps.get_model("library", "Video")
    said = ("title", "description", "filename")
    rows = (
        FilmWords(
            video_id=pk,
            **{name: folding.padded(folding.words(text)) for name, text in zip(said, texts)},
        )
        for pk, *texts in Video.objects.values_list("pk", *said).iterator()
    )
    FilmWords.objects.bulk_create(rows, batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("library", "0005_pages")]

    operations = [
        migrations.CreateModel(
            name="FilmWords",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.TextField()),
                ("tags", models.TextField(blank=True)),
                ("description", models.TextField(blank=True)),
                ("filename", models.TextField(blank=True)),
                ("captions", models.TextField(blank=True)),
                ("cues", models.JSONField(blank=True, default=list)),
                ("video", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="words", to="library.video")),
            ],
            options={"verbose_name_plural": "words of films"},
        ),
        migrations.RunPython(make_index, drop_index),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
