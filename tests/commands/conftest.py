"""An installation to run commands in, as an operator does: real processes, no server."""

from __future__ import annotations

import json

import pytest

from tests.running import USERNAME, Running


class Installation(Running):
    def json(self, *arguments: str, code: int = 0) -> list[dict]:
        """What a command with `--json` says, line by line; its exit code is checked."""
        done = self.manage(*arguments, "--json")
        assert done.returncode == code, done.stderr + done.stdout
        return [json.loads(line) for line in done.stdout.splitlines()]

    def rows(self, what: str) -> list:
        """What a line of Python about the rows says, as JSON."""
        code = f"import json; from library.models import *; print(json.dumps({what}))"
        done = self.manage("shell", "--no-imports", "-c", code)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Tables and an account, made once."""
    made = Installation(tmp_path_factory.mktemp("prepared") / "data")
    assert made.manage("migrate", "-v0").returncode == 0
    assert made.manage("createsuperuser", "--noinput", "--email", "a@b.example").returncode == 0
    return made


@pytest.fixture
def installation(prepared):
    yield prepared
    done = prepared.manage(
        "shell",
        "--no-imports",
        "-c",
        "from library.models import *; Upload.objects.all().delete(); Step.objects.all().delete();"
        "Event.objects.all().delete(); Video.objects.all().delete();"
        "Collection.objects.all().delete()",
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def owner():
    return USERNAME
