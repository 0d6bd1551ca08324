import pytest

from library import films
from library.models import Visibility
from library.pages import shelf
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
    with django_assert_max_num_queries(8):
        client.get("/")
