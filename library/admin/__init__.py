"""
The library as its administrators see it, at /admin/.

Rows are made by what happens, so nearly all of it is to look at. What a person may decide
(words, visibility, the trash, another try) goes through the same functions as everywhere.
"""

from django.contrib import admin

from library.admin import (
    accounts,
    films,
    happenings,
    imports,
    jobs,
    keys,
    network,
    pieces,
    steps,
    streams,
    uploads,
)

__all__ = [
    "accounts",
    "films",
    "happenings",
    "imports",
    "jobs",
    "keys",
    "network",
    "pieces",
    "steps",
    "streams",
    "uploads",
]

admin.site.site_header = admin.site.site_title = "filmedia"
admin.site.index_title = "Administration"
# The places of our header lead everywhere; what is left has more room.
admin.site.enable_nav_sidebar = False
