"""
`make devnet`: a library on a stand-in network, both on this machine, for a person to try the
whole flow. Kept in a folder, and gone on with the next time.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.foc.chain import _free_port
from tests.foc.compile import ROOT
from tests.foc.network import Network
from tests.foc.provider.running import _end_with_parent


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "data/devnet").resolve()
    network = folder / "network"
    network.mkdir(parents=True, exist_ok=True)
    description = network / "devnet.json"
    description.unlink(missing_ok=True)
    with (network / "network.log").open("ab") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "tests.foc", str(network)],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=_end_with_parent,
        )
    try:
        print("Starting the chain and three providers …", flush=True)
        while not description.exists():
            if running.poll() is not None:
                sys.exit(f"The network has ended. See {network / 'network.log'}")
            time.sleep(0.1)
        _serve(folder, network)
    except KeyboardInterrupt:
        pass
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(timeout=60)


def _serve(folder: Path, network: Path) -> None:
    environment = _environment(folder, network)
    _programs(folder, network, environment)
    serving = subprocess.Popen(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env={**os.environ, **environment},
        preexec_fn=_end_with_parent,
    )
    try:
        serving.wait()
    except KeyboardInterrupt:
        serving.wait()


def _environment(folder: Path, network: Path) -> dict[str, str]:
    told = Network(network, None, [])  # type: ignore[arg-type]  # only its keys are asked for
    port = os.environ.get("PORT") or str(8000 if _is_free(8000) else _free_port())
    return {
        "FILMEDIA_DATA": str(folder / "library"),
        "PORT": port,
        "FILECOIN_NETWORK": "devnet",
        "FILECOIN_DEVNET": str(network / "devnet.json"),
        "FILECOIN_OWNER": told.owner,
        "PIECE_SIZE": str(127 * 2**13),
    }


def _programs(folder: Path, network: Path, environment: dict[str, str]) -> None:
    """Two small programs, so that nobody has to type an environment."""
    told = Network(network, None, [])  # type: ignore[arg-type]
    key = folder / "owner.key"
    key.touch(mode=0o600)
    key.write_text(told.owner_key)
    settings = " ".join(f"{name}='{value}'" for name, value in environment.items())
    _program(folder / "manage", f"cd '{ROOT}' && {settings} '{sys.executable}' manage.py \"$@\"")
    _program(folder / "play", f"cd '{ROOT}' && '{sys.executable}' -m tests.foc '{network}' \"$@\"")
    manage, play = _short(folder / "manage"), _short(folder / "play")
    print(
        f"""
  The owner's account is empty, and the server has no session key yet. In another terminal:

    {manage} filecoin session-key new
    {manage} filecoin fund 10 --owner-key-file {_short(key)} --yes
    {manage} filecoin session-key authorise --owner-key-file {_short(key)} --yes
    {manage} filecoin status

  Pieces are small here (1 MiB), so that a short film has several. To break things:

    {play} kill 2           a provider is gone; `{play} start 2` brings it back
    {play} fault 1 stop_proving     its proofs become overdue; `{play} well 1`
    {play} drain            money for a few days only
    {play} status

  After `kill`, `start`, `drain` or a new key give the library a few seconds.
""",
        flush=True,
    )


def _program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o700)


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def _is_free(port: int) -> bool:
    import socket

    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


if __name__ == "__main__":
    main()
