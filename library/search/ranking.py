"""
How well a film matches, as a whole number: the same in every database, and the same tomorrow,
so that a list in this order can be read page by page.

It is the place where the terms are that counts, not how often they occur: who looks for
“harbour” means the film of that name, not the one in which the word is said forty times.
"""

from __future__ import annotations

from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.functions import Concat, StrIndex
from django.db.models.lookups import GreaterThan

from library.search import folding
from library.search.terms import Term, Terms

_PLACES = ("title", "tags", "description")


def relevance(terms: Terms) -> Case | Value:
    """
    Of a film that matches: highest where its title is what was looked for, then where all
    terms are in the title, in title and tags, in these and the description; least where it
    takes the captions or the file's name to find them all.
    """
    if not terms.with_:
        return Value(0, output_field=IntegerField())
    name = folding.padded(word for term in terms.with_ for word in term.words)
    best = When(Q(words__title=name), then=Value(len(_PLACES) + 1))
    tiers = [
        When(all_in(_together(_PLACES[: count + 1]), terms.with_), then=Value(len(_PLACES) - count))
        for count in range(len(_PLACES))
    ]
    return Case(best, *tiers, default=Value(0), output_field=IntegerField())


def all_in(text: F | Concat, terms: tuple[Term, ...]) -> Q:
    """Whether a padded text (`folding.padded`) has all of the terms."""
    found = Q()
    for term in terms:
        found &= Q(GreaterThan(StrIndex(text, Value(term.needle)), 0))
    return found


def _together(places: tuple[str, ...]) -> F | Concat:
    columns = [f"words__{place}" for place in places]
    return Concat(*columns) if len(columns) > 1 else F(columns[0])
