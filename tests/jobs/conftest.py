"""Jobs for tests, begun and done as the worker does them."""

import pytest

from library.jobs import actions, beginning, selection, working
from library.models import Job
from tests.api.conftest import (  # noqa: F401  # clients of the API, for the tests here
    device_of,
    no_counts_of_other_tests,
    nobody,
    phone,
    stranger,
)


def chosen(*videos):
    return selection.of([video.pk for video in videos])


def begun(by, action, videos, **given):
    return beginning.begin(actions.named(action), chosen(*videos), given, by)


def done(job):
    """The job after the worker has done all that waits."""
    while working.take_one("a test"):
        pass
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    return job


def results(job):
    """What became of each film, by its title."""
    return {item.title: (item.state, item.detail) for item in job.items.all()}


@pytest.fixture
def run():
    """Begin a job and do it."""

    def run(by, action, videos, **given):
        return done(begun(by, action, videos, **given))

    return run
