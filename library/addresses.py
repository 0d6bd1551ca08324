"""How the ids of rows are written in addresses. Anything else leads nowhere."""

from __future__ import annotations

from django.urls import register_converter


class Id:
    """An opaque id as `library.models.ids` makes them; no byte that a database refuses."""

    regex = "[A-Za-z0-9_]{1,40}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Id, "id")
