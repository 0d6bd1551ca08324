"""A running library for the tests that speak to it over the wire."""

import pytest

from tests.running import running


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    with running(tmp_path_factory.mktemp("running") / "data") as server:
        yield server
