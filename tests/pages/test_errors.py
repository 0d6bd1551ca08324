"""Pages for when there is nothing to show, and what all pages promise."""

import re
from pathlib import Path

import pytest
from django.test import RequestFactory

from library.pages import errors
from tests.making import stored_video

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.django_db
def test_nothing_here(client):
    page = client.get("/nowhere/")
    assert page.status_code == 404
    assert "There is nothing here" in page.content.decode()


@pytest.mark.django_db
def test_not_allowed():
    request = RequestFactory().get("/")
    page = errors.forbidden(request, PermissionError())
    assert page.status_code == 403
    assert "not yours to do" in page.content.decode()


def test_the_page_for_our_own_faults_needs_no_database():
    # Without the django_db mark, any question to the database would fail here.
    page = errors.broken(RequestFactory().get("/"))
    assert page.status_code == 500
    assert "Something broke on our side" in page.content.decode()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_keep_to_a_strict_policy(path):
    """No script or style within the page, nothing from other sites."""
    text = path.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_stay_readable(path):
    assert path.read_text().count("\n") <= 120


MODULES = sorted((ROOT / "static" / "js").rglob("*.js"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_imports_can_be_followed_by_the_names_with_hashes(path):
    text = path.read_text()
    assert text.count("\n") <= 200
    for line in re.findall(r"^import .*$|^} from .*$", text, re.MULTILINE):
        if not line.endswith("{"):
            assert re.fullmatch(r'.*from "\.{1,2}/[a-z0-9_/]+\.js";', line), line
    # What comes later is named by the page, which knows the hash.
    assert not re.search(r"\bimport\((?!\w+\.dataset\.)", text)


@pytest.mark.django_db(transaction=True)
def test_pages_ask_nothing_of_other_sites(client, alice):
    video = stored_video(alice)
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    for address in ("/", "/upload/", f"/watch/{video.pk}/", f"/watch/{video.pk}/edit/"):
        page = client.get(address).content.decode()
        assert not re.findall(r'(?:src|href|action)="(?:https?:)?//[^"]*"', page)
        inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page)
        assert all("application/json" in tag for tag in inline)
