#!/bin/sh
# `filmedia`, from wherever it is called or linked. `make run` links it as .venv/bin/filmedia.
here=$(dirname -- "$(readlink -f -- "$0")")
root=$(dirname -- "$(dirname -- "$here")")
# -P: modules come from there, and never from the folder that somebody happens to be in.
PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}" exec "$root/.venv/bin/python" -P -m filmedia.client "$@"
