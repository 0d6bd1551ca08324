"""
Who may read the figures: whoever runs the library, by session or token; a scraper with the
METRICS_TOKEN; and this machine itself, where the library is at home on it (see `_is_at_home`).
For everybody else there is nothing here.
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST

from library.api import problems
from library.authentication import device_of
from library.errors import NotFound, Refusal
from streaming.doors.watched import register
from streaming.metrics import families

# Whatever stands between us and whoever asks says so in one of these.
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


def metrics(request: HttpRequest) -> HttpResponse:
    try:
        if not _may_read(request):
            raise NotFound("There is nothing here, or it is not for you.")
    except Refusal as refusal:
        return problems.refuse(request, refusal)
    register.report()
    answer = HttpResponse(families.text(), content_type=CONTENT_TYPE_LATEST)
    answer["Cache-Control"] = "no-store"
    return answer


def _may_read(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _is_good(token.strip())
    return bool(request.user.is_active and request.user.is_staff) or _is_at_home(request)


def _is_good(token: str) -> bool:
    wanted = settings.METRICS_TOKEN
    if wanted and constant_time_compare(token, wanted):
        return True
    device = device_of(token)
    return device is not None and device.acting().is_staff


def _is_at_home(request: HttpRequest) -> bool:
    """
    Asked from this machine, by nobody in between. Many proxies run on the same machine and say
    nothing of whom they ask for; so where the library has an address of its own, no one is.
    """
    if any(name in request.headers for name in _FORWARDED):
        return False
    site = urlsplit(settings.SITE_URL).hostname or ""
    return _is_loopback(request.META.get("REMOTE_ADDR", "")) and _is_loopback(site)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
