"""Real processes, because what is given up cannot be had back."""

import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
START = """
import ctypes, os, socket, sys
sys.path.append(sys.argv[1])
from library.storing.examining import confine
confine.limit(memory=512 * 1024**2, cpu_seconds=1)
confine.shut_in()
"""
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone offers this")


def confined(code, *arguments):
    return subprocess.run(
        [sys.executable, "-I", "-c", START + code, str(ROOT), *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_honest_work_goes_on():
    assert confined("print(sum(range(10)))").stdout == "45\n"


@LINUX
@pytest.mark.parametrize("way", ["open('/etc/passwd')", "os.listdir('/')", "os.stat('/')"])
def test_files_are_out_of_reach(way):
    found = confined(way)
    # To look at a file's name and date is not covered; to read it is.
    assert "stat" in way or "PermissionError" in found.stderr


def test_nothing_can_be_written():
    with tempfile.NamedTemporaryFile() as file:
        found = confined(f"open({file.name!r}, 'w').write('x')")
        assert found.returncode != 0
        assert Path(file.name).read_bytes() == b""


@LINUX
def test_the_network_is_out_of_reach():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        port = str(server.getsockname()[1])
        found = confined("socket.create_connection(('127.0.0.1', int(sys.argv[2])), 2)", port)
        assert found.returncode != 0
        with pytest.raises(TimeoutError):
            server.accept()


def test_memory_is_bounded():
    assert "MemoryError" in confined("bytes(1024**3)").stderr


def test_time_is_bounded():
    assert confined("while True: pass").returncode < 0


def test_the_program_needs_no_django():
    code = "sys.modules['django'] = None; from library.storing.examining import poster, probing"
    done = subprocess.run(
        [sys.executable, "-I", "-c", "import sys; sys.path.append(sys.argv[1]); " + code, ROOT],
        check=False,
    )
    assert done.returncode == 0
