"""What a player is told, and what it fetches beside the film."""

import pytest
from django.contrib.auth.models import AnonymousUser

from library import films
from library.catalogue import playlists
from library.models import Copy, Video, Visibility
from library.watching import (
    captions,
    chapters,
    playback,
    preferences,
    sealing,
    storyboards,
    viewings,
)
from library.watching.chapters import Part
from tests.making import keep_caption, keep_poster, keep_storyboard, stored_video

pytestmark = pytest.mark.django_db


class TestTheDocument:
    def test_tells_what_there_is_to_play(self, alice, video):
        Video.objects.filter(pk=video.pk).update(
            width=1280,
            height=720,
            streams=[{"kind": "video", "codec": "h264"}, {"kind": "subtitle", "codec": "tx3g"}],
        )
        video.refresh_from_db()
        told = playback.document(video, alice)
        assert (told["video"], told["kind"], told["duration"]) == (video.pk, "film", 6000.0)
        assert (told["content_id"], told["verification"]) == (video.piece_cid, "none")
        assert told["sources"] == [
            {
                "kind": "original",
                "quality": None,
                "type": "video/mp4",
                "codecs": ["h264"],
                "size": 10,
                "width": 1280,
                "height": 720,
                "url": f"/stream/{video.pk}/",
                "expires_at": None,
            }
        ]
        assert (told["poster"], told["captions"], told["storyboard"]) == (None, [], None)
        assert (told["chapters"], told["resume"], told["list"]) == ([], None, None)
        assert told["progress_url"] == f"/api/v1/videos/{video.pk}/progress/"

    def test_blocks_are_checked_as_they_are_sent_only_where_that_is_so(
        self, alice, video, settings
    ):
        assert playback.document(video, alice)["verification"] == "none"
        settings.STREAM_VERIFY_ALWAYS = True
        assert playback.document(video, alice)["verification"] == "blocks"

    def test_a_film_of_a_network_is_checked_once_it_has_left_this_machine(self, alice, video):
        Video.objects.filter(pk=video.pk).update(network="calibration", staging="upl_1")
        video.refresh_from_db()
        assert playback.document(video, alice)["verification"] == "none"
        Video.objects.filter(pk=video.pk).update(staging="")
        video.refresh_from_db()
        assert playback.document(video, alice)["verification"] == "blocks"

    def test_wrong_copies_are_told_until_others_take_their_place(self, alice, video):
        copies = Copy.objects.filter(piece__video=video)
        assert playback.document(video, alice)["copies_wrong"] == 0
        copies.update(fault="Its bytes are others.")
        assert playback.document(video, alice)["copies_wrong"] == copies.count() == 1
        Video.objects.filter(pk=video.pk).update(network="calibration", held_copies=0)
        video.refresh_from_db()
        assert playback.document(video, alice)["copies_wrong"] == 0, "its fault is an old one"
        copies.update(state=Copy.State.DOUBTED)
        assert playback.document(video, alice)["copies_wrong"] == 1
        video.held_copies = video.wanted_copies
        assert playback.document(video, alice)["copies_wrong"] == 0

    def test_tells_of_captions_chapters_and_pictures(self, alice, video):
        caption = keep_caption(video, language="fr")
        chapters.put(video, [Part(0, "Opening"), Part(90, "The harbour")])
        keep_storyboard(video)
        Video.objects.filter(pk=video.pk).update(has_poster=True)
        video.refresh_from_db()
        told = playback.document(video, alice)
        assert told["captions"] == [
            {
                "id": caption.pk,
                "language": "fr",
                "label": "Français",
                "kind": "subtitles",
                "automatic": False,
                "url": f"/captions/{caption.pk}.vtt",
            }
        ]
        assert [part["end"] for part in told["chapters"]] == [90, 6000]
        assert told["poster"] == f"/poster/{video.pk}/"
        assert told["storyboard"] == f"/storyboard/{video.pk}.vtt"

    def test_tells_where_somebody_stopped(self, alice, mallory, public):
        viewings.keep(alice, public, 761, device="phone")
        told = playback.document(public, alice)["resume"]
        assert (told["position"], told["finished"], told["device"]) == (761, False, "phone")
        assert playback.document(public, mallory)["resume"] is None

    def test_tells_nobody_where_to_say_so_who_is_not_to_be_remembered(self, alice, public):
        viewings.keep(alice, public, 761)
        preferences.change(alice, {"history": False})
        for viewer in (alice, AnonymousUser()):
            told = playback.document(public, viewer)
            assert (told["resume"], told["progress_url"]) == (None, None)

    def test_has_nothing_to_play_of_what_is_no_film_or_is_in_the_trash(self, alice, video):
        films.trash(video)
        told = playback.document(video, alice)
        assert (told["sources"], told["progress_url"]) == ([], None)


