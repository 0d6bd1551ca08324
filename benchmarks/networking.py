"""
What a provider that has died costs a film, on a stand-in network with a real library. Exits
with 1 when a figure is missed. (What is asked of an RPC node, tests/network/test_requests.py
counts; how films survive kill -9, `make test-kills` shows.)
"""

from __future__ import annotations

import base64
import sys
import tempfile
from pathlib import Path
from time import monotonic

sys.path.insert(0, str(Path(__file__).parent.parent))
import httpx

from benchmarks import figures
from library import samples
from tests.foc.provider.network import running_network
from tests.running import polling, running


def main() -> int:
    folder = Path(tempfile.mkdtemp())
    film = folder / "film.mp4"
    samples.write_film(film, seconds=8, width=640, height=360)
    with (
        running_network(
            folder / "network",
            providers=5,
            endorsed=3,
            block_time=0.5,
            park_delay=0.2,
            proving_period=600,
            challenge_window=200,
        ) as network,
        running(
            folder / "data", PIECE_SIZE=str(127 * 2**13), **network.ready().environment
        ) as library,
    ):
        client = library.client()
        data = film.read_bytes()
        well = stored_after(client, data, 1)
        silent, gone = network.providers[:2]
        silent.faults(dead=True)
        hanging = stored_after(client, data, 2)
        silent.well()
        gone.kill()
        killed = stored_after(client, data, 3)
    print(f"stored on two providers after {well:.1f} s where all are well")
    limits = [
        figures.Most("a provider that takes connections and is silent", hanging - well, 60, "s"),
        figures.Most("a provider that is gone", killed - well, 60, "s"),
    ]
    return 0 if figures.limits(limits, "What a dead provider costs a film") else 1


def stored_after(client: httpx.Client, film: bytes, number: int) -> float:
    """Seconds from the last byte of a film to two providers that have it."""
    free = (16).to_bytes(4, "big") + b"free" + number.to_bytes(8, "big")
    data = film + free
    name = base64.b64encode(f"{number}.mp4".encode()).decode()
    headers = {"Upload-Length": str(len(data)), "Upload-Metadata": f"filename {name}"}
    location = client.post("/api/v1/uploads/", headers=headers).headers["Location"]
    offset = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    client.patch(location, content=data, headers=offset).raise_for_status()
    started = monotonic()
    video = client.get(location).json()["video"]
    for _ in polling(300, 0.2):
        told = client.get(f"/api/v1/videos/{video}/").json()
        if told["copies"]["wanted"] == 2 and told["copies"]["stored"] >= 2:
            return monotonic() - started
    raise AssertionError(f"not stored after 300 s: {told['stages']}")


if __name__ == "__main__":
    sys.exit(main())
