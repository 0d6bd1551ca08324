"""
Which library this person uses, and the token for it: kept in one file, readable by them alone.

FILMEDIA_URL and FILMEDIA_TOKEN beat the file. A token is only ever used with the library that
gave it: a kept one does not go to an address that the environment names.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping, MutableMapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from filmedia.client import addresses
from filmedia.client.errors import BadArguments, ClientError, SignInNeeded

# What a header takes; an error about another would show it.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,4096}")


@dataclass(frozen=True)
class Account:
    url: str
    token: str = field(repr=False)
    token_id: str = ""
    username: str = ""
    insecure: bool = False


def config_file(environment: Mapping[str, str] = os.environ) -> Path:
    home = environment.get("XDG_CONFIG_HOME", "")
    # As its specification says, a relative one counts for nothing.
    folder = Path(home) if Path(home).is_absolute() else Path.home() / ".config"
    return folder / "filmedia" / "config.json"


def keep_compiled_code(environment: MutableMapping[str, str] = os.environ) -> None:
    """Code that is compiled for hashing goes where other things are that can be made again."""
    home = environment.get("XDG_CACHE_HOME", "")
    folder = Path(home) if Path(home).is_absolute() else Path.home() / ".cache"
    environment.setdefault("NUMBA_CACHE_DIR", str(folder / "filmedia" / "kernels"))


def checked_token(text: str) -> str:
    token = text.strip()
    if not _TOKEN.fullmatch(token):
        raise BadArguments("What was given is no token: it holds none, or characters of no token.")
    return token


def load(path: Path) -> Account | None:
    """What was kept at sign-in, or None where nothing was."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Account(
            url=addresses.origin(kept["url"]),
            token=checked_token(kept["token"]),
            token_id=str(kept.get("token_id", "")),
            username=str(kept.get("username", "")),
            insecure=kept.get("insecure") is True,
        )
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ClientError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError, BadArguments):
        # Whatever is wrong with it is not shown: it may hold a token.
        raise ClientError(f"{path} is damaged. Sign in again: filmedia login URL") from None


def save(account: Account, path: Path) -> None:
    """Keep it durably: another process reads the old file or the new one, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.parent.chmod(0o700)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".config-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            # mkstemp made it 0600.
            json.dump(asdict(account), file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def forget(path: Path) -> None:
    path.unlink(missing_ok=True)


def current(path: Path, environment: Mapping[str, str] = os.environ) -> Account:
    """The account that a command uses. SignInNeeded where there is none."""
    url, token = environment.get("FILMEDIA_URL", ""), environment.get("FILMEDIA_TOKEN", "")
    if url and token:
        return Account(addresses.origin(url), checked_token(token))
    kept = load(path)
    if url and (kept is None or kept.url != addresses.origin(url)):
        raise SignInNeeded(
            f"There is no token for {addresses.origin(url)}. Set FILMEDIA_TOKEN, or sign in: "
            f"filmedia login {addresses.origin(url)}"
        )
    if kept is None and token:
        raise SignInNeeded("FILMEDIA_TOKEN is set; FILMEDIA_URL has to say of which library.")
    if kept is None:
        raise SignInNeeded("Sign in first: filmedia login URL")
    if token:
        return Account(kept.url, checked_token(token), insecure=kept.insecure)
    return kept
