import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from library.storing import facts

MP4 = "mov,mp4,m4a,3gp,3g2,mj2"
VIDEO = {
    "kind": "video",
    "codec": "h264",
    "language": "",
    "width": 320,
    "height": 180,
    "frame_rate": 25.0,
}


def said(**changes):
    return json.dumps({"format": MP4, "duration": 3.0, "streams": [VIDEO]} | changes).encode()


def test_an_honest_answer_is_taken_as_it_is():
    found = facts.parse(said(width=320, height=180, frame_rate=25))
    assert (found.format, found.duration, found.width, found.height) == (MP4, 3.0, 320, 180)
    assert found.streams == [VIDEO]


def test_a_problem_is_an_answer():
    assert facts.parse(b'{"problem": "no_picture"}').problem == "no_picture"


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (-1, None),
        (0, None),
        (1e300, None),
        (10**400, None),
        (float("nan"), None),
        (3, 3.0),
    ],
)
def test_a_length_makes_sense_or_is_not_known(duration, expected):
    assert facts.parse(said(duration=duration)).duration == expected


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"\xff", id="no text"),
        pytest.param(b'{"problem": "<script>"}', id="a problem of its own"),
        pytest.param(b'{"problem": []}', id="a problem that is no word"),
        pytest.param(said(duration="3"), id="a number in words"),
        pytest.param(b"[" * 60_000, id="a bottomless list"),
        pytest.param(said(format="hls"), id="a format that is not read here"),
        pytest.param(said(format=[]), id="a format that is no word"),
        pytest.param(said(streams=[VIDEO] * 65), id="too many streams"),
        pytest.param(said(streams=[VIDEO | {"codec": "<b>"}]), id="a codec with markup"),
        pytest.param(said(streams=[VIDEO | {"language": "a\0"}]), id="a language with a NUL"),
        pytest.param(said(streams=[VIDEO | {"kind": "virus"}]), id="a stream of no kind"),
    ],
)
def test_a_dishonest_answer_is_refused(answer):
    with pytest.raises(facts.NotFacts):
        facts.parse(answer)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "format": st.just(MP4) | JSON,
            "duration": JSON,
            "width": JSON,
            "problem": JSON,
            "streams": st.lists(st.fixed_dictionaries({"kind": st.just("audio"), "codec": JSON})),
        },
    )
)
def test_no_answer_breaks_the_reader(answer):
    with suppress(facts.NotFacts):
        assert isinstance(facts.parse(json.dumps(answer).encode()), facts.Facts)
