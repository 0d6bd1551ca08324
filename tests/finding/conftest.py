"""A client of the API that is Alice, and one that is Mallory."""

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from library.models import DeviceToken


@pytest.fixture(autouse=True)
def no_counts_of_other_tests():
    cache.clear()


def _device_of(user) -> APIClient:
    client = APIClient()
    _, token = DeviceToken.objects.create(user=user, device="phone")
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


@pytest.fixture
def phone(alice):
    return _device_of(alice)


@pytest.fixture
def stranger(mallory):
    return _device_of(mallory)
