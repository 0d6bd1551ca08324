import re

import pytest
from django.contrib.staticfiles import finders

from library.templatetags.modules import module, reachable
from tests.running import ROOT

PAGES = sorted(path.name for path in (ROOT / "static" / "js" / "pages").glob("*.js"))


@pytest.mark.parametrize("page", PAGES)
def test_every_module_that_a_page_leads_to_is_there_and_asked_for_once(page):
    found = reachable(f"js/pages/{page}")
    assert len(set(found)) == len(found)
    for name in found:
        assert finders.find(name), name
        # What it imports is asked for too: nothing is left for the browser to find late.
        text = (ROOT / "static" / name).read_text()
        for said in re.findall(r'from "(\.[^"]+)"', text):
            assert any(other.endswith(said.lstrip("./")) for other in found), (name, said)


def test_the_hints_stand_before_the_script(settings):
    said = module("js/pages/home.js")
    assert said.index("modulepreload") < said.index('<script type="module"')
    assert said.count("<script") == 1
    assert said.count("modulepreload") == len(reachable("js/pages/home.js"))
    assert "http.js" in said and "selection.js" in said


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize(
    "page",
    [path for path in TEMPLATES if path.parent.name != "admin"],
    ids=lambda path: path.stem,
)
def test_no_page_asks_for_a_module_without_hints(page):
    assert '<script type="module"' not in page.read_text()
