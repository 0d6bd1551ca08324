"""The import rules, kept by a test so that no one has to remember them."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

FORBIDDEN = {
    # Inside the client imports are relative, so "filmedia" itself is forbidden too.
    "filmedia/filecoin": {"filmedia", "django", "rest_framework", "channels", "library"},
    "filmedia/client": {"django", "rest_framework", "library", "streaming", "filmedia.settings"},
    "library": {"streaming", "filmedia.urls", "filmedia.asgi", "filmedia.settings"},
    "library/models": {"library.uploads", "library.storing", "library.api", "library.pages"},
    "library/uploads/receiving.py": {"rest_framework", "channels", "django.http"},
    "library/uploads/staging.py": {"library.models", "rest_framework"},
    "library/uploads/tus.py": {"django", "rest_framework", "library.models"},
    "library/storing": {"rest_framework", "channels", "library.api", "library.pages"},
    "library/catalogue": {"rest_framework", "channels", "library.api", "library.pages"},
    "library/jobs": {"rest_framework", "channels", "library.api", "library.pages"},
    "library/api": {"library.pages"},
    "library/pages": {"library.api"},
    "streaming": {"filmedia.urls", "filmedia.asgi", "filmedia.settings"},
    "streaming/http/ranges.py": {"django", "library", "httpx"},
    "streaming/reading/spans.py": {"django", "library", "httpx"},
    "streaming/http/conditions.py": {"django", "library", "httpx"},
    "streaming/http/multipart.py": {"django", "library", "httpx"},
}


def imported(path: Path) -> set[str]:
    """Every module a file imports, and every package those are in."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    parents = {name.rsplit(".", depth)[0] for name in names for depth in range(name.count(".") + 1)}
    return names | parents


@pytest.mark.parametrize("where", FORBIDDEN)
def test_imports_point_one_way(where):
    place = ROOT / where
    files = [place] if place.suffix else sorted(place.rglob("*.py"))
    assert files
    found = {str(file.relative_to(ROOT)): imported(file) & FORBIDDEN[where] for file in files}
    assert not {file: names for file, names in found.items() if names}


def test_nothing_but_settings_reads_the_environment():
    allowed = {"filmedia/settings.py", "filmedia/environment.py", "filmedia/asgi.py", "manage.py"}
    # The command-line client is a program of its own, and this is where its settings are.
    allowed.add("filmedia/client/account.py")
    for folder in ("filmedia", "library", "streaming"):
        for file in (ROOT / folder).rglob("*.py"):
            name = str(file.relative_to(ROOT))
            if name not in allowed and not name.startswith("filmedia/filecoin"):
                assert "os.environ" not in file.read_text(), name


def test_the_filecoin_client_loads_without_django():
    code = "import sys; sys.modules['django'] = None; import filmedia.filecoin.piece"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_command_line_client_loads_without_django_and_the_apps():
    blocked = "; ".join(
        f"sys.modules[{name!r}] = None"
        for name in ("django", "rest_framework", "library", "streaming", "filmedia.settings")
    )
    code = f"import sys; {blocked}; from filmedia.client import main; main.main(['ls', '--help'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert b"filmedia ls" in done.stdout


def test_web_code_does_not_import_web3():
    """It takes most of a second and 60 MB; only the worker will need it."""
    code = (
        "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings';"
        "django.setup(); import filmedia.urls; assert 'web3' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_no_module_has_grown_past_one_job():
    long = {}
    for folder in ("filmedia", "library", "streaming", "tests", "benchmarks"):
        for file in (ROOT / folder).rglob("*.py"):
            lines = file.read_text().count("\n")
            if lines > 400 and "migrations" not in file.parts:
                long[str(file.relative_to(ROOT))] = lines
    assert not long
