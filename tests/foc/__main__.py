"""
The stand-in network, for a person to try everything on a laptop.

    python -m tests.foc FOLDER [--providers N]   run it until Ctrl-C; it goes on the next time
    python -m tests.foc FOLDER status            what is there and how it is
    python -m tests.foc FOLDER ready             fund, approve and authorise at once
    python -m tests.foc FOLDER fund [USDFC]      deposit for the owner
    python -m tests.foc FOLDER approve           let the service use the deposit
    python -m tests.foc FOLDER authorise [DAYS]  let the session key sign
    python -m tests.foc FOLDER drain [DAYS]      withdraw all but what lasts so long
    python -m tests.foc FOLDER fault N [NAME [VALUE]]   make provider N misbehave; no name lists
    python -m tests.foc FOLDER well N            and behave again
    python -m tests.foc FOLDER kill|stop|start N
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.foc.provider import playing

COMMANDS = {
    "status": playing.status,
    "ready": playing.ready,
    "fund": playing.fund,
    "approve": playing.approve,
    "authorise": playing.authorise,
    "drain": playing.drain,
    "fault": playing.fault,
    "well": playing.well,
    "kill": playing.order("kill"),
    "stop": playing.order("stop"),
    "start": playing.order("start"),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.foc",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("command", nargs="?", choices=COMMANDS)
    parser.add_argument("arguments", nargs="*")
    parser.add_argument("--providers", type=int, default=3, choices=range(1, 6))
    parser.add_argument("--block-time", type=float, default=1.0, help="seconds")
    given = parser.parse_args()
    folder = given.folder.resolve()
    try:
        if given.command:
            COMMANDS[given.command](folder, *given.arguments)
        else:
            playing.run(folder, given.providers, given.block_time)
    except playing.CannotPlay as error:
        parser.exit(1, f"{error}\n")


if __name__ == "__main__":
    main()
