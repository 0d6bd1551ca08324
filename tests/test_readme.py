"""The README is true."""

import re
from pathlib import Path

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
