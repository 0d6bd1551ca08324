"""
Finding films in a list: what can be asked, and the one film that a pasted address names.

`read` and `understood` make a `Question` of an address; it knows its films (`apply`), its
address, and with `chips` how it looks to a person. `target` opens what was pasted.
"""

from library.finding.chips import Chip, chips
from library.finding.filters import FILTERS, Filter
from library.finding.question import ALL, MINE, SHELVES, TRASH, Question, read, understood
from library.finding.sorts import SORTS, Sort
from library.finding.target import moment, target

__all__ = [
    "ALL",
    "FILTERS",
    "MINE",
    "SHELVES",
    "SORTS",
    "TRASH",
    "Chip",
    "Filter",
    "Question",
    "Sort",
    "chips",
    "moment",
    "read",
    "target",
    "understood",
]
