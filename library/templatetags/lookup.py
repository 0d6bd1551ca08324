"""Looking things up by what is at hand in a template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def of(known: Mapping[str, Any] | None, key: str) -> Any:
    """What is known of `key`; None where nothing is."""
    return (known or {}).get(key)
