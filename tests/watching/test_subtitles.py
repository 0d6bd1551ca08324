"""Files of subtitles: what is read, what is kept, what is left behind, what is refused."""

import re
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from library.watching import subtitles
from library.watching.subtitles import Cue, NotSubtitles, parse, plain, said, write

SRT = """1
00:00:01,000 --> 00:00:02,500
Hello <i>there</i>
- General

2
00:00:03,000 --> 00:00:04,000
Bye
"""


class TestSrt:
    def test_is_read(self):
        assert parse(SRT) == [
            Cue(1.0, 2.5, "Hello <i>there</i>\n- General"),
            Cue(3.0, 4.0, "Bye"),
        ]

    def test_becomes_webvtt(self):
        assert write(parse(SRT)) == (
            "WEBVTT\n\n"
            "00:00:01.000 --> 00:00:02.500\nHello <i>there</i>\n- General\n\n"
            "00:00:03.000 --> 00:00:04.000\nBye\n"
        )

    @pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
    def test_of_any_machine(self, ending):
        assert parse(SRT.replace("\n", ending)) == parse(SRT)

    def test_with_an_empty_line_inside_of_what_is_said(self):
        text = "1\n00:01,000 --> 00:02,000\nOne\n\ntwo\n\n2\n00:03,000 --> 00:04,000\nThree\n"
        assert [cue.text for cue in parse(text)] == ["One\ntwo", "Three"]

    def test_without_empty_lines_between(self):
        text = "1\n00:01,000 --> 00:02,000\nOne\n2\n00:03,000 --> 00:04,000\nTwo\n"
        assert [cue.text for cue in parse(text)] == ["One", "Two"]

    def test_that_says_numbers(self):
        text = "1\n00:01,000 --> 00:02,000\n42\n\n2\n00:03,000 --> 00:04,000\n43\n"
        assert [cue.text for cue in parse(text)] == ["42", "43"]

    def test_with_what_other_programs_leave_in_it(self):
        text = (
            "1\n00:00:01,000 --> 00:00:02,000 X1:100 X2:200\n"
            r'{\an8}<font color="#ff0000">Up <b>here</font></b>{\i1}' + "\n"
        )
        assert parse(text) == [Cue(1.0, 2.0, "Up <b>here</b>", "line:0")]


