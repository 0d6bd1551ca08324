"""A page's script, with all that it imports asked for at once."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path, PurePosixPath

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
_IMPORT = re.compile(r"""^\s*(?:import|export)\b[^;]*?["'](\.{1,2}/[^"']+)["']""", re.MULTILINE)


@register.simple_tag
def module(name: str) -> SafeString:
    """
    The script at `name` and, before it, a hint for each module that it leads to: a browser
    would find them one behind the other, each a journey to the server and back.
    """
    hints = format_html_join("", '<link rel="modulepreload" href="{}">', _addresses(name))
    return hints + format_html('<script type="module" src="{}"></script>', static(name))


def _addresses(name: str) -> list[tuple[str]]:
    return [(static(one),) for one in reachable(name)]


@cache
def reachable(name: str) -> tuple[str, ...]:
    """The modules that `name` imports, and those that they do, each once, nearest first."""
    found = [name]
    for one in found:
        found += [other for other in _imports(one) if other not in found]
    return tuple(found[1:])


def _imports(name: str) -> list[str]:
    path = finders.find(name)
    if not path:
        return []
    folder = PurePosixPath(name).parent
    said = _IMPORT.findall(Path(path).read_text())
    return list(dict.fromkeys(_plain(folder / other) for other in said))


def _plain(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
