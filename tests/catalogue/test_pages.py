"""The pages of playlists, collections and tags, as they are without scripts."""

import json
import re

import pytest

from library import films
from library.catalogue import collections, playlists, tags
from library.models import Collection, Playlist, Tag, Video
from tests.making import received_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def videos(alice):
    titles = ("Harbour", "Pier", "Gulls")
    return [received_video(alice, title=title, visibility="members") for title in titles]


@pytest.fixture
def playlist(alice, videos):
    made = playlists.create(alice, "Evening", note="Two lines\nof words", visibility="members")
    playlists.add(made, [video.pk for video in videos], alice)
    return made


@pytest.fixture
def at(client, alice):
    client.force_login(alice)
    return client


def page(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status, answer
    return answer.content.decode()


def titles(playlist):
    return [item.video.title for item in playlist.items.order_by("position")]


def act(client, playlist, video, act, **fields):
    fields |= {"video": video.pk, "act": act}
    return client.post(f"/playlists/{playlist.pk}/items/", fields, follow=True)


def undo(client, answer):
    """What the message after something was done offers to press."""
    message = r'action="([^"]+)">(?:<input[^>]*>)*<button class="link">Undo'
    found = re.search(message, answer.content.decode())
    assert found, "there is no way back"
    return client.post(found[1], follow=True)


# --- playlists


def test_a_playlist_is_made_and_shown(at, alice):
    answer = at.post("/playlists/", {"title": "Evening"})
    made = Playlist.objects.get(owner=alice)
    assert answer["Location"] == f"/playlists/{made.pk}/"
    assert "Nothing in it yet" in page(at, answer["Location"])
    assert "Evening" in page(at, "/playlists/")


def test_a_title_that_will_not_do_is_told_beside_it(at):
    answer = at.post("/playlists/", {"title": " "})
    assert answer.status_code == 400
    assert "A playlist needs a name." in answer.content.decode()


def test_films_are_moved_by_buttons(at, playlist, videos):
    act(at, playlist, videos[0], "down")
    assert titles(playlist) == ["Pier", "Harbour", "Gulls"]
    act(at, playlist, videos[2], "up")
    assert titles(playlist) == ["Pier", "Gulls", "Harbour"]
    act(at, playlist, videos[0], "place", position="1")
    assert titles(playlist) == ["Harbour", "Pier", "Gulls"]
    answer = act(at, playlist, videos[0], "place", position="the end")
    assert "Say the place as a number" in answer.content.decode()


def test_a_film_that_was_taken_out_can_be_put_back_where_it_was(at, playlist, videos):
    answer = act(at, playlist, videos[1], "remove")
    assert titles(playlist) == ["Harbour", "Gulls"]
    undo(at, answer)
    assert titles(playlist) == ["Harbour", "Pier", "Gulls"]


def test_a_playlist_that_was_deleted_can_be_taken_back(at, playlist):
    answer = at.post(f"/playlists/{playlist.pk}/delete/", follow=True)
    page(at, f"/playlists/{playlist.pk}/", 404)
    undo(at, answer)
    assert "Pier" in page(at, f"/playlists/{playlist.pk}/")


def test_a_film_that_is_in_the_trash_stays_in_its_place_with_the_reason(at, playlist, videos):
    films.trash(videos[1])
    html = page(at, f"/playlists/{playlist.pk}/")
    assert html.index("Harbour") < html.index("It is in the trash.") < html.index("Gulls")


def test_what_others_may_not_see_is_not_in_the_playlist_for_them(client, mallory, playlist, videos):
    films.change(videos[1], visibility="private")
    client.force_login(mallory)
    html = page(client, f"/playlists/{playlist.pk}/")
    assert "Pier" not in html and "Gulls" in html
    assert "Edit" not in html and "Move up" not in html


def test_changes_made_meanwhile_are_not_lost(at, playlist):
    address = f"/playlists/{playlist.pk}/edit/"
    version = playlist.version
    playlists.change(playlist, title="Night")
    changes = {"title": "Noon", "note": "", "visibility": "private", "version": version}
    answer = at.post(address, changes)
    assert "Somebody changed it meanwhile" in answer.content.decode()
    assert Playlist.objects.get().title == "Night"
    again = re.search(r'name="version" value="(\d+)"', answer.content.decode())[1]
    at.post(address, changes | {"version": again})
    assert Playlist.objects.get().title == "Noon"


def test_a_film_is_added_from_its_page_to_a_playlist_or_to_a_new_one(at, alice, playlist):
    film = received_video(alice, title="Tide")
    address = f"/watch/{film.pk}/playlist/"
    assert "Evening" in page(at, address)
    answer = at.post(address, {"playlist": playlist.pk, "next": "/playlists/"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/playlists/"
    assert titles(playlist)[-1] == "Tide"
    undo(at, answer)
    assert "Tide" not in titles(playlist)
    at.post(address, {"title": "Brand new"})
    assert titles(Playlist.objects.get(title="Brand new")) == ["Tide"]


def test_who_comes_back_lands_on_this_site_only(at, alice, playlist):
    film = received_video(alice, title="Tide")
    address = f"/watch/{film.pk}/playlist/"
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example/"):
        answer = at.post(address, {"playlist": playlist.pk, "next": elsewhere})
        assert "elsewhere" not in answer["Location"]
        assert f'href="{elsewhere}' not in page(at, f"{address}?next={elsewhere}")


def test_playing_through_leads_from_film_to_film(at, playlist, videos):
    html = page(at, f"/watch/{videos[0].pk}/?list={playlist.pk}")
    following = re.search(r'rel="next" href="([^"]+)"', html)[1]
    assert following == f"/watch/{videos[1].pk}/?list={playlist.pk}"
    html = page(at, f"/watch/{videos[2].pk}/?list={playlist.pk}")
    assert 'rel="prev"' in html and 'rel="next"' not in html
    assert "3 of 3" in html


def test_a_shuffled_list_keeps_its_order_from_film_to_film(at, playlist, videos):
    html = page(at, f"/playlists/{playlist.pk}/")
    address = re.search(r'href="(/watch/\w+/\?list=\w+&amp;shuffle=\w+)"', html)[1]
    seen = []
    while address:
        address = address.replace("&amp;", "&")
        seen.append(address.split("/")[2])
        html = page(at, address)
        found = re.search(r'rel="next" href="([^"]+)"', html)
        told = json.loads(re.search(r'id="playback" [^>]*>(.*?)</script>', html)[1])
        address = found and found[1]
        # The player goes on by itself to the film that the list shows.
        assert (told["next"] or {}).get("watch_url") == (address and address.replace("&amp;", "&"))
    assert sorted(seen) == sorted(video.pk for video in videos)


# --- collections and tags


def test_a_collection_is_made_shown_and_changed(at, alice, videos):
    answer = at.post("/collections/", {"name": "Summer"})
    made = Collection.objects.get()
    collections.put_in(made, videos[:1], alice)
    html = page(at, answer["Location"])
    assert "Harbour" in html and "Pier" not in html
    at.post(f"/collections/{made.pk}/edit/", {"name": "Winter", "note": "Cold"})
    assert "Winter" in page(at, "/collections/")
    at.post(f"/collections/{made.pk}/delete/")
    assert not Collection.objects.exists() and Video.objects.count() == 3


def test_films_one_may_not_see_are_not_in_the_collection(client, alice, mallory, videos):
    made = collections.create(alice, "Summer")
    collections.put_in(made, videos[:2], alice)
    films.change(videos[0], visibility="private")
    client.force_login(mallory)
    html = page(client, f"/collections/{made.pk}/")
    assert "Harbour" not in html and "Pier" in html and "1 film" in html


def test_tags_are_listed_with_how_many_films_have_them(at, videos):
    for video in videos[:2]:
        tags.add(video, ["sea & salt"])
    html = page(at, "/tags/")
    assert "2 films" in html
    assert "?tag=sea%20%26%20salt" in html


def test_a_tag_is_renamed_and_with_the_name_of_another_the_two_become_one(at, videos):
    tags.add(videos[0], ["sea"])
    tags.add(videos[1], ["ocean"])
    at.post("/tags/", {"tag": "sea", "name": "Sea"})
    assert tags.of(Video.objects.get(pk=videos[0].pk)) == ["Sea"]
    assert at.post("/tags/", {"tag": "\0", "name": "ocean"}).status_code == 404
    at.post("/tags/", {"tag": "Sea", "name": "ocean"})
    assert [tag.name for tag in Tag.objects.all()] == ["ocean"]
    assert Tag.objects.get().videos.count() == 2


def test_a_tag_that_films_of_others_have_is_not_renamed(at, mallory, videos):
    tags.add(videos[0], ["sea"])
    tags.add(received_video(mallory, visibility="members"), ["sea"])
    answer = at.post("/tags/", {"tag": "sea", "name": "ocean"}, follow=True)
    assert "Films of others have this tag too" in answer.content.decode()
    assert Tag.objects.get().name == "sea"


def test_the_watch_page_leads_to_films_of_the_same_tag_and_collection(at, alice, videos):
    tags.add(videos[0], ["sea"])
    made = collections.create(alice, "Summer")
    collections.put_in(made, videos[:1], alice)
    html = page(at, f"/watch/{videos[0].pk}/")
    assert 'href="/?tag=sea"' in html and f'href="/collections/{made.pk}/"' in html
