"""Uploads that nobody goes on with."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone

from library import places
from library.models import Event, Upload
from library.uploads import expiry, receiving

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def forgotten(alice):
    upload = receiving.begin(alice, length=100)
    receiving.receive(upload, io.BytesIO(b"half"), offset=0)
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    return upload


def test_an_upload_that_waited_too_long_expires_visibly(forgotten):
    assert expiry.sweep() == 1
    assert Upload.objects.get().state == Upload.State.EXPIRED
    assert not places.staging(forgotten.pk).exists()
    assert Event.objects.last().type == "upload.expired"
    assert expiry.sweep() == 0


def test_bytes_put_the_end_off(alice, settings):
    upload = receiving.begin(alice, length=100)
    Upload.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    receiving.receive(Upload.objects.get(), io.BytesIO(b"more"), offset=0)
    assert Upload.objects.get(pk=upload.pk).expires_at > timezone.now() + timedelta(days=6)
    assert expiry.sweep() == 0


def test_what_came_to_nothing_is_forgotten_after_a_month(forgotten):
    expiry.sweep()
    Upload.objects.update(updated_at=timezone.now() - timedelta(days=31))
    expiry.sweep()
    assert not Upload.objects.exists()
