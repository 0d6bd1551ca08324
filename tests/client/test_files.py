"""Which files, how they are known again, and that they stay what they were."""

import hashlib
import json
import os
import subprocess

import pytest

from filmedia.client.errors import BadArguments, FileChanged
from filmedia.client.files import LocalFile, Source, chosen, fingerprint, same_file
from tests.node import NODE, environment
from tests.running import ROOT

NAMES = [
    "harbour.mp4",
    "Ærø 🎬 (1).mp4",
    "a'b!*~()%&+#?.mov",
    "é" * 60 + ".mkv",
    "x" * 300,
    "lone\ud800.mp4",
]
SCRIPT = """
import {{ fingerprint }} from "{module}";
const files = JSON.parse(process.argv[2]);
console.log(JSON.stringify(files.map((file) => fingerprint(file))));
"""


def test_a_browser_makes_the_same_fingerprint(tmp_path):
    module = (ROOT / "static" / "js" / "matching.js").as_uri()
    script = tmp_path / "fingerprints.mjs"
    script.write_text(SCRIPT.format(module=module))
    files = [
        {"name": name, "size": 10 * n, "lastModified": 1764288000123 + n}
        for n, name in enumerate(NAMES)
    ]
    done = subprocess.run(
        [NODE, str(script), json.dumps(files)],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    ours = [fingerprint(file["name"], file["size"], file["lastModified"]) for file in files]
    assert json.loads(done.stdout) == ours


def test_what_a_browser_began_is_known_again():
    """It adds a sample of the bytes, behind a tilde."""
    ours = fingerprint("a.mp4", 7, 1)
    assert same_file(f"{ours}~0af3", ours)
    assert same_file(ours, ours)
    for other in ("", f"{ours}~no", "7-1-b.mp4~0af3"):
        assert not same_file(other, ours)


def test_a_file_is_known_by_name_size_and_the_millisecond_it_was_changed(tmp_path):
    path = tmp_path / "a b.mp4"
    path.write_bytes(bytes(7))
    os.utime(path, ns=(0, 1_764_288_000_123_999_999))
    assert LocalFile.at(path).fingerprint == "7-1764288000123-a%20b.mp4"


def test_a_name_that_is_no_text_can_be_sent(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.mp4")
    path.write_bytes(b"1")
    assert LocalFile.at(path).name == "caf\ufffd.mp4"


def test_folders_are_walked_in_order_and_what_is_hidden_is_left_out(tmp_path):
    for name in (
        "b/2.mp4",
        "b/10.mp4",
        "a.mp4",
        ".hidden.mp4",
        ".git/x.mp4",
        "b/.part",
        "c/d/e.mp4",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"1")
    os.mkfifo(tmp_path / "pipe")
    found = [str(file.path.relative_to(tmp_path)) for file in chosen([tmp_path])]
    assert found == ["a.mp4", "b/10.mp4", "b/2.mp4", "c/d/e.mp4"]


def test_a_file_that_is_named_twice_or_asked_for_by_name(tmp_path):
    path = tmp_path / ".film.mp4"
    path.write_bytes(b"1")
    (tmp_path / "link.mp4").symlink_to(path)
    assert [file.path for file in chosen([path, path, tmp_path / "link.mp4"])] == [path]


def test_what_is_not_there_is_said_before_anything_is_sent(tmp_path):
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for path in ("nowhere.mp4", "empty", "pipe"):
        with pytest.raises(BadArguments):
            chosen([tmp_path / path])


@pytest.fixture
def film(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(bytes(range(256)) * 40)
    return LocalFile.at(path)


def test_chunks_are_those_of_the_file_and_so_is_its_hash(film):
    data = film.path.read_bytes()
    with Source(film) as source:
        assert source.chunk(1000, 500) == data[1000:1500]
        assert source.chunk(10_000, 500) == data[10_000:]
        for offset in (700, 700, 200, len(data)):
            list(source.sha256_up_to(offset))
            assert source.sha256 == hashlib.sha256(data[:offset]).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda path: path.write_bytes(bytes(10_240)), id="other bytes, as many"),
        pytest.param(lambda path: os.truncate(path, 5), id="shorter"),
        pytest.param(lambda path: path.open("ab").write(b"more"), id="longer"),
        pytest.param(lambda path: path.unlink(), id="gone"),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_file_that_changes_is_no_more_of_use(film, change):
    with Source(film) as source:
        source.chunk(0, 100)
        change(film.path)
        with pytest.raises(FileChanged, match=r"film\.mp4 changed while it was being sent"):
            source.chunk(100, 100)
