"""What a quality costs is told before anybody asks for it, as an estimate."""

import html

import pytest
from django.utils import timezone

from filmedia.filecoin.money import amounts
from filmedia.filecoin.money.prices import TIB
from library.models import Rendition, Video
from library.network import funds, preflight, readings
from library.renditions import asking, costs, making
from library.shapes import RenditionListShape
from tests.filecoin.test_prices import PRICES
from tests.making import received_video, stored_video

pytestmark = pytest.mark.django_db
HOUR = 3600.0


@pytest.fixture
def large(alice):
    return stored_video(alice, duration=HOUR, width=1280, height=720)


@pytest.fixture
def paid(settings, monkeypatch):
    """A library on a network whose prices are known; nobody is asked for anything."""
    settings.FILECOIN_NETWORK, settings.COPIES = "calibration", 2
    kept = {f: str(v) for f, v in vars(PRICES).items()}
    now = timezone.now()
    readings.Reading.objects.create(name="calibration:prices", value=kept, at=now, tried_at=now)


def page(client, alice, video):
    client.force_login(alice)
    return html.unescape(client.get(f"/watch/{video.pk}/edit/").content.decode())


def offered(client, alice, video):
    client.force_login(alice)
    found = client.get(f"/api/v1/videos/{video.pk}/renditions/").json()
    assert set(found["possible"][0]) == set(RenditionListShape().fields["possible"].child.fields)
    return {one["quality"]: one for one in found["possible"]}


def month(size, copies):
    return size * PRICES.storage_per_tib_per_month // TIB * copies


def test_where_nothing_is_paid_there_is_a_size_and_no_money(large, client, alice):
    seen = page(client, alice, large)
    assert "720p: about 1.3 GB at most" in seen and "240p: about 209 MB at most" in seen
    assert "These are estimates" in seen
    assert "USDFC" not in seen
    found = offered(client, alice, large)["240p"]
    assert (found["most_bytes"], found["copies"], found["per_month"]) == (208_800_000, 1, None)


def test_where_copies_are_paid_for_it_says_what_they_cost_a_month(large, paid, client, alice):
    size = int(HOUR * making.BITS[720] / 8)
    told = amounts.shown(month(size, 2))
    assert f"720p: about 1.3 GB at most, {told} a month for 2 copies" in page(client, alice, large)
    found = offered(client, alice, large)["720p"]
    assert (found["copies"], found["per_month"]) == (2, amounts.exact(month(size, 2)))


def test_it_is_by_the_copies_that_are_wanted_of_the_film(large, paid, client, alice):
    Video.objects.update(network="calibration", wanted_copies=3)
    large.refresh_from_db()
    assert funds.copies_of_rendition(large, "calibration") == 3
    told = amounts.shown(month(int(HOUR * making.BITS[720] / 8), 3))
    assert f"{told} a month for 3 copies" in page(client, alice, large)


def test_one_that_is_there_costs_by_its_own_bytes(large, paid, client, alice):
    film = stored_video(alice, bytes(100_000), rendition_of=large)
    Video.objects.filter(pk=film.pk).update(network="calibration", wanted_copies=2)
    Rendition.objects.create(original=large, quality=720, film=film, index={})
    told = amounts.shown(month(100_000, 2))
    assert f"100 kB, {told} a month for 2 copies" in page(client, alice, large)


def test_one_that_stays_here_costs_nothing(large, paid, alice):
    film = stored_video(alice, bytes(100_000), rendition_of=large)
    row = Rendition.objects.create(original=large, quality=720, film=film, index={})
    assert costs.of(row, large, costs.pricing(large)).per_month is None


def test_one_that_was_just_made_costs_what_copies_of_its_bytes_will(large, paid, alice):
    film = received_video(alice, bytes(100_000), rendition_of=large)
    row = Rendition.objects.create(original=large, quality=720, film=film, index={})
    cost = costs.of(row, large, costs.pricing(large))
    assert cost.per_month == preflight.per_month(PRICES, 100_000, 2)


def test_while_it_is_made_it_is_an_estimate_still(large, paid, client, alice):
    asking.ask(large, ["240p"])
    seen = page(client, alice, large)
    assert 'It is being made. <span class="hint">(about 209 MB at most, ' in seen


def test_prices_that_were_never_heard_are_said_to_be_unknown(large, paid, client, alice):
    readings.Reading.objects.all().delete()
    seen = page(client, alice, large)
    assert "not known yet" in seen and "USDFC" not in seen
    assert offered(client, alice, large)["720p"]["per_month"] is None


def test_of_a_film_of_unknown_length_nothing_is_said(alice, paid, client):
    film = stored_video(alice, width=1280, height=720)
    assert "<span>720p</span>" in page(client, alice, film)
