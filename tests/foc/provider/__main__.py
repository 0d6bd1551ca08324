"""`python -m tests.foc.provider CONFIG.json`: one provider, until it is told to stop."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import uvicorn

from filmedia.filecoin import kernels
from tests.foc.provider import config as settings
from tests.foc.provider.app import App
from tests.foc.provider.asgi import Protocol
from tests.foc.provider.state import State


def main() -> None:
    config = settings.read(Path(sys.argv[1]))
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


if __name__ == "__main__":
    main()
