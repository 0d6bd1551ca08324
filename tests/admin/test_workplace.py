"""What an administrator does about films, steps and uploads, and who else may not."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from library.models import Event, Job, JobItem, Step, Stream, Upload, User, Video
from library.storing import steps
from library.storing.errors import StagedBytesMissing
from library.storing.worker import Worker
from library.uploads import receiving
from tests.admin.conftest import BACKEND, act, list_of, page_of, shown
from tests.making import keep_caption, received_video, stored_video, taken

pytestmark = pytest.mark.django_db


def given_up(owner, title="Harbour"):
    step = received_video(owner, title.encode(), title=title).steps.get()
    steps.give_up(taken(step), StagedBytesMissing(0))
    return step


def press(client, url, **form):
    return client.post(url, form, follow=True).content.decode()


def step_act(step):
    return reverse("admin:library_step_act", args=[step.pk])


def upload_act(upload, name):
    return page_of(upload).replace("/change/", f"/act/{name}/")


# --- films


def test_films_are_narrowed_to_those_that_need_somebody(as_admin, alice):
    failed = given_up(alice).video
    at_risk, few = stored_video(alice, b"1"), stored_video(alice, b"2")
    well = stored_video(alice, b"3")
    Video.objects.filter(pk=at_risk.pk).update(state="at_risk")
    Video.objects.filter(pk=few.pk).update(network="devnet", wanted_copies=2, held_copies=1)
    found = as_admin.get(list_of(Video), {"attention": "yes"}).context["cl"].queryset
    assert set(found) == {failed, at_risk, few}
    assert set(as_admin.get(list_of(Video), {"attention": "no"}).context["cl"].queryset) == {well}


def test_films_without_captions_are_found(as_admin, alice):
    silent, told = stored_video(alice, b"1"), stored_video(alice, b"2")
    keep_caption(told)
    for answer, film in (("no", silent), ("yes", told)):
        found = as_admin.get(list_of(Video), {"captions": answer}).context["cl"].queryset
        assert list(found) == [film]


def test_films_are_read_back_whenever_somebody_wants_it(as_admin, alice):
    video, arriving = stored_video(alice), received_video(alice, b"2", title="Arriving")
    page = act(as_admin, Video, "verify_again", video, arriving)
    assert "Will be read back: 1." in page
    assert "“Arriving”: This film is still being stored" in page
    step = video.steps.get(kind=Step.Kind.VERIFY)
    assert step.state == Step.State.WAITING
    before = video.pieces.get().copies.get().verified_at
    Worker(decode=0).drain()
    step.refresh_from_db()
    assert step.state == Step.State.DONE
    assert video.pieces.get().copies.get().verified_at > before


def test_what_is_asked_for_again_becomes_a_step(as_admin, alice):
    video = stored_video(alice)
    for action, kind, said in (
        ("check_again", Step.Kind.CHECK, "Will be checked again: 1."),
        ("make_poster", Step.Kind.POSTER, "Will get a new poster: 1."),
        ("make_storyboard", Step.Kind.STORYBOARD, "Will get a new storyboard: 1."),
    ):
        assert said in act(as_admin, Video, action, video)
        assert video.steps.get(kind=kind).state == Step.State.WAITING
        page = act(as_admin, Video, action, video)
        assert "That is under way already." in page


def test_the_page_of_a_film_says_what_went_wrong_what_to_do_and_does_it(as_admin, alice):
    step = given_up(alice)
    page = as_admin.get(page_of(step.video)).content.decode()
    assert "neither in staging nor on the shelf." in page
    assert "Bring the data folder back from a backup and try again" in page
    assert f'action="{step_act(step)}"' in page
    after = press(as_admin, step_act(step), act="try_again", **{"from": "film"})
    assert "Will be tried again: 1." in after
    assert "Check was asked for again, by hand." in after
    step.refresh_from_db()
    assert (step.state, step.attempts) == (Step.State.WAITING, 0)


def test_the_story_of_a_film_is_told_in_order_and_each_id_leads_on(as_admin, alice):
    video = stored_video(alice)
    page = as_admin.get(page_of(video)).content.decode()
    said = ["alice began to send it.", "Received 10 bytes", "Read back: every byte is right."]
    places = [page.index(words) for words in said]
    assert places == sorted(places)
    about = [*Event.objects.filter(video=video), video.upload]
    assert all(f'href="{page_of(row)}"' in page for row in about)


def test_a_button_of_a_film_needs_the_permission_and_a_film(client, as_admin, alice):
    video = stored_video(alice)
    deed = page_of(video).replace("/change/", "/deed/move_to_trash/")
    assert as_admin.get(deed).status_code == 404
    assert as_admin.post(deed.replace("move_to_trash", "nonsense")).status_code == 404
    staff_who_look(client)
    assert client.post(deed).status_code == 403
    client.force_login(alice, BACKEND)
    assert client.post(deed)["Location"].startswith("/admin/login/")
    video.refresh_from_db()
    assert video.trashed_at is None


# --- steps


def staff_who_look(client):
    sam = User.objects.create_user("sam", is_staff=True)
    names = ["view_video", "view_step", "view_upload"]
    sam.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(sam, BACKEND)


def test_steps_that_were_given_up_come_first_and_by_themselves(as_admin, alice):
    stored_video(alice, b"1", title="Well")
    step = given_up(alice)
    listed = as_admin.get(list_of(Step)).context["cl"].result_list
    assert listed[0] == step and len(listed) > 1
    assert list(as_admin.get(list_of(Step), {"show": "given_up"}).context["cl"].queryset) == [step]
    assert "“Make" not in shown(as_admin, Step, show="given_up")[1]


def test_a_step_in_the_list_has_its_buttons_and_what_it_means(as_admin, alice):
    step = given_up(alice)
    page = shown(as_admin, Step)[1]
    assert f'formaction="{step_act(step)}" name="act" value="try_again"' in page
    assert "Bring the data folder back from a backup" in page
    press(as_admin, step_act(step), act="try_again")
    step.refresh_from_db()
    assert step.state == Step.State.WAITING


def test_what_may_not_be_left_out_is_not_and_says_why(as_admin, alice):
    step = given_up(alice)
    page = press(as_admin, step_act(step), act="skip")
    assert "Left out: 0." in page and "Nothing is stored before it is known to be a film." in page
    step.refresh_from_db()
    assert step.state == Step.State.FAILED


def test_a_picture_may_be_left_out_and_cancelled(as_admin, alice):
    video = stored_video(alice)
    act(as_admin, Video, "make_poster", video)
    step = video.steps.get(kind=Step.Kind.POSTER)
    assert "Left out: 1." in press(as_admin, step_act(step), act="skip")
    steps.again(step)
    assert "Cancelled: 1." in press(as_admin, step_act(step), act="cancel")
    assert video.events.filter(type="step.cancelled").exists()


def test_who_may_only_look_presses_no_button_of_a_step(client, alice):
    step = given_up(alice)
    staff_who_look(client)
    assert "formaction" not in shown(client, Step)[1]
    assert "Try again</button>" not in client.get(page_of(step.video)).content.decode()
    assert client.post(step_act(step), {"act": "try_again"}).status_code == 403
    step.refresh_from_db()
    assert step.state == Step.State.FAILED


# --- uploads, streams, jobs


def test_an_upload_is_cancelled_on_its_page_that_says_what_is_lost(as_admin, alice):
    upload = receiving.begin(alice, length=1000, title="On its way")
    Upload.objects.update(offset=400)
    assert f'href="{page_of(upload)}#cancel"' in shown(as_admin, Upload)[1]
    assert (
        "The 400 bytes that are here are let go." in as_admin.get(page_of(upload)).content.decode()
    )
    assert "It is cancelled." in press(as_admin, upload_act(upload, "cancel"))
    assert "This upload is over already." in press(as_admin, upload_act(upload, "cancel"))
    upload.refresh_from_db()
    assert upload.state == Upload.State.CANCELLED


def test_a_refused_upload_says_why_and_what_to_do(as_admin, alice):
    receiving.begin(alice, length=10, title="holiday.zip")
    Upload.objects.update(state="refused", problem="This is a ZIP archive, not a film.")
    page = shown(as_admin, Upload)[1]
    assert "This is a ZIP archive, not a film." in page
    assert "Ask its owner for the right file." in page


def test_nobody_else_ends_an_upload_here(client, alice):
    upload = receiving.begin(alice, length=1000, title="On its way")
    staff_who_look(client)
    assert client.post(upload_act(upload, "cancel")).status_code == 403
    client.force_login(alice, BACKEND)
    assert client.post(upload_act(upload, "cancel"))["Location"].startswith("/admin/login/")
    upload.refresh_from_db()
    assert upload.state == Upload.State.RECEIVING


def test_a_job_is_shown_with_the_result_for_each_film(as_admin, alice):
    video = stored_video(alice, title="Harbour")
    job = Job.objects.create(owner=alice, action="trash")
    for state, detail in (("done", ""), ("failed", "You may not change this film.")):
        JobItem.objects.create(
            job=job, video=video, video_name=video.pk, title="Harbour", state=state, detail=detail
        )
    assert "2 / 2" in shown(as_admin, Job)[1]
    page = as_admin.get(page_of(job)).content.decode()
    assert "You may not change this film." in page and page_of(video) in page


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (Stream, "Nobody is watching"),
        (Upload, "Whatever somebody sends shows up here"),
        (Job, "No job yet"),
        (Video, "Films appear here"),
    ],
)
def test_an_empty_list_says_what_would_fill_it(as_admin, model, words):
    assert words in shown(as_admin, model)[1]
    if model is not Stream:
        assert "Nothing matches" in shown(as_admin, model, q="nothing of the kind")[1]
