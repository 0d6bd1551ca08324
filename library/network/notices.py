"""
What whoever runs the library should act on: money that ends, access that ends, films at
risk. Each is told once when it begins and once for each mark that is passed, as an event
for staff, and stands in the list until it is over.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from library import events
from library.models import Reading
from library.network.connection import Connection

MARKS = (3, 7, 14, 30)


def funds(at: Connection, mark: int | None) -> None:
    """`mark`: so many days are left at most; 0 in deficit; None where there is enough."""
    words = {None: "", 0: "The account is in deficit. Uploads wait; providers may end storage."}
    sentence = words.get(mark, f"The money lasts less than {mark} days. Add USDFC.")
    _tell(at, "funds", mark, sentence)


def access(at: Connection, days: int | None) -> None:
    """`days` until the session key's access ends; None where it does not."""
    mark = None if days is None else next((one for one in MARKS if days < one), None)
    sentence = ""
    if mark is not None:
        sentence = f"Renew access: the session key may sign for {days} days more."
        if days == 0:
            sentence = "Renew access: the session key may not sign any more, or only today."
    _tell(at, "access", mark, sentence)


def standing(network: str) -> list[str]:
    """The sentences that are to be acted on now."""
    rows = Reading.objects.filter(pk__startswith=f"{network}:notice:").order_by("pk")
    return [row.value["sentence"] for row in rows if row.value.get("sentence")]


def _tell(at: Connection, what: str, mark: int | None, sentence: str) -> None:
    name, now = f"{at.network.name}:notice:{what}", timezone.now()
    with transaction.atomic():
        row, _ = Reading.objects.get_or_create(pk=name)
        before: dict[str, Any] = row.value
        Reading.objects.filter(pk=name).update(
            value={"mark": mark, "sentence": sentence}, at=now, tried_at=now
        )
        if mark is not None and before.get("mark") != mark:
            kind = {"funds": "funds.low", "access": "key.expiring"}[what]
            events.record_for_staff(kind, mark=mark, sentence=sentence)
