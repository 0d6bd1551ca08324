import itertools
import time
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.http.conditions import Outcome, evaluate, range_applies

PROCEED, NOT_MODIFIED, FAILED = Outcome.PROCEED, Outcome.NOT_MODIFIED, Outcome.PRECONDITION_FAILED

TAG = '"film"'
# A fraction that no header can tell.
MODIFIED = datetime(2024, 2, 29, 12, 0, 0, 999_999, tzinfo=UTC)
BEFORE = "Thu, 29 Feb 2024 11:59:59 GMT"
SAME = "Thu, 29 Feb 2024 12:00:00 GMT"
AFTER = "Thu, 29 Feb 2024 12:00:01 GMT"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({}, PROCEED, id="no condition"),
        # If-Match
        pytest.param({"If-Match": TAG}, PROCEED, id="the same tag"),
        pytest.param({"If-Match": '"other"'}, FAILED, id="another tag"),
        pytest.param({"If-Match": 'W/"film"'}, FAILED, id="a weak tag is never strongly the same"),
        pytest.param({"If-Match": '"a", "film"'}, PROCEED, id="one of several"),
        pytest.param({"If-Match": "*"}, PROCEED, id="anything, and there is something"),
        pytest.param({"If-Match": "film"}, FAILED, id="no quotes: no tag, so nothing matches"),
        pytest.param({"If-Match": ""}, FAILED, id="a list of nothing"),
        # If-Unmodified-Since
        pytest.param({"If-Unmodified-Since": BEFORE}, FAILED, id="changed since"),
        pytest.param({"If-Unmodified-Since": SAME}, PROCEED, id="not changed since that second"),
        pytest.param({"If-Unmodified-Since": AFTER}, PROCEED, id="not changed since"),
        pytest.param({"If-Unmodified-Since": "yesterday"}, PROCEED, id="not a date: no condition"),
        pytest.param(
            {"If-Unmodified-Since": f"{BEFORE}, {BEFORE}"}, PROCEED, id="two dates: no condition"
        ),
        # If-None-Match
        pytest.param({"If-None-Match": TAG}, NOT_MODIFIED, id="the viewer has it"),
        pytest.param({"If-None-Match": '"other"'}, PROCEED, id="the viewer has another"),
        pytest.param({"If-None-Match": 'W/"film"'}, NOT_MODIFIED, id="made weak by a proxy"),
        pytest.param({"If-None-Match": '"a","b" , W/"film"'}, NOT_MODIFIED, id="one of three"),
        pytest.param({"If-None-Match": "*"}, NOT_MODIFIED, id="the viewer has anything"),
        pytest.param({"If-None-Match": " * "}, NOT_MODIFIED, id="a star with space around"),
        pytest.param({"If-None-Match": "film"}, PROCEED, id="no quotes around"),
        pytest.param({"If-None-Match": '"film'}, PROCEED, id="one quote only"),
        pytest.param({"If-None-Match": 'w/"film"'}, PROCEED, id="weak is a capital W"),
        pytest.param({"If-None-Match": '"film"-gzip'}, PROCEED, id="letters after the quote"),
        pytest.param({"If-None-Match": '"a", *'}, PROCEED, id="a star in a list is no tag"),
        pytest.param({"If-None-Match": '"x,"film",y"'}, PROCEED, id="a tag inside a broken one"),
        pytest.param({"If-None-Match": 'junk, "film"'}, NOT_MODIFIED, id="junk beside the tag"),
        pytest.param({"If-None-Match": ',, "film",'}, NOT_MODIFIED, id="empty members"),
        pytest.param({"If-None-Match": ""}, PROCEED, id="none of nothing"),
        # If-Modified-Since
        pytest.param({"If-Modified-Since": BEFORE}, PROCEED, id="changed since the viewer's copy"),
        pytest.param({"If-Modified-Since": SAME}, NOT_MODIFIED, id="the very second"),
        pytest.param({"If-Modified-Since": AFTER}, NOT_MODIFIED, id="the viewer's copy is newer"),
        pytest.param({"If-Modified-Since": "yesterday"}, PROCEED, id="not a date"),
        pytest.param({"If-Modified-Since": f"{SAME}, {SAME}"}, PROCEED, id="two dates"),
        # Which of them wins
        pytest.param(
            {"If-Match": TAG, "If-Unmodified-Since": BEFORE}, PROCEED, id="a tag outweighs a date"
        ),
        pytest.param(
            {"If-Match": "junk", "If-Unmodified-Since": AFTER}, FAILED, id="even one that is junk"
        ),
        pytest.param(
            {"If-None-Match": '"other"', "If-Modified-Since": SAME}, PROCEED, id="here too"
        ),
        pytest.param(
            {"If-None-Match": "junk", "If-Modified-Since": SAME}, PROCEED, id="and junk here too"
        ),
        pytest.param(
            {"If-None-Match": TAG, "If-Modified-Since": BEFORE}, NOT_MODIFIED, id="and back again"
        ),
        pytest.param(
            {"If-Match": '"other"', "If-None-Match": TAG}, FAILED, id="a refusal comes first"
        ),
        pytest.param(
            {"If-Match": TAG, "If-None-Match": TAG}, NOT_MODIFIED, id="the first yes is not the end"
        ),
        pytest.param(
            {"If-Unmodified-Since": AFTER, "If-Modified-Since": AFTER},
            NOT_MODIFIED,
            id="two dates, two questions",
        ),
    ],
)
def test_a_condition_decides(headers, expected):
    assert evaluate("GET", headers, TAG, MODIFIED) is expected
    assert evaluate("HEAD", headers, TAG, MODIFIED) is expected


