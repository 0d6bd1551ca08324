"""Collections: each film in one at most, and who may do what with them."""

import pytest

from library import films
from library.catalogue import collections
from library.errors import Invalid, NotAllowed, NotFound, VersionConflict
from library.models import Collection, Event, Video
from tests.making import received_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def alps(alice):
    return collections.create(alice, "Alps")


@pytest.fixture
def video(alice):
    return received_video(alice)


def test_a_name_that_differs_in_case_only_is_the_same(alice, alps):
    with pytest.raises(Invalid, match="“Alps” already"):
        collections.create(alice, " ALPS ")


def test_two_people_may_use_one_name_and_need_not_know_of_each_other(alice, mallory, alps):
    other = collections.create(mallory, "Alps")
    assert list(Collection.objects.visible_to(mallory)) == [other]


def test_a_new_name_makes_a_collection_and_a_known_one_is_found(alice, video):
    films.change(video, collection="Alps 2020", by=alice)
    made = Collection.objects.get()
    assert (made.name, made.owner, video.collection) == ("Alps 2020", alice, made)
    other = received_video(alice)
    films.change(other, collection="alps 2020", by=alice)
    films.change(other, collection=made.pk, by=alice)
    assert other.collection == made
    films.change(other, collection="", by=alice)
    assert other.collection is None
    assert Collection.objects.count() == 1


def test_a_name_means_ones_own_before_that_of_others(alice, mallory, alps):
    shared = received_video(alice, visibility="members", collection=alps)
    assert collections.named("alps", mallory) == alps
    mine = collections.create(mallory, "Alps")
    assert collections.named("alps", mallory) == mine
    films.change(shared, visibility="private")
    with pytest.raises(Invalid) as refused:
        collections.named(alps.pk, mallory)
    assert refused.value.facts["field"] == "collection"


def test_renaming_is_told_of_each_film(alice, alps, video):
    collections.put_in(alps, [video], alice)
    collections.change(alps, name="Alpes", expected=1)
    event = Event.objects.filter(type="video.changed").last()
    assert (event.video, event.data) == (video, {"changed": ["collection"]})
    assert Event.objects.last().type == "collection.changed"
    alps.refresh_from_db()
    assert (alps.name, alps.version) == ("Alpes", 2)
    assert Video.objects.get().version == 3


def test_a_stale_version_changes_nothing(alps):
    collections.change(alps, note="Snow")
    with pytest.raises(VersionConflict) as refused:
        collections.change(alps, name="Alpes", expected=1)
    assert refused.value.facts == {"current": 2}
    with pytest.raises(VersionConflict):
        collections.delete(alps, expected=1)
    alps.refresh_from_db()
    assert alps.name == "Alps"


def test_films_stay_when_their_collection_goes(alice, alps, video):
    collections.put_in(alps, [video], alice)
    collections.delete(alps, expected=1)
    video.refresh_from_db()
    assert video.collection is None
    told = list(Event.objects.order_by("-seq").values_list("type", "data")[:2])
    assert told[1] == ("video.changed", {"changed": ["collection"]})
    assert told[0][0] == "collection.deleted"


def test_whose_film_it_is_decides_where_it_goes(alice, mallory, alps):
    shared = received_video(alice, visibility="members", collection=alps)
    own = received_video(mallory)
    assert collections.put_in(alps, [own], mallory) == 1
    with pytest.raises(NotAllowed):
        collections.take_out(alps, [shared], mallory)
    # What does not belong in her collection, she puts out.
    own.refresh_from_db()
    assert collections.take_out(alps, [own], alice) == 1
    own.refresh_from_db()
    assert own.collection is None


def test_nothing_is_put_where_one_may_not_look(alice, mallory, alps):
    with pytest.raises(NotFound):
        collections.put_in(alps, [received_video(mallory)], mallory)


def test_counts_are_of_films_that_the_asker_sees(alice, mallory, alps, video):
    collections.put_in(alps, [video], alice)
    received_video(alice, visibility="members", collection=alps)
    assert Collection.objects.counted_for(alice).get().films == 2
    assert Collection.objects.counted_for(mallory).get().films == 1


def test_somebody_who_may_not_bring_films_makes_no_collection(alice):
    alice.is_active = False
    with pytest.raises(NotAllowed):
        collections.create(alice, "Alps")
