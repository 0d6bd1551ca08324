"""From what was typed to a command, and from its end to an exit code."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace

from filmedia.client import (
    account,
    arguments,
    downloading,
    files,
    listing,
    signing_in,
    uploading,
    verifying,
)
from filmedia.client.api import Api
from filmedia.client.errors import (
    FAILED,
    OK,
    BadArguments,
    Cancelled,
    ClientError,
)
from filmedia.client.screen import Screen


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    account.keep_compiled_code()
    try:
        asked = arguments.parse(argv)
    except BadArguments as error:
        Screen().warn(f"filmedia: {error}")
        return error.exit_code
    screen = Screen(as_json=asked.json, quiet=asked.quiet)
    try:
        return _run(asked, screen)
    except ClientError as error:
        return _failed(screen, error)
    except KeyboardInterrupt:
        return _failed(screen, Cancelled("Stopped. The same command goes on from there."))
    except BrokenPipeError:
        # Whoever read our output has enough. Python would stumble over it once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        what = f"{error.filename}: {error.strerror}." if error.filename else f"{error}."
        return _failed(screen, ClientError(what))


def _failed(screen: Screen, error: ClientError) -> int:
    screen.warn(f"filmedia: {error}")
    screen.document({"problem": str(error), "code": error.code, "exit_code": error.exit_code})
    return error.exit_code


def _run(asked: Namespace, screen: Screen) -> int:
    config = account.config_file()
    if asked.command == "login":
        signing_in.login(_sign_in(asked), screen, config)
        return OK
    if asked.command == "logout":
        signing_in.logout(screen, config)
        return OK
    # What can be wrong on this side is told before the library is asked anything.
    chosen = _chosen(asked) if asked.command == "upload" else []
    used = account.current(config)
    with Api(replace(used, insecure=used.insecure or asked.insecure)) as api:
        match asked.command:
            case "upload":
                return _upload(asked, api, screen, chosen)
            case "ls":
                listing.show(api, screen, _wish(asked))
            case "get":
                if asked.json and asked.output == "-":
                    raise BadArguments("--json and -o - both want standard output.")
                downloading.get(api, screen, asked.film, asked.output, force=asked.force)
            case "verify":
                if asked.file and len(asked.films) > 1:
                    raise BadArguments("--file is compared with one film.")
                return verifying.verify(api, screen, asked.films, asked.file)
    return OK


def _sign_in(asked: Namespace) -> signing_in.Wish:
    return signing_in.Wish(
        asked.url,
        asked.username,
        asked.password_stdin,
        asked.token_stdin,
        asked.device,
        asked.insecure,
    )


def _chosen(asked: Namespace) -> list[files.LocalFile]:
    chosen = files.chosen(asked.paths)
    if asked.title and len(chosen) > 1:
        raise BadArguments(f"--title is for one film, and these are {len(chosen)}.")
    return chosen


def _upload(asked: Namespace, api: Api, screen: Screen, chosen: list[files.LocalFile]) -> int:
    about = {
        "title": asked.title,
        "description": asked.description,
        "visibility": asked.visibility,
        "tags": ",".join(asked.tag),
        "collection": asked.collection,
        "language": asked.language,
    }
    upload = uploading.Uploading(
        api, screen, jobs=asked.jobs, wait=not asked.no_wait, again=asked.again
    )
    return upload.run(chosen, {name: value for name, value in about.items() if value})


def _wish(asked: Namespace) -> listing.Wish:
    return listing.Wish(
        query=asked.query,
        tags=asked.tag,
        collection=asked.collection,
        state=asked.state or "",
        mine=asked.mine,
        limit=None if asked.all else asked.limit,
    )
