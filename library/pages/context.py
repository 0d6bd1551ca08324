"""What every page knows of whoever looks at it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from library.watching import preferences as chosen


def preferences(request: HttpRequest) -> dict[str, Any]:
    """The preferences of who is signed in; others keep theirs in their browser."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"preferences": chosen.of(user)}
