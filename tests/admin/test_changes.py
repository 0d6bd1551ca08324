"""What may be done by hand, and that nothing else may."""

import re

import pytest
from django.urls import reverse

from library.models import DeviceToken, Step, Upload, User, Video
from library.storing import steps
from library.storing.worker import Worker
from library.uploads import receiving
from tests.admin.conftest import OURS, act, each, film_of, list_of, page_of, shown
from tests.making import received_video, stored_video, taken

pytestmark = pytest.mark.django_db


def test_what_is_said_of_a_film_changes_by_the_rules_and_is_remembered(as_admin, video):
    answer = film_of(
        as_admin, video, title=" Harbour ", description="Gulls.\r\nPier.", visibility="members"
    )
    assert answer.status_code == 302
    video.refresh_from_db()
    assert (video.title, video.description) == ("Harbour", "Gulls.\nPier.")
    assert video.visibility == "members"
    event = video.events.get(type="video.changed")
    assert event.data == {"changed": ["description", "title", "visibility"]}


def test_saving_without_a_change_is_no_event(as_admin, video):
    assert film_of(as_admin, video).status_code == 302
    assert not video.events.filter(type="video.changed").exists()


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("title", "a\x07b"),
        ("title", "  "),
        ("title", "x" * 301),
        ("description", "a\x1bb"),
        ("description", "x" * 10_001),
        ("visibility", "everyone"),
    ],
)
def test_what_breaks_the_rules_is_an_error_at_its_field(as_admin, video, field, wrong):
    answer = film_of(as_admin, video, **{field: wrong})
    assert answer.status_code == 200
    assert list(answer.context["adminform"].errors) == [field]
    before = video.title
    video.refresh_from_db()
    assert (video.title, video.description, video.visibility) == (before, "", "private")
    assert not video.events.filter(type="video.changed").exists()


def test_facts_of_a_film_stay_whatever_is_posted(as_admin, video, mallory):
    facts = {
        "owner": mallory.pk,
        "state": "proven",
        "size": 1,
        "sha256": "0" * 64,
        "piece_cid": "bafkzcibx",
        "kind": "file",
        "staging": "elsewhere",
        "has_poster": "on",
        "trashed_at_0": "2020-01-01",
        "trashed_at_1": "00:00",
        "id": "vid_mine",
    }
    before = Video.objects.filter(pk=video.pk).values(*(set(facts) & _fields(Video))).get()
    assert film_of(as_admin, video, title="New words", **facts).status_code == 302
    after = Video.objects.filter(title="New words").values(*before).get()
    assert after == before


@each([model for model in OURS if model not in (User, Video)])
def test_facts_are_not_changed_made_or_deleted_by_hand(as_admin, video, model):
    row = model.objects.first()
    before = list(model.objects.values())
    posted = dict.fromkeys(_fields(model), "1")
    assert as_admin.post(page_of(row), posted).status_code == 403
    page = as_admin.get(page_of(row)).content.decode()
    assert not re.search(r'<(input type="(text|number)"|textarea|select)', page)
    assert as_admin.post(page_of(row, "delete"), {"post": "yes"}).status_code == 403
    add = reverse(f"admin:library_{model._meta.model_name}_add")
    assert as_admin.get(add).status_code == as_admin.post(add, posted).status_code == 403
    assert act(as_admin, model, "delete_selected", row)
    assert list(model.objects.values()) == before


def test_films_are_neither_made_nor_deleted_here(as_admin, video):
    assert as_admin.post(page_of(video, "delete"), {"post": "yes"}).status_code == 403
    assert as_admin.get(reverse("admin:library_video_add")).status_code == 403
    html = shown(as_admin, Video)[1]
    assert "delete_selected" not in html and "purge" not in html.lower()


# --- actions


