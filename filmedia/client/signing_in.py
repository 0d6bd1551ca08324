"""`filmedia login` and `logout`: a token for this machine, and its end."""

from __future__ import annotations

import getpass
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from filmedia.client import account, addresses
from filmedia.client.account import Account
from filmedia.client.api import Api
from filmedia.client.errors import (
    BadArguments,
    ClientError,
    NotFilmedia,
    Refused,
    SignInNeeded,
)
from filmedia.client.screen import Screen

TOKENS = "/api/v1/auth/tokens/"
_NAME_LIMIT = 100


@dataclass(frozen=True)
class Wish:
    url: str
    username: str = ""
    password_stdin: bool = False
    token_stdin: bool = False
    device: str = ""
    insecure: bool = False


def login(wish: Wish, screen: Screen, config: Path) -> None:
    """Get a token, or take one, and keep it. Neither it nor a password is ever shown."""
    url = addresses.origin(wish.url)
    # Before anything is typed that should not travel there.
    addresses.check_private(url, insecure=wish.insecure)
    made = _with_token(url, wish) if wish.token_stdin else _with_password(url, wish)
    account.save(made, config)
    screen.say(f"Signed in at {url} as {made.username}. The token is kept in {config}.")
    screen.document({"url": url, "username": made.username, "config": str(config)})


def logout(screen: Screen, config: Path) -> None:
    """Revoke the token, and forget it here whatever the library says."""
    kept = account.load(config)
    if kept is None:
        screen.say("You are not signed in.")
        screen.document({"url": None})
        return
    try:
        with Api(kept) as api:
            _revoke(api, kept)
    except SignInNeeded:
        screen.say("The library had ended this token already.")
    except ClientError as error:
        account.forget(config)
        raise ClientError(
            f"The token is forgotten here, but the library could not be told: {error} "
            "End this device under “Devices” in your account there."
        ) from error
    account.forget(config)
    screen.say(f"Signed out of {kept.url}.")
    screen.document({"url": kept.url})


def _with_token(url: str, wish: Wish) -> Account:
    """A token that was made elsewhere, if the library knows it."""
    token = account.checked_token(sys.stdin.readline())
    with Api(Account(url, token, insecure=wish.insecure)) as api:
        me = api.json("GET", "/api/v1/me/")
    return Account(url, token, username=me["username"], insecure=wish.insecure)


def _with_password(url: str, wish: Wish) -> Account:
    with Api(Account(url, "", insecure=wish.insecure)) as api:
        _check_is_library(api)
        username, password = _asked(wish)
        given = {"username": username, "password": password, "device": _device(wish)}
        made = api.json("POST", TOKENS, json=given)
    if not made.get("token"):
        raise NotFilmedia(f"{url} signs you in without giving a token.")
    return Account(
        url,
        account.checked_token(made["token"]),
        token_id=str(made.get("id", "")),
        username=username,
        insecure=wish.insecure,
    )


def _check_is_library(api: Api) -> None:
    """A password is typed for a library only: it asks for sign-in in its own words."""
    try:
        api.json("GET", "/api/v1/me/")
    except SignInNeeded:
        return
    except Refused as error:
        if error.code == "not-found":
            raise NotFilmedia(f"{api.url} answers, but not as a filmedia library does.") from error
        raise


def _asked(wish: Wish) -> tuple[str, str]:
    """User name and password, from the terminal or as the options say."""
    if wish.password_stdin:
        if not wish.username:
            raise BadArguments("With --password-stdin say who you are: --username NAME")
        return wish.username, sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise BadArguments("There is no terminal to ask on. Use --password-stdin or --token-stdin.")
    username = wish.username or _typed("User name: ")
    return username, getpass.getpass("Password: ", stream=sys.stderr)


def _typed(question: str) -> str:
    sys.stderr.write(question)
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer.strip():
        raise BadArguments("Nothing was typed.")
    return answer.strip()


def _device(wish: Wish) -> str:
    name = wish.device or socket.gethostname() or "command line"
    return "".join(c for c in name if c.isprintable())[:_NAME_LIMIT]


def _revoke(api: Api, kept: Account) -> None:
    token_id = kept.token_id or _own_id(api)
    if not token_id.replace("_", "").isalnum():
        raise ClientError("which of your devices this is cannot be told.")
    api.head("DELETE", f"{TOKENS}{token_id}/")


def _own_id(api: Api) -> str:
    """A token that was made elsewhere came without its id; the library knows which it is."""
    for device in api.json("GET", TOKENS)["items"]:
        if device["current"]:
            return str(device["id"])
    return ""
