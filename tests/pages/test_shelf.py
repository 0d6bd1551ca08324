import pytest

from library import films
from library.models import Visibility
from library.pages import shelf
from library.watching import viewings
from tests.making import SMALL_PIECES, received_video, stored_video

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def see(client):
    """The library page as somebody sees it."""

    def page(user, address="/"):
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        answer = client.get(address)
        assert answer.status_code == 200
        return answer.content.decode()

    return page


def test_strangers_are_asked_to_sign_in(client):
    assert client.get("/?q=dawn")["Location"] == "/login/?next=/%3Fq%3Ddawn"


def test_everybody_sees_what_is_shared_with_them_and_nothing_else(see, alice, mallory):
    received_video(alice, title="Alice alone")
    received_video(alice, title="All members", visibility=Visibility.MEMBERS)
    received_video(alice, title="All the world", visibility=Visibility.PUBLIC)
    assert all(title in see(alice) for title in ("Alice alone", "All members", "All the world"))
    page = see(mallory)
    assert "All members" in page and "All the world" in page
    assert "Alice alone" not in page
    assert "2 films" in page
    assert "Alice alone" not in see(mallory, "/?q=alone")
    assert "Alice alone" not in see(mallory, "/?in=trash")


def test_words_are_found_in_title_description_and_file_name(see, alice):
    video = received_video(alice, title="Harbour", filename="reel-7.mov")
    films.change(video, description="Gulls over the pier")
    received_video(alice, title="Mountains", filename="m.mp4")
    for query in ("harbour", "gulls+pier", "REEL-7"):
        page = see(alice, f"/?q={query}")
        assert "Harbour" in page and "Mountains" not in page
    assert "No film has “harbour mountains”" in see(alice, "/?q=harbour+mountains")


def test_a_pasted_piececid_opens_its_film_or_the_film_of_its_piece(client, see, alice, mallory):
    video = stored_video(alice, bytes(SMALL_PIECES + 10), piece_size=SMALL_PIECES, title="Harbour")
    for cid in (video.piece_cid, video.pieces.last().piece_cid):
        client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
        assert client.get(f"/?q=+{cid}+")["Location"] == f"/watch/{video.pk}/"
        assert "Harbour" not in see(mallory, f"/?q={cid}")


def test_a_piececid_of_several_films_lists_them(see, alice):
    for title in ("Harbour", "Harbour again"):
        video = stored_video(alice, b"the same bytes", stored_open=True, title=title)
    received_video(alice, b"something else", title="Mountains")
    page = see(alice, f"/?q={video.piece_cid}")
    assert "Harbour again" in page and "Mountains" not in page
    assert "2 films " in page or "2 films<" in page


def test_pages_are_links_that_keep_the_search(see, alice, monkeypatch):
    monkeypatch.setattr(shelf, "PER_PAGE", 2)
    for number in range(5):
        received_video(alice, bytes([number]), title=f"Film {number}")
    first = see(alice, "/?q=film")
    assert "Film 4" in first and "Film 2" not in first
    assert 'rel="next" href="?q=film&amp;page=2"' in first
    last = see(alice, "/?q=film&page=3")
    assert "Film 0" in last and 'rel="next"' not in last
    assert "Film 0" in see(alice, "/?page=99"), "a page too far is the last one"
    assert "Film 4" in see(alice, "/?page=x"), "and what is no page the first"


def test_an_empty_library_says_what_to_do(see, alice):
    page = see(alice)
    assert "The first film is yours to bring" in page
    assert 'href="/upload/"' in page
    assert "The trash is empty" in see(alice, "/?in=trash")


def test_mine_are_only_mine(see, alice, mallory):
    received_video(alice, title="Shared", visibility=Visibility.MEMBERS)
    assert "Shared" in see(alice, "/?in=mine")
    assert "Shared" not in see(mallory, "/?in=mine")


def test_a_title_is_text_whatever_is_in_it(see, alice):
    received_video(alice, title="<script>alert(1)</script>", filename='"><img src=x>.mp4')
    page = see(alice, "/?q=%3Cscript%3E")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("query", ["%25", "_", "'%3B--", "x" * 5000])
