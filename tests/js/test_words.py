"""Every sentence that a script says can be translated."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

SCRIPTS = settings.BASE_DIR / "static" / "js"
COMMENT = re.compile(r"/\*.*?\*/|(?:^|(?<=\s))//[^\n]*", re.DOTALL)
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`')
# It begins with a capital letter and goes on with other words: nothing else here does.
SENTENCE = re.compile(r"[“A-Z].*?[a-z]\S* [a-z“$%]", re.DOTALL)
MARKED = re.compile(r'(gettext\(|ngettext\(\s*"(?:[^"\\]|\\.)*",)\s*$')
# Only developers read it.
NOT_FOR_READERS = {"Not kept: ${error.message}"}


def unmarked(script: str) -> list[str]:
    """The sentences in `script` that no translation would reach."""
    script = COMMENT.sub("", script)
    found = []
    for literal in LITERAL.finditer(script):
        words = literal[1] if literal[1] is not None else literal[2]
        if SENTENCE.match(words) and not MARKED.search(script[: literal.start()][-400:]):
            found.append(words)
    return found


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ('say("The film is here.");', ["The film is here."]),
        ("say(`Cancel “${title}”?`);", ["Cancel “${title}”?"]),
        ('say(gettext("The film is here."));', []),
        ('ngettext("One film waits.", "Many films wait.", count)', []),
        ('const KEYS = "Space Enter"; // Not a sentence at all.', []),
    ],
)
def test_a_sentence_that_is_not_marked_is_found(script, found):
    assert unmarked(script) == found


def test_every_sentence_of_the_scripts_is_marked_for_translation():
    scripts = sorted(SCRIPTS.rglob("*.js"))
    assert scripts
    found = {
        (script.relative_to(SCRIPTS).as_posix(), words)
        for script in scripts
        for words in unmarked(script.read_text())
        if words not in NOT_FOR_READERS
    }
    assert found == set()
