"""Every list and every page: what they show, where they lead, what is found."""

import pytest
from django.contrib import admin as django_admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from library import films, places
from library.models import (
    Addition,
    Copy,
    DataSet,
    DeviceToken,
    Event,
    Import,
    Job,
    JobItem,
    Payment,
    Piece,
    Provider,
    RecoveryKit,
    Removal,
    Step,
    Stream,
    Upload,
    User,
    Video,
    Visibility,
)
from library.uploads import receiving
from tests.admin.conftest import OURS, each, list_of, page_of, shown
from tests.making import SMALL_PIECES, received_video, stored_video

pytestmark = pytest.mark.django_db


@each(OURS)
def test_a_list_and_its_pages_show_what_is_there_and_run_no_title_as_a_script(
    as_admin, video, model
):
    count, html = shown(as_admin, model)
    row = model._default_manager.first()
    assert count == model._default_manager.count() > 0
    for page in (html, as_admin.get(page_of(row)).content.decode()):
        assert str(row._meta.verbose_name) in page.lower()
        assert "<script>alert" not in page
    assert as_admin.get(page_of(row)).status_code == 200
    assert as_admin.get(page_of(row, "history")).status_code == 200


def test_the_site_says_whose_it_is_and_offers_nothing_we_do_not_use(as_admin):
    page = as_admin.get(reverse("admin:index")).content.decode()
    assert "filmedia" in page
    managed = {model._meta.label for model in django_admin.site._registry}
    assert managed == {model._meta.label for model in OURS} | {"auth.Group"}


def test_a_film_leads_to_all_that_belongs_to_it(as_admin, video, alice):
    page = as_admin.get(page_of(video)).content.decode()
    upload = Upload.objects.get()
    for row in (alice, upload, *Step.objects.all()):
        assert page_of(row) in page
    for model, query in ((Piece, "video__id__exact"), (Copy, "piece__video"), (Event, None)):
        address = f"{list_of(model)}?{query or 'video__id__exact'}={video.pk}"
        assert address in page
        assert as_admin.get(address).context["cl"].result_count > 0
    assert (
        reverse("library:watch", args=[video.pk]) in as_admin.get(page_of(video)).content.decode()
    )
    assert "10 bytes" in page and video.sha256 in page and video.piece_cid in page


def test_lists_lead_from_row_to_row(as_admin, video, alice):
    upload, piece = Upload.objects.get(), Piece.objects.get()
    for model, rows in {
        Video: [alice],
        Upload: [alice, video],
        Piece: [video],
        Copy: [piece, video],
        Step: [video],
        Event: [alice, video, upload],
        DeviceToken: [alice],
    }.items():
        html = shown(as_admin, model)[1]
        for row in rows:
            assert page_of(row) in html, (model, row)
    assert f"{list_of(Video)}?owner__id__exact={alice.pk}" in shown(as_admin, User)[1]


def test_sizes_are_shown_as_people_read_them(as_admin, alice):
    received_video(alice, bytes(1_234_567))
    for model in (Video, Piece, Upload):
        assert '<span title="1,234,567 bytes">1.2 MB</span>' in shown(as_admin, model)[1]


def test_a_poster_is_shown_where_there_is_one(as_admin, video):
    address = reverse("library:poster", args=[video.pk])
    assert address not in shown(as_admin, Video)[1]
    places.film(video.pk).mkdir(parents=True, exist_ok=True)
    places.poster(video.pk).write_bytes(b"\xff\xd8 a picture")
    Video.objects.update(has_poster=True)
    assert f'<img src="{address}"' in shown(as_admin, Video)[1]
    assert f'<img src="{address}"' in as_admin.get(page_of(video)).content.decode()


def network_rows(name):
    number = Provider.objects.count() + 1
    provider = Provider.objects.create(network="devnet", number=number, name=name)
    data_set = DataSet.objects.create(provider=provider, client_data_set_id=name)
    Addition.objects.create(data_set=data_set, nonce=name)
    Removal.objects.create(data_set=data_set, piece_id=1, piece_cid="bafkzcib")
    Payment.objects.create(network="devnet", kind="add", amount=-1, reference=name)


