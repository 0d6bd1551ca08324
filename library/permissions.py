"""
Who may do what, beside what the querysets answer.

`Video.objects.visible_to`, `.changeable_by` and `Upload.objects.visible_to`,
`.writable_by` say who may touch which row; what is not about a row stands here.
"""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from library.models import User


def may_see_funds(user: User | AnonymousUser) -> bool:
    """What storing costs, who pays and how long it lasts: whoever runs the library."""
    return user.is_authenticated and user.is_active and user.runs_library


def may_upload(user: User | AnonymousUser) -> bool:
    """Everybody with an account may bring films."""
    return user.is_authenticated and user.is_active


def may_import(user: User | AnonymousUser) -> bool:
    """Films from addresses elsewhere, which this machine then asks: whoever runs the library."""
    return may_upload(user) and user.is_staff