@pytest.mark.parametrize(
    ("method", "headers", "expected"),
    [
        pytest.param("PUT", {"If-None-Match": "*"}, FAILED, id="create only: it is there already"),
        pytest.param("DELETE", {"If-None-Match": TAG}, FAILED, id="nothing to be not modified"),
        pytest.param("PUT", {"If-Modified-Since": SAME}, PROCEED, id="a date only for reading"),
        pytest.param("PUT", {"If-Match": '"other"'}, FAILED, id="a lost update"),
        pytest.param("PUT", {"If-Unmodified-Since": BEFORE}, FAILED, id="a lost update, by date"),
        pytest.param("OPTIONS", {"If-Match": '"other"'}, PROCEED, id="about no representation"),
        pytest.param("TRACE", {"If-None-Match": "*"}, PROCEED, id="about none either"),
    ],
)
def test_other_methods_are_told_otherwise(method, headers, expected):
    assert evaluate(method, headers, TAG, MODIFIED) is expected


@pytest.mark.parametrize(
    ("etag", "headers", "expected"),
    [
        pytest.param('"a,b"', {"If-None-Match": '"a,b"'}, NOT_MODIFIED, id="a comma in the tag"),
        pytest.param('"b"', {"If-None-Match": '"a,b"'}, PROCEED, id="what follows is no tag"),
        pytest.param('"b"', {"If-None-Match": '"a,","b"'}, NOT_MODIFIED, id="a comma at its end"),
        pytest.param('"a,b"', {"If-Match": '"x","a,b"'}, PROCEED, id="a comma, matched strongly"),
        pytest.param('""', {"If-None-Match": '""'}, NOT_MODIFIED, id="the empty tag"),
        pytest.param('"\xe9"', {"If-None-Match": '"\xe9"'}, NOT_MODIFIED, id="beyond ASCII"),
        pytest.param('W/"a"', {"If-None-Match": '"a"'}, NOT_MODIFIED, id="ours is the weak one"),
        pytest.param('W/"a"', {"If-Match": 'W/"a"'}, FAILED, id="both weak, asked strongly"),
        pytest.param('W/"a"', {"If-Match": '"a"'}, FAILED, id="ours is weak, asked strongly"),
        pytest.param(None, {"If-Match": '"a"'}, FAILED, id="we have no tag"),
        pytest.param(None, {"If-Match": "*"}, PROCEED, id="no tag, but a film"),
        pytest.param(None, {"If-None-Match": '"a"'}, PROCEED, id="no tag, so not that one"),
        pytest.param(None, {"If-None-Match": "*"}, NOT_MODIFIED, id="no tag, but something"),
    ],
)
def test_tags_are_compared_whole(etag, headers, expected):
    assert evaluate("GET", headers, etag, None) is expected


@pytest.mark.parametrize("header", ["If-Modified-Since", "If-Unmodified-Since"])
@pytest.mark.parametrize("date", [BEFORE, SAME, AFTER])
def test_a_date_is_no_condition_where_we_have_none(header, date):
    assert evaluate("GET", {header: date}, TAG, None) is PROCEED


# --- the order of section 13.2.2, for every combination

STATES = ("absent", "match", "miss", "junk")
HEADERS = ("If-Match", "If-Unmodified-Since", "If-None-Match", "If-Modified-Since")
TEXT = {"match": {True: TAG, False: SAME}, "miss": {True: '"other"', False: BEFORE}}


def spell(header: str, state: str) -> str:
    return "junk" if state == "junk" else TEXT[state]["Match" in header]