class TestInAPlaylist:
    @pytest.fixture
    def listed(self, alice):
        """Three films, of which one is private."""
        made = [
            stored_video(alice, bytes([n]) * 200, title=title, visibility=visibility)
            for n, (title, visibility) in enumerate(
                [("One", "public"), ("Two", "private"), ("Three", "public")]
            )
        ]
        playlist = playlists.create(alice, "Coast", visibility=Visibility.PUBLIC)
        playlists.add(playlist, [film.pk for film in made], alice)
        return playlist, made

    def test_what_comes_before_and_after_is_told(self, alice, listed):
        playlist, (one, two, _three) = listed
        told = playback.document(two, alice, playlist=playlist.pk)
        assert told["previous"] == {
            "title": "One",
            "watch_url": f"/watch/{one.pk}/?list={playlist.pk}",
        }
        assert told["next"]["title"] == "Three"
        assert told["list"] == {"id": playlist.pk, "title": "Coast", "position": 2, "count": 3}

    def test_what_may_not_be_seen_is_passed_over(self, mallory, listed):
        playlist, (one, _two, _three) = listed
        told = playback.document(one, mallory, playlist=playlist.pk)
        assert (told["previous"], told["next"]["title"]) == (None, "Three")
        assert told["list"]["count"] == 2

    @pytest.mark.parametrize("odd", ["pls_nowhere", "", "x", "pls_\0", "' OR 1=1 --"])
    def test_of_which_there_is_none_nothing_is_told(self, alice, listed, odd):
        told = playback.document(listed[1][0], alice, playlist=odd)
        assert (told["previous"], told["next"], told["list"]) == (None, None, None)


class TestWhatIsFetched:
    def test_captions_are_webvtt(self, as_alice, video):
        caption = keep_caption(video)
        answer = as_alice.get(f"/captions/{caption.pk}.vtt")
        assert answer["Content-Type"] == "text/vtt; charset=utf-8"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "private, no-cache"
        assert answer.content.decode() == sealing.text(caption)

    def test_captions_are_sent_once_while_they_stay_the_same(self, as_alice, video):
        caption = keep_caption(video)
        etag = as_alice.get(f"/captions/{caption.pk}.vtt")["ETag"]
        again = as_alice.get(f"/captions/{caption.pk}.vtt", headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
        captions.replace(caption, "WEBVTT\n\n00:01.000 --> 00:02.000\nBye\n")
        again = as_alice.get(f"/captions/{caption.pk}.vtt", headers={"If-None-Match": etag})
        assert again.status_code == 200 and b"Bye" in again.content

    def test_captions_follow_the_film(self, client, as_mallory, public):
        caption = keep_caption(public)
        answer = as_mallory.get(f"/captions/{caption.pk}.vtt")
        assert answer["Cache-Control"].startswith("public")
        films.change(public, visibility=Visibility.PRIVATE)
        assert as_mallory.get(f"/captions/{caption.pk}.vtt").status_code == 404

    def test_a_storyboard_says_which_part_is_of_which_moment(self, as_alice, video):
        keep_storyboard(video, count=12)
        told = as_alice.get(f"/storyboard/{video.pk}.vtt").content.decode()
        cues = told.split("\n\n")
        assert cues[0] == "WEBVTT"
        assert cues[12].splitlines() == [
            # The last of them stands for all that is left.
            "00:00:22.000 --> 01:40:00.000",
            f"/storyboard/{video.pk}.jpg#xywh=160,90,160,90",
        ]
        assert cues[1].splitlines()[0] == "00:00:00.000 --> 00:00:02.000"

    def test_pictures_of_a_private_film_are_opened_for_those_who_may_see_it(self, as_alice, video):
        keep_storyboard(video, b"\xff\xd8 a sheet")
        keep_poster(video, b"\xff\xd8 a picture")
        assert as_alice.get(f"/storyboard/{video.pk}.jpg").content == b"\xff\xd8 a sheet"
        assert as_alice.get(f"/poster/{video.pk}/").content == b"\xff\xd8 a picture"

    def test_without_a_storyboard_there_is_none(self, as_alice, video):
        assert as_alice.get(f"/storyboard/{video.pk}.vtt").status_code == 404
        assert as_alice.get(f"/storyboard/{video.pk}.jpg").status_code == 404


def test_a_storyboard_of_a_film_of_unknown_length_ends_with_its_last_picture():
    facts = {"width": 160, "height": 90, "columns": 10, "interval": 1.5, "count": 2}
    assert "00:00:01.500 --> 00:00:03.000" in storyboards.webvtt(facts, None, "/sheet.jpg")