@each(OURS)
def test_a_longer_list_asks_the_database_no_more_often(as_admin, alice, model):
    def several(names):
        for name in names:
            owner = User.objects.create_user(name)
            video = stored_video(owner, name.encode(), title=name)
            DeviceToken.objects.create(user=owner, device=name)
            received_video(owner, name.encode(), title=f"{name} again")
            receiving.begin(owner, length=10, title=f"{name} arriving")
            RecoveryKit.objects.create(library_key="0123456789abcdef", films=1)
            network_rows(name)
            job = Job.objects.create(owner=owner, action="trash")
            JobItem.objects.create(job=job, video=video, video_name=video.pk, title=name)
            Import.objects.create(owner=owner, cids=[video.piece_cid])
            Stream.objects.create(process="host:1", viewer=name, user=owner, video=video)
            assert video.pieces.count() == 1

    def queries():
        with CaptureQueriesContext(connection) as asked:
            shown(as_admin, model, all="")
        return [query["sql"][:100] for query in asked.captured_queries]

    several(["u1", "u2"])
    queries()
    few = queries()
    several([f"v{number}" for number in range(9)])
    assert model._default_manager.count() >= 11
    assert len(queries()) == len(few)


# --- searching and filtering


def test_films_are_found_by_their_words_their_owner_and_their_names(as_admin, alice, mallory):
    one = stored_video(alice, b"one", title="Harbour", description="Gulls")
    stored_video(mallory, b"two", title="Pier", filename="p.mp4")
    for words in (one.pk, "harb", "gulls", "alice", one.sha256, one.piece_cid):
        count, html = shown(as_admin, Video, q=words)
        assert (count, page_of(one) in html) == (1, True), words
    piece = one.pieces.get()
    assert shown(as_admin, Video, q=piece.piece_cid)[0] == 1
    assert shown(as_admin, Video, q="nothing of the kind")[0] == 0


def test_a_film_found_by_its_piece_is_listed_once_with_all_of_them(as_admin, alice):
    video = received_video(alice, bytes(SMALL_PIECES + 10), piece_size=SMALL_PIECES)
    count, html = shown(as_admin, Video, q=video.pieces.first().piece_cid)
    assert count == 1
    assert f'{list_of(Piece)}?video__id__exact={video.pk}">2</a>' in html


@pytest.mark.parametrize(
    ("model", "query", "count"),
    [
        (Video, {"state__exact": "stored"}, 1),
        (Video, {"state__exact": "received"}, 2),
        (Video, {"where": "trash"}, 1),
        (Video, {"where": "library"}, 2),
        (Video, {"visibility__exact": "public"}, 1),
        (Video, {"kind__exact": "film"}, 1),
        (Upload, {"state__exact": "receiving"}, 1),
        (Upload, {"state__exact": "received"}, 3),
        (Upload, {"q": "on its way"}, 1),
        (Step, {"state__exact": "waiting", "kind__exact": "check"}, 2),
        (Step, {"q": "public"}, 1),
        (Event, {"type": "video.trashed"}, 1),
        (Event, {"q": "upload.begun"}, 4),
        (Copy, {"provider": "local"}, 1),
        (Copy, {"fault__isempty": "0"}, 0),
        (Piece, {"q": "stored"}, 1),
        (User, {"is_staff__exact": "1"}, 1),
        (DeviceToken, {"q": "phone"}, 1),
        (DeviceToken, {"q": "tablet"}, 0),
    ],
)
def test_search_and_filters_find_what_they_say(as_admin, alice, model, query, count):
    stored_video(alice, b"1", title="stored")
    received_video(alice, b"2", title="public", visibility=Visibility.PUBLIC)
    films.trash(received_video(alice, b"3", title="trashed"))
    receiving.begin(alice, length=10, title="on its way")
    DeviceToken.objects.create(user=alice, device="phone")
    assert shown(as_admin, model, **query)[0] == count


@each(OURS)
def test_odd_searches_break_nothing(as_admin, video, model):
    for odd in ("'--", "%", "\U0001f3ac", "x" * 4000, '"', "\0", "bafk"):
        assert as_admin.get(list_of(model), {"q": odd}).status_code == 200


def test_films_that_no_recovery_kit_has_are_counted(as_admin, video):
    assert "in no recovery kit yet" not in shown(as_admin, RecoveryKit)[1]
    stored_video(video.owner)
    assert "One encrypted film is in no recovery kit yet" in shown(as_admin, RecoveryKit)[1]


def test_a_rendition_is_in_the_list_of_films_only_where_it_needs_somebody(as_admin, video):
    rendition = stored_video(video.owner, b"the same in small", rendition_of=video)
    films_alone = Video.objects.filter(rendition_of=None).count()
    assert shown(as_admin, Video)[0] == films_alone
    assert as_admin.get(page_of(rendition)).status_code == 200
    Video.objects.filter(pk=rendition.pk).update(state=Video.State.AT_RISK)
    assert shown(as_admin, Video)[0] == films_alone + 1
