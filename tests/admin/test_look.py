"""The administration wears the site's clothes, and keeps to its content policy."""

import re

from django.conf import settings

STYLES = settings.BASE_DIR / "static" / "css"


def colours(sheet: str) -> dict[str, str]:
    """The custom properties of a sheet's first block."""
    first = (STYLES / sheet).read_text().partition(":root {")[2].partition("\n}")[0]
    return dict(re.findall(r"(--[a-z-]+): ([^;]+);", first))


def test_the_administration_has_the_colours_of_the_site():
    assert colours("admin.css") == colours("filmedia.css")
    assert len(colours("admin.css")) > 15


def test_our_templates_have_neither_scripts_nor_styles_within():
    for path in sorted((settings.BASE_DIR / "templates" / "admin").rglob("*.html")):
        text = path.read_text()
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=", text), path
