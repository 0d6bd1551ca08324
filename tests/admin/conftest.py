"""An administrator at their desk, a film to look at, and how they ask for things."""

import pytest
from django.contrib.admin.utils import quote
from django.urls import reverse

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
)
from tests.making import stored_video

BACKEND = "django.contrib.auth.backends.ModelBackend"
OURS = [User, DeviceToken, Video, Piece, Copy, Upload, Step, Event, RecoveryKit]
OURS += [Provider, DataSet, Addition, Removal, Payment, Job, Import, Stream]


def each(models):
    return pytest.mark.parametrize("model", models, ids=lambda model: model.__name__)


@pytest.fixture
def as_admin(client, admin):
    client.force_login(admin, BACKEND)
    return client


@pytest.fixture
def video(alice):
    """A stored film with a row of everything, and a title that would like to be a script."""
    video = stored_video(alice, title="<script>alert(1)</script>", duration=754.0)
    DeviceToken.objects.create(user=alice, device="Alice's phone")
    RecoveryKit.objects.create(library_key="0123456789abcdef", films=1)
    provider = Provider.objects.create(network="devnet", number=1, name="<b>sp</b>")
    data_set = DataSet.objects.create(provider=provider, client_data_set_id="7")
    Addition.objects.create(data_set=data_set, nonce="8", cids=["bafkzcib"], fee=3 * 10**14)
    Removal.objects.create(data_set=data_set, piece_id=3, piece_cid="bafkzcib")
    Payment.objects.create(network="devnet", kind="add", amount=-3, reference="r")
    job = Job.objects.create(owner=alice, action="trash")
    JobItem.objects.create(job=job, video=video, video_name=video.pk, title=video.title)
    Import.objects.create(owner=alice, cids=[video.piece_cid])
    Stream.objects.create(process="host:1", viewer=f"user:{alice.pk}", user=alice, video=video)
    return video


def list_of(model):
    return reverse(f"admin:library_{model._meta.model_name}_changelist")


def page_of(row, page="change"):
    name = row.public_id if isinstance(row, DeviceToken) else row.pk
    return reverse(f"admin:library_{row._meta.model_name}_{page}", args=[quote(name)])


def act(client, model, action, *rows):
    chosen = [row.public_id if model is DeviceToken else row.pk for row in rows]
    form = {"action": action, "_selected_action": chosen, "index": 0}
    return client.post(list_of(model), form, follow=True).content.decode()


def shown(client, model, **query):
    """The titles and numbers a list shows: how many rows, and its HTML."""
    answer = client.get(list_of(model), query)
    assert answer.status_code == 200
    return answer.context["cl"].result_count, answer.content.decode()


def film_of(client, video, **changes):
    form = {"title": video.title, "description": video.description, "visibility": "private"}
    inlines = {}
    for prefix in ("steps", "upload"):
        inlines |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    return client.post(page_of(video), form | inlines | changes)
