"""
What a token may be used for: each view says which scopes its methods need.

A session has all that its person has. Staff powers need `admin`: who comes with a token that
lacks it is no staff to us (`library.authentication`), so every other rule need not know.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from library.errors import MissingScope
from library.models import DeviceToken
from library.models.scopes import SCOPES

Needed = Mapping[str, Collection[str]]

# What any token may be used for, such as asking whose it is.
ANY: Collection[str] = ()
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def needs(*scopes: str) -> Needed:
    """The same scopes for every method."""
    return dict.fromkeys(METHODS, scopes)


def reads_and_writes(read: str, write: str) -> Needed:
    return {**needs(write), "GET": (read,)}


# Seeing and changing films and what is made of them; what most views need.
FILMS = reads_and_writes("videos:read", "videos:write")


class Scoped(BasePermission):
    """Stands before the permissions of every view. What no view has named needs everything."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        check(request.auth, needed_by(view, request.method or ""))
        return True


def needed_by(view: APIView | type[APIView], method: str) -> Collection[str]:
    if method == "OPTIONS":
        return ANY
    said: Needed = getattr(view, "scopes", {})
    return said.get("GET" if method == "HEAD" else method, tuple(SCOPES))


def check(token: object, needed: Collection[str]) -> None:
    """Raises MissingScope, with all that are missing. Whoever has no token has no limits."""
    if isinstance(token, DeviceToken) and (missing := token.lacks(needed)):
        raise MissingScope(missing, token.scopes)
