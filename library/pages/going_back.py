"""Where somebody lands who did something on one page and goes on where they were."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def place(request: HttpRequest, or_else: str = "") -> str:
    """
    The path that the form came with as `next`, if it is one of ours; otherwise `or_else`,
    or the library page.
    """
    wished = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wished, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wished if ours and wished.startswith("/") else or_else or reverse("library:home")
