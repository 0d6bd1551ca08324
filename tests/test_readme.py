"""The README is true."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.running import running

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def test_every_setting_has_a_line():
    settings = (ROOT / "filmedia" / "settings.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', settings))
    assert read
    assert not {name for name in read if f"`{name}`" not in README}


def test_no_setting_is_invented():
    settings = (ROOT / "filmedia" / "settings.py").read_text()
    table = README.partition("## Settings")[2]
    named = set(re.findall(r"`([A-Z][A-Z_]{3,})`", table)) - {"DEBUG"}
    assert not {name for name in named if f'"{name}"' not in settings}


def test_every_command_it_names_exists():
    commands = set(re.findall(r"manage\.py ([a-z_]+)", README)) - {"runserver"}
    found = {path.stem for path in ROOT.glob("*/management/commands/*.py")}
    assert commands <= found


def test_every_file_it_links_to_exists():
    links = re.findall(r"\]\(([^)h][^)]*)\)", README)
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]


def _has_curl() -> bool:
    """One that knows --json, as all have had since 2022."""
    if not shutil.which("curl"):
        return False
    told = subprocess.run(["curl", "--help", "all"], capture_output=True, text=True, check=False)
    return "--json" in told.stdout


@pytest.mark.slow
@pytest.mark.skipif(not _has_curl(), reason="there is no curl, or an old one")
def test_the_api_in_five_lines_does_what_it_says(tmp_path):
    """As they stand, in a shell, with curl."""
    lines = README.partition("## The API in five lines")[2].partition("```sh")[2]
    script = lines.partition("```")[0]
    (tmp_path / "film.mp4").write_bytes(bytes(100_000))
    account = {
        "DJANGO_SUPERUSER_USERNAME": "ada",
        "DJANGO_SUPERUSER_PASSWORD": "a long password",
        "ACCEPT_ANY_FILE": "1",
    }
    with running(tmp_path / "data", worker=False, **account) as library:
        done = subprocess.run(
            ["bash", "-euc", script.replace("http://127.0.0.1:8000", library.url)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
    (film,) = json.loads(done.stdout)["items"]
    assert (film["filename"], film["size"]) == ("film.mp4", 100_000)
