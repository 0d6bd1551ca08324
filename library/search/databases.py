"""
Which films have the terms: the one place that knows two databases.

Both ask an index over `FilmWords`, which migration 0006 has made: an FTS5 table on SQLite, a
GIN index over a tsvector on PostgreSQL. The words were folded by us, so neither has a language,
a dictionary or an accent to know of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Concat, Replace, StrIndex
from django.db.models.lookups import GreaterThan

from library.models import FilmWords
from library.search import ranking
from library.search.terms import Term, Terms

_FTS5 = "SELECT rowid FROM library_filmwords_fts WHERE library_filmwords_fts MATCH %s"
_TSVECTOR = "SELECT id FROM library_filmwords WHERE lexemes @@ %s::tsquery"


Blind = Callable[[str], str]


def films(terms: Terms, blind: Blind | None) -> Q:
    """
    As a condition on films. Without any term no film is found. With `blind` a term may also be
    in sealed captions, of which nobody can say which of their words stand together.
    """
    if not terms:
        return Q(pk__in=())
    found = Q(pk__in=_having(terms.with_, blind)) if terms.with_ else Q()
    for term in terms.without:
        found &= ~Q(pk__in=_having((term,), blind))
    return found


def _having(terms: tuple[Term, ...], blind: Blind | None) -> QuerySet[FilmWords, Any]:
    rows = FilmWords.objects.order_by()
    if connection.vendor == "postgresql":
        query = " & ".join(_either(term, blind, _tsquery, " & ", " | ") for term in terms)
        rows = rows.filter(pk__in=RawSQL(_TSVECTOR, [query]))  # noqa: S611 (a parameter)
        # The index knows which words a film has, but not which of them stand together.
        for term in terms:
            if len(term.words) > 1:
                rows = rows.filter(_stand_together(term) | _said_sealed(term, blind))
    else:
        query = " AND ".join(_either(term, blind, _fts5, " AND ", " OR ") for term in terms)
        rows = rows.filter(pk__in=RawSQL(_FTS5, [query]))  # noqa: S611 (a parameter)
    return rows.values("video")


def _either(
    term: Term, blind: Blind | None, written: Callable[[Term], str], both: str, one: str
) -> str:
    """The term in clear or, each of its words, blinded."""
    if blind is None:
        return written(term)
    blinded = both.join(written(word) for word in term.blinded(blind))
    return f"(({written(term)}){one}({blinded}))"


# Folded words are letters, digits and marks, and blinded ones have a sign before those: there
# is nothing in them to be escaped.


def _fts5(term: Term) -> str:
    words = " + ".join(f'"{word}"' for word in term.words)
    return words if term.whole else f"{words} *"


def _tsquery(term: Term) -> str:
    words = [f"'{word}'" for word in term.words]
    return " & ".join(words) + ("" if term.whole else ":*")


def _said_sealed(term: Term, blind: Blind | None) -> Q:
    if blind is None:
        return Q(pk__in=())
    return ranking.all_in(F("captions"), term.blinded(blind))


def _stand_together(term: Term) -> Q:
    said = Replace(F("captions"), Value("\n"), Value(" "), output_field=TextField())
    everything = Concat("title", "tags", "description", "filename", said)
    return Q(GreaterThan(StrIndex(everything, Value(term.needle)), 0))
