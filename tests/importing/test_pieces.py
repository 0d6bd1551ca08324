"""What may be typed for a film that is known by its pieces."""

import pytest

from filmedia.filecoin.piece import PieceCid, piece_cid
from library.errors import Invalid
from library.importing import pieces

DATA = b"0123456789" * 100
V2 = piece_cid(DATA)
V1 = PieceCid.parse(V2).v1


@pytest.mark.parametrize("text", [V2, f" {V2}\n", f"{V1}:1000", f"{V2}:1000"])
def test_a_piececid_of_either_version_names_the_piece(text):
    assert str(pieces.cid(text)) == V2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(V1, "BYTES", id="version 1 without its bytes"),
        pytest.param(f"{V2}:999", "has 1000 bytes", id="other bytes than it says itself"),
        pytest.param("", "is not a PieceCID", id="nothing"),
        pytest.param(
            "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi", "not", id="ipfs"
        ),
        pytest.param("x" * 5000, "is not a PieceCID", id="endless"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(text, why):
    with pytest.raises(Invalid, match=why) as refused:
        pieces.cid(text)
    assert len(refused.value.detail) < 400


@pytest.mark.parametrize("texts", [[], [V2] * 10_001, [piece_cid(b"")]])
def test_a_film_has_some_pieces_and_not_too_many(texts):
    with pytest.raises(Invalid):
        pieces.cids(texts)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("https://provider.example.org/", "https://provider.example.org"),
        ("https://films.example.org/some/prefix", "https://films.example.org/some/prefix"),
        (f"https://films.example.org/piece/{V2}", "https://films.example.org"),
        (f"https://films.example.org/piece/{V1}/", "https://films.example.org"),
    ],
)
def test_an_address_of_the_public_internet_will_do(address, url):
    assert pieces.place(address, [PieceCid.parse(V2)]) == pieces.Place(url, trusted=False)


PRIVATE = [
    "http://provider.example.org",
    "https://127.0.0.1",
    "https://127.1",
    "https://2130706433",
    "https://0x7f.1",
    "https://10.0.0.7:8443",
    "https://192.168.1.1",
    "https://169.254.169.254/latest",
    "https://[::1]",
    "https://[::ffff:10.0.0.1]",
    "https://[fd00::1]",
    "https://localhost",
    "https://router.lan",
    "https://metadata.google.internal",
    "https://intranet",
    "https://ada:secret@provider.example.org",
    "https://provider.example.org/?x=1",
    "https://provider.example.org\\@127.0.0.1",
    "file:///etc/passwd",
    "gopher://provider.example.org",
    "ftp://provider.example.org",
    "provider.example.org",
    "https://",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_a_network_inside_is_refused(address):
    with pytest.raises(Invalid, match="cannot be read from"):
        pieces.place(address)


def test_hosts_that_the_operator_named_may_be_inside(settings):
    settings.IMPORT_HOSTS = ["10.0.0.7:8443", "NAS.lan"]
    assert pieces.place("https://10.0.0.7:8443") == pieces.Place("https://10.0.0.7:8443", True)
    assert pieces.place("http://nas.lan:80/films").trusted
    for other in ("https://10.0.0.7", "http://10.0.0.7:8444", "http://nas.lan.evil.example"):
        with pytest.raises(Invalid):
            pieces.place(other)


def test_a_few_addresses_are_enough():
    with pytest.raises(Invalid):
        pieces.places([f"https://p{n}.example.org" for n in range(21)])
    assert len(pieces.places(["https://a.example.org", " ", "https://a.example.org/"])) == 1
