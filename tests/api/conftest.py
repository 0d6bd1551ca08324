"""Clients of the API: devices with their tokens."""

import pytest
from rest_framework.test import APIClient

from library.models import DeviceToken

# For changes that a test means whatever the version is.
ANY = {"If-Match": "*"}


@pytest.fixture
def device_of():
    """A client that is signed in by a token of its own."""

    def make(user) -> APIClient:
        client = APIClient()
        _, token = DeviceToken.objects.create(user=user, device="phone")
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return client

    return make


@pytest.fixture
def phone(device_of, alice):
    return device_of(alice)


@pytest.fixture
def stranger(device_of, mallory):
    return device_of(mallory)


@pytest.fixture
def nobody():
    return APIClient()


@pytest.fixture(autouse=True)
def no_counts_of_other_tests():
    from django.core.cache import cache

    cache.clear()
