"""Something done to many films: looked at before, done to each once, taken back."""

import pytest

from library import films
from library.catalogue import collections, playlists, tags
from library.errors import Invalid, WrongState
from library.jobs import actions, beginning, previewing, selection, stopping, undoing, working
from library.models import Collection, Event, Job, JobItem, Playlist, Step, Video
from tests.jobs.conftest import begun, chosen, done, results
from tests.making import received_video, stored_video

pytestmark = pytest.mark.django_db
DONE, SKIPPED = JobItem.State.DONE, JobItem.State.SKIPPED


@pytest.fixture
def harbour(alice):
    return received_video(alice, title="Harbour")


@pytest.fixture
def pier(alice):
    return received_video(alice, title="Pier")


@pytest.fixture
def theirs(mallory):
    return received_video(mallory, title="Theirs", visibility="members")


def tagged(video):
    return sorted(tags.of(Video.objects.get(pk=video.pk)))


# --- looking at it before


def test_a_preview_says_how_many_cannot_be_changed_and_why(alice, harbour, pier, theirs):
    tags.add(pier, ["sea"])
    action = actions.named("tag")
    found = previewing.preview(
        action, chosen(harbour, pier, theirs), action.checked({"tags": "sea"}, alice), alice
    )
    assert (found.total, found.can, found.missing) == (3, 1, 0)
    assert found.sentences == [
        "1 of 3 cannot be changed: these tags are there already.",
        "1 of 3 cannot be changed: you are not the owner.",
    ]
    assert found.obstacles[1].examples == ["Theirs"]


def test_a_preview_changes_nothing(alice, harbour):
    given = {"collection": "A new one"}
    for name, options in (("collection", given), ("playlist", {"playlist": "New"}), ("trash", {})):
        action = actions.named(name)
        previewing.preview(action, chosen(harbour), action.checked(options, alice), alice)
    harbour.refresh_from_db()
    assert (harbour.version, harbour.trashed_at) == (1, None)
    assert not Collection.objects.exists() and not Playlist.objects.exists()
    assert not Job.objects.exists()


def test_films_that_may_not_be_seen_are_told_like_films_that_are_not_there(alice, mallory, harbour):
    action = actions.named("trash")
    hidden = previewing.preview(action, chosen(harbour), {}, mallory)
    nowhere = previewing.preview(action, selection.of(["vid_nowhere"]), {}, mallory)
    assert hidden == nowhere
    assert hidden.sentences == ["1 film is not there any more, or you may not see it."]


def test_many_films_cost_no_more_questions_than_one(alice, django_assert_num_queries, harbour):
    action, options = actions.named("tag"), {"tags": ["sea"]}
    more = [received_video(alice, title=str(number)) for number in range(5)]
    for videos in ([harbour], more):
        with django_assert_num_queries(5):
            previewing.preview(action, chosen(*videos), options, alice)


# --- doing it


def test_each_film_has_a_result_of_its_own(alice, harbour, pier, theirs, run):
    job = run(alice, "tag", [harbour, pier, theirs], tags="sea, night")
    assert results(job) == {
        "Harbour": (DONE, ""),
        "Pier": (DONE, ""),
        "Theirs": (SKIPPED, "you are not the owner"),
    }
    assert tagged(harbour) == tagged(pier) == ["night", "sea"]
    assert tagged(theirs) == []


def test_a_job_of_all_that_match_a_question_takes_those_and_no_others(alice, harbour, pier):
    tags.add(pier, ["sea"])
    job = beginning.begin(
        actions.named("visibility"),
        selection.of(query="?tag=sea&page=3"),
        {"visibility": "members"},
        alice,
    )
    done(job)
    assert results(job) == {"Pier": (DONE, "")}
    assert Video.objects.get(pk=harbour.pk).visibility == "private"
    assert Video.objects.get(pk=pier.pk).visibility == "members"


