"""What the player costs who comes to watch: its modules, compressed as they are sent."""

import gzip
import re
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static" / "js"
MOST = 60_000
IMPORT = re.compile(r'^(?:import|export)\b[^;"]*?"(\.[^"]+)";', re.MULTILINE)


def reachable(entry: Path) -> set[Path]:
    found: set[Path] = set()
    waiting = [entry]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        waiting += [(path.parent / name).resolve() for name in IMPORT.findall(path.read_text())]
    return found


def sent(modules: set[Path]) -> int:
    return sum(len(gzip.compress(path.read_bytes())) for path in modules)


def test_all_modules_of_the_watch_page_fit_in_sixty_kilobytes():
    modules = reachable(STATIC / "pages" / "watch.js")
    assert STATIC / "player" / "element.js" in modules
    assert STATIC / "http.js" in modules
    # What checks a film comes when somebody asks for it, and counts all the same.
    assert not any(path.parent.name == "verifying" for path in modules)
    for later in ("pages/watch_check.js", "verifying/worker.js"):
        modules |= reachable(STATIC / later)
    assert STATIC / "verifying" / "node.js" in modules
    assert sent(modules) <= MOST, f"{len(modules)} modules are {sent(modules):,} bytes"
