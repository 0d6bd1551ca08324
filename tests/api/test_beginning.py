"""The first screen of the API's documentation, pasted into a shell, does what it says."""

import html
import re
import shutil
import subprocess

import httpx
import pytest

from library import samples
from tests import machine
from tests.running import PASSWORD, USERNAME, running

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("contract")]


def test_what_stands_there_carries_a_film_from_a_token_to_its_bytes(tmp_path):
    if missing := [name for name in ("bash", "curl", "jq") if shutil.which(name) is None]:
        (pytest.fail if machine.CI else pytest.skip)(f"{', '.join(missing)}: not on this machine")
    samples.write_film(tmp_path / "harbour.mp4", seconds=2, width=320, height=180)
    with running(tmp_path / "data", worker=False) as server:
        page = httpx.get(f"{server.url}/api/v1/docs/").text
        (first,) = re.findall(r"<pre [^>]*How to begin[^>]*><code>(.*?)</code></pre>", page, re.S)
        quoted = PASSWORD.replace("'", "'\\''")
        script = html.unescape(re.sub("</?b>", "", first))
        script = script.replace('"alice"', f'"{USERNAME}"').replace("…", quoted, 1)
        script = re.sub("HERE=[^ ]+", f"HERE={server.url}", script)
        told = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert told.returncode == 0, told.stdout + told.stderr
    assert '"state": "received"' in told.stdout
    assert '"verification"' in told.stdout
    assert told.stdout.split()[-1] == "1024"
