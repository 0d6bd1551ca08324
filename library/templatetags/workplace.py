"""What the pages of the administration show around and beside Django's own parts."""

from __future__ import annotations

from typing import Any

from django import template

from library.admin import overview

register = template.Library()


@register.simple_tag(takes_context=True)
def places(context: dict[str, Any]) -> list[overview.Place]:
    request = context["request"]
    return overview.places(request.user, request.path)


@register.simple_tag(takes_context=True)
def what_goes_on(context: dict[str, Any]) -> dict[str, Any]:
    return overview.of(context["request"].user)