def reference(method: str, states: dict[str, str], dated: bool) -> Outcome:
    """Section 13.2.2, step by step as it is numbered there."""
    reading = method in ("GET", "HEAD")
    usable = {
        name: state != "absent" and ("Match" in name or (dated and state != "junk"))
        for name, state in states.items()
    }
    step = 1 if usable["If-Match"] else 2
    while True:
        if step == 1:
            if states["If-Match"] != "match":
                return FAILED
            step = 3
        elif step == 2:
            if usable["If-Unmodified-Since"] and states["If-Unmodified-Since"] == "miss":
                return FAILED
            step = 3
        elif step == 3:
            if not usable["If-None-Match"]:
                step = 4
            elif states["If-None-Match"] != "match":
                return PROCEED
            else:
                return NOT_MODIFIED if reading else FAILED
        else:
            same = usable["If-Modified-Since"] and states["If-Modified-Since"] == "match"
            return NOT_MODIFIED if reading and same else PROCEED


@pytest.mark.parametrize("dated", [True, False], ids=["dated", "undated"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_every_combination_follows_the_order_of_the_rfc(method, dated):
    for combination in itertools.product(STATES, repeat=4):
        states = dict(zip(HEADERS, combination, strict=True))
        headers = {name: spell(name, state) for name, state in states.items() if state != "absent"}
        outcome = evaluate(method, headers, TAG, MODIFIED if dated else None)
        assert outcome is reference(method, states, dated), (method, headers)


# --- dates


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Sun, 06 Nov 1994 08:49:37 GMT", id="as written today"),
        pytest.param("Sunday, 06-Nov-94 08:49:37 GMT", id="RFC 850"),
        pytest.param("Sun Nov  6 08:49:37 1994", id="asctime"),
        pytest.param(" Sun, 06 Nov 1994 08:49:37 GMT\t", id="space around"),
    ],
)
def test_a_date_is_read_in_all_three_formats(text):
    moment = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
    assert range_applies(text, None, moment)
    assert not range_applies(text, None, moment + timedelta(seconds=1))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Thu, 29 Feb 2024 12:00:00 +0000", id="a zone in digits"),
        pytest.param("Thu, 29 Feb 2024 12:00:00 UTC", id="another name of the zone"),
        pytest.param("Thu, 29 Feb 2024 12:00:00", id="no zone"),
        pytest.param("29 Feb 2024 12:00:00 GMT", id="no day of the week"),
        pytest.param("2024-02-29T12:00:00Z", id="ISO 8601"),
        pytest.param("Thu, 30 Feb 2024 12:00:00 GMT", id="a day that never was"),
        pytest.param("Thu, 00 Feb 2024 12:00:00 GMT", id="day nought"),
        pytest.param("Thu, 29 Feb 2024 24:00:00 GMT", id="hour 24"),
        pytest.param("Thu, 29 Feb 2024 12:00:61 GMT", id="second 61"),
        pytest.param("Thu, 29 Feb 0000 12:00:00 GMT", id="the year nought"),
        pytest.param("Thu, 29 Foo 2024 12:00:00 GMT", id="no such month"),
        pytest.param("Thu, ٢٩ Feb 2024 12:00:00 GMT", id="digits that are not ASCII"),
        pytest.param("1709208000", id="seconds since 1970"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_no_http_date_is_no_condition(text):
    assert evaluate("GET", {"If-Modified-Since": text}, TAG, MODIFIED) is PROCEED
    assert evaluate("GET", {"If-Unmodified-Since": text}, TAG, MODIFIED) is PROCEED
    assert not range_applies(text, TAG, MODIFIED)


def test_a_leap_second_is_a_date():
    moment = datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert range_applies("Sat, 31 Dec 2016 23:59:60 GMT", None, moment)


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        pytest.param(0, 0, id="this year"),
        pytest.param(-20, -20, id="twenty years ago"),
        pytest.param(50, 50, id="fifty years ahead is the future"),
        pytest.param(51, -49, id="51 years ahead is 49 ago"),
    ],
)
def test_a_year_of_two_digits_is_not_far_in_the_future(ahead, expected):
    this_year = datetime.now(UTC).year
    text = f"Monday, 01-Jan-{(this_year + ahead) % 100:02} 00:00:00 GMT"
    assert range_applies(text, None, datetime(this_year + expected, 1, 1, tzinfo=UTC))


