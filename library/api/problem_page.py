"""The pages that a problem's `type` leads to: what it means, and what to do."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from library.api.kinds import kinds


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    rows = sorted(kinds().values(), key=lambda kind: (kind.status, kind.code))
    return render(request, "api/problems.html", {"kinds": rows})


@require_safe
def one(request: HttpRequest, code: str) -> HttpResponse:
    kind = kinds().get(code)
    if kind is None:
        raise Http404
    example = json.dumps(kind.example(), indent=2, ensure_ascii=False)
    return render(request, "api/problem.html", {"kind": kind, "example": example})
