"""What is found, by whom, and in which order: on whichever database the tests run."""

import pytest
from django.contrib.auth.models import AnonymousUser

from library import films, search
from library.finding import Question
from library.models import Video, Visibility
from library.watching import captions
from tests.making import keep_caption, received_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def find():
    """The titles that somebody finds, in their order."""

    def found(user, words):
        return [video.title for video in Question(words).apply(user)]

    return found


def film(owner, title, filename="f.mp4", **said):
    made = received_video(owner, title.encode(), title=title, filename=filename)
    films.change(made, **said) if said else None
    return made


def test_words_are_found_wherever_they_are_and_all_of_them_are_needed(find, alice):
    video = film(alice, "Harbour", "reel-7.mov", description="Gulls", tags=["North Sea"])
    keep_caption(video, "The ferry is late")
    film(alice, "Mountains")
    for words in ("harbour", "gulls", "north sea", "reel-7", "ferry", "ferry harbour sea gulls"):
        assert find(alice, words) == ["Harbour"], words
    assert find(alice, "harbour mountains") == []


def test_a_word_is_found_by_its_beginning_and_not_by_its_middle(find, alice):
    film(alice, "Harbour at dawn")
    assert find(alice, "harb da") == ["Harbour at dawn"]
    assert find(alice, "arbour") == []


@pytest.mark.parametrize(
    ("title", "words"),
    [
        pytest.param("Über den Fjord", "uber", id="an accent left out"),
        pytest.param("Uber alles", "ÜBER", id="an accent too many, and capitals"),
        pytest.param("Cafe\u0301 noir", "café", id="composed and not"),
        pytest.param("Straße", "STRASSE", id="a letter that is two capitals"),
        pytest.param("Smørrebrød i København", "kobenhavn smorrebrod", id="strokes"),
        pytest.param("Ёлка", "елка", id="Cyrillic"),
        pytest.param("ΑΘΗΝΑΣ", "αθήνας", id="Greek, with its last letter"),
        pytest.param("שָׁלוֹם", "שלום", id="Hebrew without its points"),
        pytest.param("مُحَمَّد", "محمد", id="Arabic without its vowels"),
        pytest.param("東京物語", "物語", id="a word in the middle of Japanese"),
        pytest.param("ﬁlm \uff15", "film 5", id="letters of other widths"),
        pytest.param("हिन्दी फ़िल्म", "हिन्दी", id="Hindi"),
        pytest.param("It's a wonderful life", "it's", id="an apostrophe"),
    ],
)
def test_case_accents_and_the_like_do_not_count(find, alice, title, words):
    film(alice, title)
    film(alice, "Something else")
    assert find(alice, words) == [title]


def test_quotes_keep_words_together_and_whole(find, alice):
    film(alice, "Car park at night")
    film(alice, "A park for a car")
    film(alice, "Car parking")
    assert find(alice, '"car park"') == ["Car park at night"]
    assert find(alice, "“Car Park") == ["Car park at night"]
    assert len(find(alice, "car park")) == 3


def test_words_in_quotes_are_not_of_two_fields(find, alice):
    film(alice, "Night car", tags=["park"])
    assert find(alice, '"car park"') == []
    assert find(alice, "car park") == ["Night car"]


def test_a_sentence_is_found_that_goes_over_two_cues(find, alice):
    video = film(alice, "Harbour")
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nThe last\n\n00:03.000 --> 00:04.000\nferry\n"
    captions.add(video, text.encode(), language="en")
    assert find(alice, '"last ferry"') == ["Harbour"]
    hit = search.hits([video], '"last ferry"')[video.pk]
    assert (hit.where, hit.start) == ("captions", 1.0)


def test_a_minus_leaves_films_out(find, alice):
    film(alice, "Harbour by day")
    film(alice, "Harbour by night")
    assert find(alice, "harbour -night") == ["Harbour by day"]
    assert find(alice, '-"by night"') == ["Harbour by day"]


