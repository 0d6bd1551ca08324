"""
Our contracts, compiled by the pinned npm `solc`: `python -m tests.foc.compile`.

What comes out is kept under build/foc, named by a hash of all that went in, so that only a
change of the sources costs the seconds that compiling takes.
"""

from __future__ import annotations

import fcntl
import json
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.node import NODE, environment

SOURCES = Path(__file__).parent / "contracts"
ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build" / "foc"
_DRIVER = Path(__file__).with_name("compile.mjs")
_SETTINGS = {
    "optimizer": {"enabled": True, "runs": 200},
    "viaIR": True,
    "evmVersion": "cancun",
    "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"]}},
}


@dataclass(frozen=True)
class Artifact:
    """`code` makes the contract; `runtime` is what then stands at its address."""

    abi: list[dict[str, Any]]
    code: str
    runtime: str


class CompilationFailed(Exception):
    """The compiler's own words."""


def artifacts() -> dict[str, Artifact]:
    """Every contract by its name. Of several processes that ask, one compiles."""
    sources = {path.name: path.read_text() for path in sorted(SOURCES.glob("*.sol"))}
    question = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources.items()},
        "settings": _SETTINGS,
    }
    asked = json.dumps(question, sort_keys=True)
    kept = BUILD / f"{sha256(asked.encode()).hexdigest()[:16]}.json"
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            whole = kept.with_suffix(".part")
            whole.write_text(json.dumps(_compiled(asked)))
            whole.replace(kept)
    return {name: Artifact(**parts) for name, parts in json.loads(kept.read_text()).items()}


def _compiled(asked: str) -> dict[str, dict[str, Any]]:
    done = subprocess.run(
        [NODE, str(_DRIVER)],
        input=asked,
        env=environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CompilationFailed(done.stderr)
    answer = json.loads(done.stdout)
    errors = [
        error["formattedMessage"]
        for error in answer.get("errors", [])
        if error["severity"] == "error"
    ]
    if errors:
        raise CompilationFailed("\n".join(errors))
    return {
        name: {
            "abi": contract["abi"],
            "code": f"0x{contract['evm']['bytecode']['object']}",
            "runtime": f"0x{contract['evm']['deployedBytecode']['object']}",
        }
        for contracts in answer["contracts"].values()
        for name, contract in contracts.items()
    }


if __name__ == "__main__":
    for name, artifact in artifacts().items():
        print(f"{name}: {len(artifact.runtime) // 2 - 1} bytes")