def test_films_go_to_the_trash_and_back(as_admin, video, alice):
    other = received_video(alice)
    assert "Moved to the trash: 2." in act(as_admin, Video, "move_to_trash", video, other)
    assert Video.objects.exclude(trashed_at=None).count() == 2
    assert "Moved to the trash: 0." in act(as_admin, Video, "move_to_trash", video)
    assert video.events.filter(type="video.trashed").count() == 1
    assert "Restored from the trash: 1." in act(as_admin, Video, "restore", video)
    assert Video.objects.exclude(trashed_at=None).get() == other
    assert video.events.filter(type="video.restored").count() == 1


def test_a_step_that_was_given_up_is_tried_again(as_admin, alice):
    failed, waiting = (received_video(alice, data).steps.get() for data in (b"1", b"2"))
    steps.give_up(taken(failed), steps.StepError("The disk is broken."))
    assert "The disk is broken." in shown(as_admin, Step)[1]
    page = act(as_admin, Step, "try_again", failed, waiting)
    assert "Will be tried again: 1." in page
    assert "“Check, Harbour at dawn”: It is about to be done anyway." in page
    failed.refresh_from_db()
    assert (failed.state, failed.attempts, failed.error) == (Step.State.WAITING, 0, "")


def test_an_upload_is_cancelled_and_one_that_is_over_is_said_to_be(as_admin, alice):
    done = received_video(alice).upload
    under_way = receiving.begin(alice, length=10, title="On its way")
    page = act(as_admin, Upload, "cancel", under_way, done)
    assert "Cancelled: 1." in page and "Over already: 1." in page
    under_way.refresh_from_db()
    assert (under_way.state, under_way.reserved) == (Upload.State.CANCELLED, 0)
    assert under_way.events.filter(type="upload.cancelled").count() == 1
    assert Upload.objects.get(pk=done.pk).state == Upload.State.RECEIVED


def test_a_device_is_signed_out_and_no_page_shows_what_its_token_is_kept_by(as_admin, alice):
    kept, _ = DeviceToken.objects.create(user=alice, device="phone")
    lost, secret = DeviceToken.objects.create(user=alice, device="lost phone")
    pages = [shown(as_admin, DeviceToken)[1], as_admin.get(page_of(lost)).content.decode()]
    pages.append(act(as_admin, DeviceToken, "revoke", lost))
    pages.append(as_admin.get(reverse("admin:index")).content.decode())
    for page in pages:
        for word in (secret, lost.digest, lost.token_key, kept.digest):
            assert word not in page
    assert "Signed out: 1." in pages[2]
    assert DeviceToken.objects.get() == kept
    assert as_admin.get(page_of(lost)).status_code == 302


def _fields(model):
    return {field.name for field in model._meta.fields}


@pytest.mark.open_storage
def test_a_film_made_private_that_is_stored_open_is_warned_of(as_admin, alice):
    video = stored_video(alice, visibility="public")
    film_of(as_admin, video, visibility="private")
    page = as_admin.get(page_of(video)).content.decode()
    assert "stay readable for whoever knows their PieceCIDs" in page


@pytest.mark.open_storage
def test_films_are_stored_anew_and_those_that_cannot_be_say_why(as_admin, video, alice):
    bare = stored_video(alice, title="Bare", stored_open=True)
    public = stored_video(alice, title="Public", visibility="public")
    page = act(as_admin, Video, "store_anew", bare, public, video)
    assert "Will be stored anew, encrypted: 1." in page
    assert "“Public”: Everybody may watch this film." in page
    assert "This film is stored encrypted already." in page
    Worker().drain()
    bare.refresh_from_db()
    assert bare.is_encrypted


def test_the_list_tells_which_films_are_encrypted(as_admin, video, alice):
    bare = stored_video(alice, title="Bare", stored_open=True)
    for stored, film in (("encrypted", video), ("open", bare)):
        found = as_admin.get(f"{list_of(Video)}?stored={stored}").context["cl"]
        assert list(found.queryset) == [film]
    assert "Encrypted" in as_admin.get(page_of(bare)).content.decode()
