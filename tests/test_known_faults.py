"""
Faults of the tutorials that filmedia grew out of, each with the test that would catch it.

A fault whose test is renamed or removed is noticed here.
"""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent

CAUGHT_BY = {
    "the whole piece fetched for a range": (
        "streaming/reading/test_windows.py::test_no_more_is_read_than"
    ),
    "an end past the file answered 416 instead of clamped": (
        "streaming/http/test_ranges.py::clamped"
    ),
    "the suffix form unsupported": "streaming/http/test_ranges.py::suffix",
    "upload as base64 in JSON": "test_known_faults.py::test_films_do_not_come_in_json",
    "a resume checkpoint that exists only after success": (
        "uploads/test_wire.py::test_what_came_before_a_cut_connection_is_kept"
    ),
    "a retry that sends a consumed stream again": (
        "js/tus.test.js::a lost connection goes on from what the server kept"
    ),
    "a concurrency loop that stalls after three files": (
        "js/lanes.test.js::two at a time, and all of them in the end"
    ),
    "progress that counts bytes read instead of acknowledged": (
        "uploads/test_wire.py::test_bytes_are_promised_while_they_arrive"
    ),
    "memory that grows with what comes in": (
        "uploads/test_door.py::test_a_client_faster_than_the_disk_has_to_wait"
    ),
    "public caching of private media": (
        "streaming/doors/test_answers.py::test_what_is_not_public_is_never_cached_publicly"
    ),
    "open CORS": "test_known_faults.py::test_no_page_of_another_site_may_read_answers",
    "a file name joined into a path": "uploads/test_names.py::test_no_file_name_can_be_a_path",
    "verification that reads both files whole": (
        "streaming/test_downloading.py::test_a_wrong_block_is_never_written"
    ),
    "a fixed content type": "streaming/doors/test_answers.py::test_only_what_plays_has_a_type",
    "a request limit that ordinary seeking exceeds": (
        "streaming/doors/test_answers.py::test_seeking_is_never_throttled"
    ),
}


@pytest.mark.parametrize("fault", CAUGHT_BY)
def test_each_has_a_test(fault):
    file, _, name = CAUGHT_BY[fault].partition("::")
    assert name in (ROOT / file).read_text(), f"nothing catches {fault}"


@pytest.mark.django_db
def test_films_do_not_come_in_json(client, alice):
    client.force_login(alice)
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "10"}
    body = {"file": "MDEyMzQ1Njc4OQ=="}
    answer = client.post("/api/v1/uploads/", body, content_type="application/json", headers=headers)
    assert answer.status_code == 415


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/login/", "/api/v1/videos/", "/api/v1/me/", "/healthz"])
def test_no_page_of_another_site_may_read_answers(client, path):
    answer = client.get(path, headers={"Origin": "https://elsewhere.example"})
    assert not [name for name in answer.headers if name.startswith("Access-Control-")]
