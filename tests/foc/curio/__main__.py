"""`python -m tests.foc.curio CONFIG.json`: one provider, until it is told to stop."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

import uvicorn

from tests.foc.curio.app import App
from tests.foc.curio.state import State
from tests.foc.curio.submitter import Submitter


def main() -> None:
    config = json.loads(Path(sys.argv[1]).read_text())
    logging.basicConfig(level=logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    state = State(Path(config["folder"]))
    submitter = Submitter(config["rpc_url"], config["contracts"], config["key"])
    uvicorn.run(
        App(config, state, submitter),
        host="127.0.0.1",
        port=config["port"],
        log_level="warning",
        lifespan="on",
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main()
