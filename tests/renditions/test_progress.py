"""While a rendition is made, everybody who may know is told how far it is."""

import pytest

from library import stages
from library.live import feed
from library.models import Step, Video
from library.renditions import asking, making, under_way
from library.shapes import RenditionListShape
from tests.making import taken

pytestmark = pytest.mark.django_db(transaction=True)


def stage(video):
    rows = feed._for_stages(Video.objects.filter(pk=video.pk))
    return next((s for s in stages.of_video(rows[0]) if s["name"] == "rendition"), None)


def test_its_stage_and_pages_tell_per_cent_by_the_time_that_is_written(
    client, alice, video, monkeypatch
):
    client.force_login(alice)
    asking.ask(video, ["240p"])
    edit, watch = f"/watch/{video.pk}/edit/", f"/watch/{video.pk}/"
    lease = taken(video.steps.get(kind=Step.Kind.RENDITION))
    monkeypatch.setattr("library.storing.lease.REPORT_SECONDS", 0)
    told = []

    def make(read, size, quality, write, **more):
        def look(data):
            write(data)
            found = client.get(f"/api/v1/videos/{video.pk}/renditions/").json()
            RenditionListShape(found)
            told.append((stage(video)["done"], stage(video)["total"], found["items"][0]["percent"]))
            if len(told) > 1 and told[-1][2] > told[-2][2]:
                shown = f"{told[-1][2]} % made"
                assert shown in client.get(edit, follow=True).content.decode()
                assert shown in client.get(watch).content.decode()

        return making.probe.rendition(read, size, quality, look, **more)

    making.run(lease, make)
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert {total for _, total, _ in told} == {video.size}
    assert any(0 < percent < 99 for _, _, percent in told)
    assert stage(video) is None
    assert under_way.of(video) is None
    assert asking.describe_all(video)[0]["percent"] is None
