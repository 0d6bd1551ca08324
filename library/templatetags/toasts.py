"""What is said after something was done, and how to take it back."""

from __future__ import annotations

from django import template
from django.contrib.messages.storage.base import Message

from library.pages import said

register = template.Library()


@register.filter
def undo_url(message: Message) -> str:
    """The address that takes it back, or no words."""
    return said.undo_of(message.extra_tags)