class TestWebvtt:
    def test_with_notes_styles_regions_and_names_keeps_what_is_said(self):
        text = (
            "WEBVTT - made by hand\nX-TIMESTAMP-MAP=LOCAL:0\n\n"
            "STYLE\n::cue { background: url(https://tracker.example/a.png) }\n\n"
            "REGION\nid:fred\nwidth:40%\n\n"
            "NOTE a remark\nof two lines\n\n"
            "intro\n00:01.000 --> 00:02.000 region:fred align:start position:10%\n"
            "<v Ann>Hello <c.loud>you</c>\n\n"
        )
        assert write(parse(text)) == (
            "WEBVTT\n\n00:00:01.000 --> 00:00:02.000 align:start position:10%\nHello you\n"
        )

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("line:0 line:5", "line:0"),
            ("line:-1,end size:50% vertical:rl", "line:-1,end size:50% vertical:rl"),
            ("position:50%,center align:middle", "position:50%,center"),
            ("onload:alert(1) line:url(x) size:5px", ""),
        ],
    )
    def test_keeps_of_its_settings_those_that_place_a_cue(self, given, kept):
        assert parse(f"WEBVTT\n\n00:01.000 --> 00:02.000 {given}\nHi\n")[0].settings == kept

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            pytest.param("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            pytest.param("<img src=x onerror=y>", "&lt;img src=x onerror=y&gt;"),
            pytest.param('<b onclick="x">bold', "<b>bold</b>"),
            pytest.param("<b><i>crossed</b></i>", "<b><i>crossed</i></b>"),
            pytest.param("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"),
            pytest.param("&lt;i&gt; &eacute; &amp;", "&lt;i&gt; é &amp;"),
            pytest.param("one<br>two", "one\ntwo"),
            pytest.param("<00:00:01.500>now", "now"),
            pytest.param("bell \x07, nul \x00", "bell , nul"),
            pytest.param("</i>closed", "closed"),
        ],
    )
    def test_keeps_of_its_markup_what_does_no_harm(self, given, kept):
        assert parse(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{given}\n")[0].text == kept

    def test_is_searched_as_it_is_read(self):
        (cue,) = parse("WEBVTT\n\n00:01.000 --> 00:02.000\n<i>Tom</i> &amp; <b>Ann</b>\n")
        assert subtitles.plain(cue.text) == "Tom & Ann"


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("text", "line", "words"),
        [
            pytest.param("", 1, "not one subtitle", id="nothing"),
            pytest.param("WEBVTT\n\n", 1, "not one subtitle", id="no cue"),
            pytest.param("Dear Sir,\n", 1, "should be a time", id="a letter"),
            pytest.param("<html>", 1, "should be a time", id="a web page"),
            pytest.param("1\n00:00:01,000 -> 00:00:02,000\nHi\n", 2, "should be a time", id="->"),
            pytest.param("1\n00:00:01,000 --> soon\nHi\n", 2, "cannot be read", id="a word"),
            pytest.param(SRT + "\n3\n00:00:09,000 --> 00:00:08,000\nOh\n", 11, "before it begins"),
            pytest.param(SRT + "\n3\n00:00:01,000 --> 00:00:08,000\nOh\n", 11, "one above"),
            pytest.param("1\n00:61:00,000 --> 00:62:00,000\nHi\n", 2, "end at 59", id="minute 61"),
            pytest.param("1\n999:00:00,0 --> 999:01:00,0\nHi\n", 2, "later than any", id="days"),
            pytest.param("1\n00:00:01,000 --> 00:00:02,000\n<i></i>\n", 1, "not one", id="silence"),
        ],
    )
    def test_is_named_with_its_line(self, text, line, words):
        with pytest.raises(NotSubtitles, match=words) as refused:
            parse(text)
        assert refused.value.line == line

    def test_is_what_has_no_end(self):
        cue = "00:01.000 --> 00:02.000\nHi\n\n"
        with pytest.raises(NotSubtitles, match="20,000"):
            parse("WEBVTT\n\n" + cue * 20_001)

    def test_is_a_book_in_one_subtitle(self):
        """Whoever searched for a word of it would wait until all of it was looked through."""
        said = "word " * 999 + "words"
        assert parse(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{said}\n")
        with pytest.raises(NotSubtitles, match="5,000") as refused:
            parse(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{said}, words\n")
        assert refused.value.line == 3


# --- whatever a file says

MOMENTS = st.integers(0, 99 * 3600 * 1000)
LINES = st.text(max_size=60).map(lambda line: " ".join(line.split()))
# An empty line ends a cue.
TEXTS = st.lists(LINES.filter(bool), min_size=1, max_size=3).map("\n".join)
PIECES = st.sampled_from(
    [
        *("WEBVTT", "1", "00:01.000 --> 00:02.000", "00:00:03,5 --> 00:00:04,000 line:0", "-->"),
        *("", "NOTE", "STYLE", "<i>", "</i>", "<b", "<00:01>", "&lt;", "{\\an8}", "\ufeff", "é"),
    ]
)
FILES = st.lists(PIECES | st.text(max_size=12), max_size=30).map("\n".join) | st.text(max_size=200)


@settings(deadline=None, max_examples=400)
@given(FILES)
@example("1\n0:0 --> 0:0\n{\\")
@example("WEBVTT\n\n00:00.0 --> 00:00.0\n&#123;\\an8}x\n")
@example("1\n0:0 --> 0:0\n&amp;#60;")
def test_any_file_is_read_or_refused_and_what_is_kept_stays_as_it_is(text):
    with suppress(NotSubtitles):
        once = write(parse(text))
        assert write(parse(once)) == once


@settings(deadline=None, max_examples=400)
@given(FILES)
def test_nothing_that_is_kept_is_markup_but_italics_bold_and_underline(text):
    with suppress(NotSubtitles):
        for cue in parse(text):
            assert "<" not in re.sub(r"</?[ibu]>", "", cue.text)
            assert "-->" not in cue.text
            assert "\n\n" not in cue.text
            assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", cue.text)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(MOMENTS, st.integers(0, 10_000), TEXTS), min_size=1, max_size=8))
def test_what_is_said_in_a_good_file_is_kept(said):
    """Times to the millisecond, and every letter that is no control character."""
    said = sorted(said, key=lambda one: one[0])
    lines = [
        f"{subtitles.stamp(start / 1000)} --> {subtitles.stamp((start + length) / 1000)}\n"
        + text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("{", "&#123;")
        for start, length, text in said
    ]
    expected = [
        (start / 1000, (start + length) / 1000, printable)
        for start, length, text in said
        if (printable := shown(text))
    ]
    try:
        found = parse("WEBVTT\n\n" + "\n\n".join(lines) + "\n")
    except NotSubtitles:
        assert not expected
        return
    assert [(cue.start, cue.end, subtitles.plain(cue.text)) for cue in found] == expected


def shown(text):
    import unicodedata

    printable = "".join(c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs"})
    return "\n".join(filter(None, (line.strip(" \t") for line in printable.split("\n"))))


def test_what_was_written_is_read_the_short_way_as_by_the_parser():
    text = (
        "1\n00:00:01,001 --> 00:00:02,500\nHello <i>there</i> & <b>you\n\nstill\n\n"
        "2\n99:59:58,999 --> 99:59:59,000 \n{\\an8}Bye\n"
    )
    cues = parse(text)
    assert list(said(write(cues))) == [(cue.start, plain(cue.text)) for cue in cues]
    assert len(cues) == 2