@pytest.mark.parametrize(
    ("ids", "query", "field"),
    [((), None, "ids"), (("vid_1",), "q=x", "ids"), ((), "colour=red", "query")],
)
def test_a_selection_that_says_nothing_or_nonsense_is_refused(ids, query, field):
    with pytest.raises(Invalid) as refusal:
        selection.of(ids, query)
    assert refusal.value.facts["field"] == field


@pytest.mark.parametrize(
    ("action", "given", "field"),
    [
        ("tag", {"tags": " , "}, "tags"),
        ("tag", {"tags": ["\ud800"]}, "tags"),
        ("visibility", {"visibility": "everyone"}, "visibility"),
        ("visibility", {}, "visibility"),
        ("language", {"language": "klingonese!"}, "language"),
        ("collection", {"collection": "col_nowhere"}, "collection"),
        ("collection", {"collection": "\ud800"}, "collection"),
        ("playlist", {"playlist": ""}, "playlist"),
        ("playlist", {"playlist": "pls_nowhere"}, "playlist"),
        ("playlist", {"playlist": "\ud800"}, "playlist"),
    ],
)
def test_what_an_action_needs_to_be_told_is_checked_first(alice, harbour, action, given, field):
    with pytest.raises(Invalid) as refusal:
        begun(alice, action, [harbour], **given)
    assert refusal.value.facts["field"] == field
    assert not Job.objects.exists()


def test_a_job_with_no_film_to_do_it_to_is_none(alice, theirs):
    with pytest.raises(WrongState):
        begun(alice, "trash", [theirs])
    assert not Job.objects.exists()


def test_films_go_into_a_collection_that_is_made_for_them(alice, harbour, pier, run):
    run(alice, "collection", [harbour, pier], collection="Summer")
    names = Video.objects.values_list("collection__name", flat=True)
    assert set(names) == {"Summer"} and Collection.objects.count() == 1


def test_films_are_added_to_a_playlist_also_those_of_others(alice, harbour, theirs, run):
    job = run(alice, "playlist", [harbour, theirs], playlist="Evening")
    playlist = Playlist.objects.get()
    assert playlist.title == "Evening" and playlist.owner == alice
    assert playlist.items.count() == 2
    assert {state for state, _ in results(job).values()} == {DONE}


def test_a_playlist_of_somebody_else_is_not_there_to_be_added_to(alice, mallory, harbour):
    other = playlists.create(mallory, "Hers", visibility="members")
    with pytest.raises(Invalid):
        begun(alice, "playlist", [harbour], playlist=other.pk)


def test_copies_are_read_back_again(alice, run):
    video = stored_video(alice, title="Stored")
    run(alice, "verify", [video])
    assert video.steps.get(kind=Step.Kind.VERIFY).state == Step.State.WAITING


def test_what_may_no_longer_be_done_when_its_turn_comes_is_left(alice, mallory, harbour, pier):
    job = begun(alice, "trash", [harbour, pier])
    Video.objects.filter(pk=harbour.pk).update(owner=mallory)
    done(job)
    assert results(job) == {"Harbour": (SKIPPED, "you are not the owner"), "Pier": (DONE, "")}


def test_a_film_that_is_gone_is_told_by_its_name(alice, harbour, pier):
    job = begun(alice, "trash", [harbour, pier])
    films.trash(harbour)
    films.erase(harbour)
    done(job)
    assert results(job)["Harbour"] == (SKIPPED, "gone for good")


def test_a_film_that_goes_wrong_unexpectedly_does_not_stop_the_others(
    alice, harbour, pier, monkeypatch
):
    job = begun(alice, "trash", [harbour, pier])
    trash = films.trash

    def stumbles(video, **options):
        if video.pk == harbour.pk:
            trash(video)
            raise RuntimeError("of no film's fault")
        return trash(video, **options)

    monkeypatch.setattr(films, "trash", stumbles)
    done(job)
    assert results(job)["Harbour"][0] == JobItem.State.FAILED
    assert results(job)["Pier"] == (DONE, "")
    assert Video.objects.get(pk=harbour.pk).trashed_at is None


