"""The first page: what needs somebody, what goes on, and only what one may look at."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from library import films
from library.models import Copy, Reading, ServerReport, Step, Stream, Upload, User, Video
from library.storing import steps
from library.uploads import receiving, space
from tests.admin.conftest import BACKEND, list_of, page_of
from tests.making import received_video, stored_video, taken

pytestmark = pytest.mark.django_db


def overview(client):
    answer = client.get(reverse("admin:index"))
    assert answer.status_code == 200
    return answer.content.decode()


def given_up(owner, title="Harbour", error="The disk is broken."):
    step = received_video(owner, title.encode(), title=title).steps.get()
    steps.give_up(taken(step), steps.StepError(error))
    return step


def test_nothing_waits_where_all_is_well(as_admin, monkeypatch):
    monkeypatch.setattr(space, "available", lambda: 10**12)
    page = overview(as_admin)
    assert "All is well" in page
    assert "Nothing is arriving." in page and "Nobody is watching." in page


def test_what_was_given_up_and_what_is_at_risk_leads_to_its_list(as_admin, alice):
    given_up(alice)
    video = stored_video(alice, title="Storm")
    Video.objects.filter(pk=video.pk).update(state="at_risk", state_reason="Piece 0 is missing.")
    page = overview(as_admin)
    assert "1 step was given up" in page and "Check, Harbour: The disk is broken." in page
    assert "1 film is at risk" in page and "Storm: Piece 0 is missing." in page
    for address in (f"{list_of(Step)}?show=given_up", f"{list_of(Video)}?state__exact=at_risk"):
        assert address in page
        assert as_admin.get(address).context["cl"].result_count == 1


def test_films_with_too_few_copies_and_copies_with_faults_are_told(as_admin, alice):
    video = stored_video(alice, title="Storm")
    Video.objects.filter(pk=video.pk).update(network="devnet", wanted_copies=2, held_copies=1)
    Copy.objects.update(fault="It gave something else.")
    page = overview(as_admin)
    assert "1 film has fewer copies than it should" in page and "Storm: 1 of 2" in page
    assert "1 copy has a fault" in page
    assert as_admin.get(f"{list_of(Video)}?copies=few").context["cl"].result_count == 1


def test_a_film_in_the_trash_asks_for_nobody(as_admin, alice):
    films.trash(given_up(alice).video)
    assert "step was given up" not in overview(as_admin)


def test_a_full_disk_and_a_nearly_full_one_are_told_apart(as_admin, monkeypatch):
    for room, words in ((0, "The disk is full"), (10**9, "The disk is nearly full")):
        monkeypatch.setattr(space, "available", lambda room=room: room)
        assert words in overview(as_admin)


def test_steps_that_nobody_takes_are_noticed(as_admin, alice):
    step = received_video(alice).steps.get()
    assert "No worker does the steps that are due" not in overview(as_admin)
    Step.objects.update(next_try_at=timezone.now() - timedelta(minutes=5))
    assert "No worker does the steps that are due" in overview(as_admin)
    taken(step)
    assert "No worker does the steps that are due" not in overview(as_admin)


def test_money_that_ends_is_told_to_whoever_runs_the_library(as_admin, settings):
    settings.FILECOIN_NETWORK = "calibration"
    sentence = "The money lasts less than 7 days. Add USDFC."
    Reading.objects.create(pk="calibration:notice:funds", value={"sentence": sentence})
    page = overview(as_admin)
    assert sentence in page and reverse("library:funds") in page


def test_what_arrives_and_what_is_watched_is_shown_with_its_page(as_admin, alice):
    upload = receiving.begin(alice, length=1000, title="On its way")
    Upload.objects.update(offset=400)
    video = stored_video(alice, title="Watched")
    Stream.objects.create(process="p", viewer="1", video=video, rate=2_000_000, sent=5_000_000)
    old = timezone.now() - timedelta(minutes=5)
    Stream.objects.create(process="dead", viewer="2", video=video, seen_at=old)
    page = overview(as_admin)
    assert "40 %, 400 bytes of 1 kB" in page and page_of(upload) in page
    assert "2 MB a second, 5 MB so far" in re.sub("<[^>]*>", "", page) and page_of(video) in page
    assert as_admin.get(list_of(Stream)).context["cl"].result_count == 1


def test_more_of_everything_takes_no_more_questions(as_admin, alice):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            overview(as_admin)
        return len(asked.captured_queries)

    def more(names):
        for name in names:
            given_up(alice, name)
            receiving.begin(alice, length=10, title=name)
            video = stored_video(alice, name.encode() * 2, title=name)
            Stream.objects.create(process="p", viewer=name, user=alice, video=video)

    more("ab")
    queries()
    few = queries()
    more("cdefg")
    assert queries() == few


def test_staff_see_of_it_what_they_may_look_at(client, alice):
    given_up(alice)
    receiving.begin(alice, length=10, title="On its way")
    sam = User.objects.create_user("sam", is_staff=True)
    client.force_login(sam, BACKEND)
    page = overview(client)
    assert "Harbour" not in page and "On its way" not in page
    assert "You may not look at anything here" in page
    sam.user_permissions.set(Permission.objects.filter(codename="view_upload"))
    page = overview(client)
    assert "On its way" in page and "step was given up" not in page


def test_what_the_cache_saved_is_told_over_all_processes(as_admin, client, alice):
    assert "Cache" not in overview(as_admin)
    did = {"hits": 30, "misses": 5, "evictions": 2, "bytes_served": 4_000_000}
    for process in ("one:1", "one:2"):
        caches = {"one": 7_000_000}
        ServerReport.objects.create(process=process, counters={"cache": did}, caches=caches)
    page = re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", overview(as_admin)))
    assert "Cache 85 % hits; 7 MB kept, 8 MB not fetched again" in page
    assert "4 blocks made room for others" in page
    # What the library does as a whole is told with who watches, and to the same people.
    alice.is_staff = True
    alice.save()
    client.force_login(alice, BACKEND)
    assert "Cache" not in overview(client)
