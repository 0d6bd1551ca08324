"""
One provider, until it is told to stop.

    python -m tests.foc.provider CONFIG.json
    python -m tests.foc.provider DEVNET.json --number 1 --folder FOLDER --port PORT

The second acts for the first provider of a devnet that is described as FILECOIN_DEVNET takes
it. The key of that provider's account is in PROVIDER_KEY, as descriptions do not have it.
"""

from __future__ import annotations

import argparse
import logging
import os
from pathlib import Path
from typing import Any

import uvicorn

from filmedia.filecoin import kernels
from tests.foc.provider import config as settings
from tests.foc.provider.app import App
from tests.foc.provider.asgi import Protocol
from tests.foc.provider.state import State


def main() -> None:
    config = _config()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    kernels.warm_up()
    uvicorn.run(
        App(config, State(Path(config["folder"]))),
        host="127.0.0.1",
        port=config["port"],
        http=Protocol,
        log_level="warning",
        lifespan="on",
        server_header=False,
        timeout_graceful_shutdown=1,
    )


def _config() -> dict[str, Any]:
    parser = argparse.ArgumentParser(prog="python -m tests.foc.provider")
    parser.add_argument("config", type=Path)
    parser.add_argument("--number", type=int, help="of the provider in a description, from 1")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--port", type=int)
    given = parser.parse_args()
    if given.number is None:
        return settings.read(given.config)
    if not given.folder or not given.port or "PROVIDER_KEY" not in os.environ:
        parser.error("--folder, --port and PROVIDER_KEY are needed with --number")
    key = os.environ["PROVIDER_KEY"]
    try:
        return settings.of_description(given.config, given.number, given.folder, key, given.port)
    except settings.NotDescribed as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