def test_a_token_without_the_powers_of_staff_gets_none_by_a_job(admin, harbour, alice):
    own = received_video(admin, title="Own")
    job = begun(admin.as_member(), "trash", [own])
    # As if it had slipped in.
    JobItem.objects.create(job=job, video=harbour, video_name=harbour.pk, title="Harbour")
    done(job)
    assert results(job) == {"Own": (DONE, ""), "Harbour": (SKIPPED, "you are not the owner")}


def test_its_owner_hears_of_it_from_beginning_to_end(alice, mallory, harbour, run):
    run(alice, "trash", [harbour])
    told = Event.objects.filter(type__startswith="job.")
    assert [event.type for event in told.order_by("seq")] == ["job.created", "job.finished"]
    assert told.last().data["done"] == 1
    assert not told.visible_to(mallory).exists()


# --- stopping, and taking back


def test_what_was_done_before_a_stop_stays_done_and_the_rest_is_left(alice, harbour, pier):
    job = begun(alice, "trash", [harbour, pier])
    mine = working.claim("a test")
    first = job.items.order_by("pk").first()
    working._do(mine, first.pk, alice)
    stopping.cancel(job)
    with pytest.raises(working.Lost):
        working._do(mine, job.items.order_by("pk").last().pk, alice)
    assert not working.take_one("a test")
    states = sorted(state for state, _ in results(job).values())
    assert states == [DONE, SKIPPED]
    assert Video.objects.filter(trashed_at=None).count() == 1
    with pytest.raises(WrongState):
        stopping.cancel(job)


def undone(job, by):
    return done(undoing.begin(job, by))


def state_of(video):
    now = Video.objects.get(pk=video.pk)
    return (
        now.visibility, now.language, now.collection_id, now.trashed_at is None, tagged(now),
        Playlist.objects.filter(items__video=now).count(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("action", "given"),
    [
        ("tag", {"tags": "sea, old"}),
        ("untag", {"tags": "old"}),
        ("collection", {"collection": "Winter"}),
        ("collection", {"collection": ""}),
        ("visibility", {"visibility": "members"}),
        ("language", {"language": "fr"}),
        ("playlist", {"playlist": "Evening"}),
        ("trash", {}),
    ],
)
def test_a_job_is_taken_back_film_by_film(alice, harbour, run, action, given):
    tags.add(harbour, ["old"])
    collections.put_in(collections.create(alice, "Summer"), [harbour], alice)
    before = state_of(harbour)
    job = run(alice, action, [harbour], **given)
    assert state_of(harbour) != before
    undone(job, alice)
    assert state_of(harbour) == before


def test_a_job_is_taken_back_once(alice, harbour, run):
    job = run(alice, "trash", [harbour])
    undone(job, alice)
    with pytest.raises(WrongState):
        undoing.begin(Job.objects.get(pk=job.pk), alice)


def test_what_was_changed_again_since_stays_as_it_is(alice, harbour, pier, run):
    job = run(alice, "visibility", [harbour, pier], visibility="members")
    films.change(pier, visibility="public")
    back = undone(job, alice)
    assert results(back) == {
        "Harbour": (DONE, ""),
        "Pier": (SKIPPED, "changed again since"),
    }
    assert Video.objects.get(pk=pier.pk).visibility == "public"


def test_what_changed_nothing_has_nothing_to_take_back(alice, harbour, run):
    job = run(alice, "manifest", [harbour])
    assert undoing.why_not(job)
    with pytest.raises(WrongState):
        undoing.begin(job, alice)


def test_the_trash_is_offered_what_brings_films_back_and_nothing_else(alice):
    assert [name for name, _ in actions.offered(alice, "trash")] == ["restore"]
    assert "restore" not in dict(actions.offered(alice))
