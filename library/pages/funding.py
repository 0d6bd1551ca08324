"""The Funds page: what there is, how long it lasts, what was spent, who may sign."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from filmedia.filecoin.money import amounts
from library import permissions
from library.models import Payment
from library.network import connection, summary

WIDTH, HEIGHT, LEFT, BOTTOM = 720, 220, 56, 28
LEDGER_PAGE = 25


def _or_not_found(request: HttpRequest) -> None:
    # To whom it is not shown, it is not there.
    if not permissions.may_see_funds(request.user):
        raise Http404


@never_cache
@require_safe
@login_required
def funds(request: HttpRequest) -> HttpResponse:
    _or_not_found(request)
    if connection.is_local():
        return render(request, "library/funds.html", {"local": True})
    found = summary.summary()
    payments = Payment.objects.filter(network=found.network).select_related("data_set")
    context = {
        "found": found,
        "chart": chart(found.forecast, found),
        "ledger": Paginator(payments, LEDGER_PAGE).get_page(request.GET.get("page")),
        "explorer": connection.network().explorer,
        "data_sets": summary.data_sets(found.network),
        "leaving": summary.leaving(),
        "never": summary.NEVER,
    }
    return render(request, "library/funds.html", context)


def chart(forecast: list[int], found: summary.Summary) -> dict[str, Any] | None:
    """The balance of the next days as points of a drawing of WIDTH by HEIGHT."""
    if not forecast or not max(forecast):
        return None
    most, last = max(forecast), len(forecast) - 1
    across, up = WIDTH - LEFT, HEIGHT - BOTTOM

    def point(day: int, amount: int) -> str:
        x = LEFT + across * day / last
        y = up - (up - 12) * (amount / most)
        return f"{x:.1f},{y:.1f}"

    line = [point(day, amount) for day, amount in enumerate(forecast)]
    act = found.act_within if found.act_within is not None and found.act_within <= last else None
    return {
        "line": " ".join(line),
        "area": " ".join([f"{LEFT},{up}", *line, f"{WIDTH},{up}"]),
        "most": amounts.rounded(most, 2),
        "half": amounts.rounded(most // 2, 2),
        "act_x": None if act is None else round(LEFT + across * act / last, 1),
        "ticks": [(round(LEFT + across * day / last, 1), day) for day in range(0, last + 1, 30)],
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "floor": up,
        "ends_with": amounts.rounded(forecast[-1], 2),
    }