def test_the_title_counts_most_then_tags_description_and_captions(find, alice):
    keep_caption(film(alice, "Said"), "harbour harbour harbour")
    film(alice, "Described", description="harbour")
    film(alice, "Tagged", tags=["harbour"])
    film(alice, "Old harbour")
    film(alice, "Harbour")
    keep_caption(film(alice, "Newest"), "harbour")
    assert find(alice, "harbour") == [
        "Harbour",
        "Old harbour",
        "Tagged",
        "Described",
        "Newest",
        "Said",
    ]


@pytest.mark.parametrize(
    "words",
    [
        '"',
        '"" "',
        "'",
        "a OR",
        "AND NOT",
        "NEAR(a b, 3)",
        "title:x",
        "^a*",
        "a & | !b <-> c:*",
        "\\",
        "((",
        "{a}",
        "-",
        "--",
        "*",
        "%",
        "_",
        "!!!",
        "\ud800",
        "x\ud800y",
        "♪",
        "\u202eabc",
        "0x",
        "é" * 10_000,
        "ab " * 5_000,
        "漢" * 10_000,
        '"' * 10_000,
        "-a " * 1_000,
        "x" * 10_000,
        "\u0301",
        "a\0b",
    ],
)
def test_nothing_that_is_typed_can_be_wrong(find, alice, words):
    film(alice, "Harbour")
    assert find(alice, words) in ([], ["Harbour"])
    assert isinstance(search.hits(Video.objects.all(), words), dict)


def test_nobody_finds_what_they_may_not_see(find, alice, mallory, admin):
    video = film(alice, "Secret harbour", description="hidden", tags=["quiet"])
    keep_caption(video, "whispered")
    for words in ("secret", "hidden", "quiet", "whispered", "-nothing"):
        assert find(mallory, words) == []
        assert find(AnonymousUser(), words) == []
        assert find(admin, words) == ["Secret harbour"]
    films.change(video, visibility=Visibility.PUBLIC)
    assert find(AnonymousUser(), "whispered") == ["Secret harbour"]


def test_a_caption_is_told_with_its_sentence_its_second_and_its_language(alice):
    video = film(alice, "Harbour")
    text = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\n♪\n\n00:10.000 --> 00:12.000\nThe ferry is late.\n\n"
        "01:00.500 --> 01:02.000\nA Férry to the\nislands\n"
    )
    captions.add(video, text.encode(), language="en")
    hit = search.hits([video], "ferry island")[video.pk]
    assert hit.text == "A Férry to the islands"
    assert [part for part, match in hit.words if match] == ["Férry", "islands"]
    assert (hit.where, hit.start, hit.language) == ("captions", 60.5, "en")
    assert search.hits([video], "ferry")[video.pk].start == 10.0


def test_the_line_with_most_of_the_words_is_told_however_often_others_have_one(alice):
    video = film(alice, "Harbour")
    said = ["wind " * 50, "rain wind rain", "", "storm wind", "wind and rain, storm"]
    cues = [f"00:{at:02}.000 --> 00:59.000\n{words}\n\n" for at, words in enumerate(said, 1)]
    captions.add(video, ("WEBVTT\n\n" + "".join(cues)).encode(), language="en")
    starts = {
        words: search.hits([video], words)[video.pk].start
        for words in ("wind", "wind rain", "storm", "rain storm", '"rain storm"')
    }
    assert starts == {"wind": 1, "wind rain": 2, "storm": 4, "rain storm": 5, '"rain storm"': 2}


def test_the_place_with_most_of_the_words_is_told(alice):
    video = film(alice, "Harbour", tags=["Sea", "North wind"], description="wind and rain")
    keep_caption(video, "rain over the harbour, wind")
    assert search.hits([video], "harbour")[video.pk].where == "title"
    assert search.hits([video], "wind")[video.pk].text == "North wind"
    assert search.hits([video], "wind rain")[video.pk].where == "description"
    assert search.hits([video], "harbour wind rain")[video.pk].where == "captions"
    assert search.hits([video], "-nothing") == {}


def test_of_a_long_description_the_part_with_the_word_is_told(alice):
    video = film(alice, "Film", description="many words " * 300 + "harbour " + "and more " * 300)
    hit = search.hits([video], "harbour")[video.pk]
    assert ("harbour", True) in hit.words
    assert len(hit.text) < 300
    assert hit.text.startswith("…") and hit.text.endswith("…")
