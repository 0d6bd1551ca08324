"""The page that a problem's `type` leads to: every code, with its title."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from library.api.problems import KNOWN
from library.errors import Refusal


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    known = {kind.code: (int(kind.status), kind.title) for kind in _refusals(Refusal)}
    known |= {code: (kind.status_code, title) for kind, (code, title) in KNOWN.items()}
    rows = sorted((status, code, title) for code, (status, title) in known.items())
    return render(request, "api/problems.html", {"rows": rows})


def _refusals(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for inner in kind.__subclasses__():
        yield inner
        yield from _refusals(inner)
