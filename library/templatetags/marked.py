"""Words of the API's description, in which names stand between backticks."""

from __future__ import annotations

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
_NAME = re.compile(r"`([^`]+)`")


@register.filter
def marked(text: object) -> SafeString:
    """The same, with the names as code."""
    return mark_safe(_NAME.sub(r"<code>\1</code>", str(escape(str(text)))))  # noqa: S308  # escaped
