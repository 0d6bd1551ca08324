import pytest

from tests.importing.serving import Serving


@pytest.fixture
def elsewhere(settings):
    """A place that the operator trusts, although it is not of the public internet."""
    with Serving() as serving:
        settings.IMPORT_HOSTS = [serving.host]
        yield serving
