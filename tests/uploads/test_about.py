"""What is said of a film while it arrives, and what becomes of it."""

import io

import pytest

from library.errors import Invalid, UploadGone
from library.models import Collection, Event, Upload, Video
from library.uploads import about, receiving

pytestmark = pytest.mark.django_db(transaction=True)

SAID = {
    "title": "Dawn",
    "description": "The harbour\nat dawn.",
    "tags": ["Sea", "  north   sea "],
    "collection": "Summer 2026",
    "language": "pt-br",
}


def send(upload, data=b"0123456789"):
    return receiving.receive(upload, io.BytesIO(data), offset=0)


def check_film(video):
    assert (video.title, video.description) == ("Dawn", "The harbour\nat dawn.")
    assert (video.language, video.collection.name) == ("pt-BR", "Summer 2026")
    assert {tag.name for tag in video.tags.all()} == {"Sea", "north sea"}


def test_what_is_said_at_the_beginning_is_the_films_in_the_end(alice):
    check_film(send(receiving.begin(alice, length=10, **SAID)).video)


def test_what_is_said_on_the_way_is_the_films_in_the_end(alice):
    upload = receiving.begin(alice, length=10)
    stale = Upload.objects.get(pk=upload.pk)
    about.change(upload, **SAID, visibility="members")
    # Whoever receives the bytes has read the row before.
    video = send(stale).video
    check_film(video)
    assert video.visibility == "members"


def test_what_is_said_after_the_last_byte_goes_to_the_film(alice):
    upload = send(receiving.begin(alice, length=10))
    about.change(upload, **SAID)
    check_film(Video.objects.get())


def test_words_outlive_an_upload_that_fails(alice):
    upload = receiving.begin(alice, length=10, sha256="0" * 64, **SAID)
    send(upload)
    upload.refresh_from_db()
    assert upload.state == Upload.State.REFUSED
    assert (upload.title, upload.description) == ("Dawn", "The harbour\nat dawn.")
    about.change(upload, description="Said later.")
    upload.refresh_from_db()
    assert upload.description == "Said later."


def test_nothing_is_said_of_what_was_cancelled(alice):
    upload = receiving.begin(alice, length=10)
    receiving.cancel(upload)
    upload.refresh_from_db()
    with pytest.raises(UploadGone):
        about.change(upload, title="Too late")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 301}, "title"),
        ({"description": "\x00"}, "description"),
        ({"visibility": "all"}, "visibility"),
        ({"tags": ["x" * 51]}, "tags"),
        ({"tags": [str(number) for number in range(31)]}, "tags"),
        ({"collection": "x" * 101}, "collection"),
        ({"collection": "\ud800"}, "collection"),
        ({"language": "no language"}, "language"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_changes(alice, given, field):
    upload = receiving.begin(alice, length=10, title="Pier")
    with pytest.raises(Invalid) as refusal:
        about.change(upload, **{"description": "New"} | given)
    assert refusal.value.facts["field"] == field
    upload.refresh_from_db()
    assert (upload.title, upload.description) == ("Pier", "")


def test_two_spellings_are_one_tag_and_one_collection(alice):
    first = receiving.begin(alice, length=10, tags=["Été", "ete", "Sea"], collection="Été")
    second = receiving.begin(alice, length=10, collection="ete")
    assert first.tag_names == ["Été", "Sea"]
    assert first.collection == second.collection
    assert about.change(second, collection="").collection is None
    by_id = about.change(second, collection=first.collection.pk)
    assert by_id.collection == first.collection


def test_a_collection_that_one_may_not_see_is_not_given_away(alice, mallory):
    hers = Collection.objects.create(owner=alice, name="Mine", key="mine")
    upload = receiving.begin(mallory, length=10, collection="mine")
    assert upload.collection.owner == mallory
    with pytest.raises(Invalid):
        about.change(upload, collection=hers.pk)


def test_a_change_is_told_to_the_other_devices(alice):
    upload = receiving.begin(alice, length=10)
    about.change(upload, title="Dawn")
    event = Event.objects.order_by("seq").last()
    assert (event.type, event.upload, event.owner) == ("upload.changed", upload, alice)
    about.change(upload, title="Dawn")
    assert Event.objects.order_by("seq").last() == event