@given(
    moment=st.datetimes(
        min_value=datetime(1000, 1, 1), max_value=datetime(9998, 1, 1), timezones=st.just(UTC)
    )
)
def test_our_own_last_modified_comes_back_as_the_same_second(moment):
    header = format_datetime(moment, usegmt=True)
    assert evaluate("GET", {"If-Modified-Since": header}, None, moment) is NOT_MODIFIED
    assert range_applies(header, None, moment)
    later = moment + timedelta(seconds=1)
    assert evaluate("GET", {"If-Modified-Since": header}, None, later) is PROCEED
    assert not range_applies(header, None, later)


def test_a_last_modified_of_another_zone_is_the_same_moment():
    elsewhere = MODIFIED.astimezone(timezone(timedelta(hours=-5, minutes=-30)))
    assert evaluate("GET", {"If-Modified-Since": SAME}, None, elsewhere) is NOT_MODIFIED
    assert range_applies(SAME, None, elsewhere)


# --- If-Range


@pytest.mark.parametrize(
    ("if_range", "etag", "expected"),
    [
        pytest.param(None, TAG, True, id="no condition"),
        pytest.param(TAG, TAG, True, id="the same tag"),
        pytest.param(f" {TAG}\t", TAG, True, id="the same tag with space around"),
        pytest.param('"other"', TAG, False, id="another tag"),
        pytest.param('W/"film"', TAG, False, id="theirs is weak"),
        pytest.param(TAG, 'W/"film"', False, id="ours is weak"),
        pytest.param('W/"film"', 'W/"film"', False, id="both are weak"),
        pytest.param(TAG, None, False, id="we have no tag"),
        pytest.param('"other", "film"', TAG, False, id="a list is not allowed here"),
        pytest.param("*", TAG, False, id="nor is a star"),
        pytest.param("film", TAG, False, id="no quotes"),
        pytest.param("", TAG, False, id="nothing"),
        pytest.param(SAME, TAG, True, id="the exact date"),
        pytest.param(BEFORE, TAG, False, id="an earlier date"),
        pytest.param(AFTER, TAG, False, id="a later date: exact or not at all"),
    ],
)
def test_a_range_goes_on_only_with_the_same_body(if_range, etag, expected):
    assert range_applies(if_range, etag, MODIFIED) is expected


def test_a_date_says_nothing_where_we_have_none():
    assert range_applies(SAME, TAG, None) is False


# --- whatever is sent

likely = st.text('"W/*, \tabc\xe9', max_size=30)


@given(
    method=st.sampled_from(["GET", "HEAD", "PUT", "OPTIONS", "get", ""]),
    headers=st.dictionaries(st.sampled_from(HEADERS), st.one_of(st.text(), likely)),
    etag=st.one_of(st.none(), st.just(TAG), st.just('W/"film"')),
    modified=st.one_of(st.none(), st.just(MODIFIED)),
)
def test_any_headers_have_an_outcome(method, headers, etag, modified):
    assert evaluate(method, headers, etag, modified) in Outcome
    for text in headers.values():
        assert range_applies(text, etag, modified) in (True, False)


opaque = st.text(
    [chr(c) for c in range(0x21, 0x100) if c not in (0x22, 0x7F) and not 0x80 <= c < 0xA0]
)
tags = st.builds("{}{}".format, st.sampled_from(["", "W/"]), opaque.map('"{}"'.format))


@given(
    listed=st.lists(tags, max_size=5), etag=tags, comma=st.sampled_from([",", ", ", " ,\t", ",,"])
)
def test_a_list_holds_just_the_tags_it_was_made_of(listed, etag, comma):
    text = comma.join(listed)
    weakly = etag.removeprefix("W/") in [tag.removeprefix("W/") for tag in listed]
    strongly = not etag.startswith("W/") and etag in listed
    assert evaluate("GET", {"If-None-Match": text}, etag, None) is (
        NOT_MODIFIED if weakly else PROCEED
    )
    assert evaluate("GET", {"If-Match": text}, etag, None) is (PROCEED if strongly else FAILED)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('"' * 8000, id="quotes"),
        pytest.param("," * 8000, id="commas"),
        pytest.param(" " * 8000, id="spaces"),
        pytest.param('"a"' + " " * 8000 + "x", id="spaces after a tag"),
        pytest.param(",\t" * 4000, id="commas and tabs"),
        pytest.param(',"' * 4000, id="commas and quotes"),
        pytest.param('"' + "a" * 8000, id="a tag that never ends"),
    ],
)
def test_no_header_takes_long_to_read(text):
    begun = time.process_time()
    for header in HEADERS:
        evaluate("GET", {header: text}, TAG, MODIFIED)
    range_applies(text, TAG, MODIFIED)
    assert time.process_time() - begun < 0.05