def test_odd_searches_find_nothing_quietly(see, alice, query):
    received_video(alice, title="Harbour", filename="h.mp4")
    assert "Harbour" not in see(alice, f"/?q={query}")


@pytest.mark.parametrize("query", ["", "+", "%00"])
def test_a_search_for_nothing_lists_everything(see, alice, query):
    received_video(alice, title="Harbour", filename="h.mp4")
    assert "Harbour" in see(alice, f"/?q={query}")


def test_the_library_page_is_never_kept_by_anybody(client, alice):
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    assert "no-store" in client.get("/")["Cache-Control"]
    assert "private" in client.get("/")["Cache-Control"]


def test_many_films_cost_no_more_questions(client, alice, django_assert_max_num_queries):
    for number in range(6):
        received_video(alice, bytes([number]), title=f"Film {number}")
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    with django_assert_max_num_queries(12):
        client.get("/")


def test_a_film_in_the_trash_comes_back_from_the_message_that_says_so(client, see, alice):
    video = received_video(alice, title="Harbour")
    see(alice)
    moved = client.post(f"/watch/{video.pk}/trash/", {"next": "/?q=harb"}, follow=True)
    page = moved.content.decode()
    assert moved.redirect_chain == [("/?q=harb", 302)]
    assert f'action="/watch/{video.pk}/restore/"' in page
    back = client.post(f"/watch/{video.pk}/restore/", {"next": "/?q=harb"}, follow=True)
    assert back.redirect_chain == [("/?q=harb", 302)]
    assert "“Harbour” is back in the library." in back.content.decode()
    assert f"/watch/{video.pk}/" in back.content.decode()


@pytest.mark.parametrize(
    "place", ["https://elsewhere.example/", "//elsewhere.example", "", "home", "\\x"]
)
def test_nobody_is_led_away_from_this_site(client, see, alice, place):
    video = received_video(alice)
    see(alice)
    answer = client.post(f"/watch/{video.pk}/trash/", {"next": place})
    assert answer["Location"] == "/"


def test_what_was_begun_is_gone_on_with_until_it_is_taken_off_the_row(client, see, alice, mallory):
    video = received_video(alice, title="Harbour", visibility=Visibility.MEMBERS)
    type(video).objects.filter(pk=video.pk).update(duration=600, kind="film")
    video.refresh_from_db()
    viewings.keep(alice, video, position=120)
    page = see(alice)
    assert "Go on watching" in page and "8 min left" in page and 'value="20"' in page
    assert "Go on watching" not in see(mallory)
    assert "Go on watching" not in see(alice, "/?q=harbour"), "a search is about what is sought"
    see(alice)
    client.post(f"/watch/{video.pk}/forget/")
    assert "Go on watching" not in see(alice)


def test_what_is_at_risk_is_told_to_those_who_can_mend_it(see, alice, mallory):
    video = received_video(alice, title="Harbour", visibility=Visibility.MEMBERS)
    type(video).objects.filter(pk=video.pk).update(
        state="at_risk", state_reason="One copy is gone."
    )
    assert "Needs attention" in see(alice) and "One copy is gone." in see(alice)
    assert "Needs attention" not in see(mallory)


def test_filters_are_chips_that_are_taken_away_one_by_one(see, alice):
    received_video(alice, title="Harbour")
    page = see(alice, "/?q=harbour&state=received&length_over=600")
    assert 'href="?q=harbour&amp;length_over=600"' in page
    assert 'href="?q=harbour&amp;state=received"' in page
    assert 'href="?state=received&amp;length_over=600"' in page
    assert "No film has" in page


def test_what_an_address_asks_wrongly_is_said_and_the_rest_is_shown(see, alice):
    received_video(alice, title="Harbour")
    page = see(alice, "/?colour=blue&state=received")
    assert "no parameter “colour”" in page and "Harbour" in page


def test_the_table_is_as_good_as_the_grid(see, alice):
    received_video(alice, title="Harbour")
    assert '<table class="films"' in see(alice, "/?view=table")
    assert '<table class="films"' not in see(alice)
    alice.preferences = {"view": "table"}
    alice.save()
    assert '<table class="films"' in see(alice)
