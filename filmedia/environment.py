"""Reading environment variables, loudly when one is wrong. Only `settings` uses this."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

# Of a secret: what is shorter can be guessed.
LEAST_LETTERS = 32


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def number(name: str, default: int, *, least: int = 0) -> int:
    raw = text(name, str(default))
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} should be a whole number, got {raw!r}.") from None
    if value < least:
        raise ImproperlyConfigured(f"{name} should be at least {least}, got {value}.")
    return value


def switch(name: str, default: bool = False) -> bool:
    raw = text(name, "1" if default else "0").lower()
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} should be 1 or 0, got {raw!r}.")


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def choice(name: str, default: str, known: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in known:
        raise ImproperlyConfigured(f"{name} should be one of {', '.join(known)}; got {value!r}.")
    return value


def given_text(name: str) -> str:
    """`name` from the variable or from the file `name`_FILE points at, or ""."""
    if given := text(name):
        return given
    elsewhere = text(f"{name}_FILE")
    if not elsewhere:
        return ""
    try:
        return Path(elsewhere).read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name} cannot be read from {elsewhere}: {error}.") from None


def secret(name: str, folder: Path) -> str:
    """
    The secret `name`: from the variable, from the file `name`_FILE points at, or from
    `folder`, where it is made at the first start and readable by its owner alone.
    """
    if given := given_secret(name):
        return given
    kept = folder / name.lower()
    if not kept.exists():
        _make_secret(kept)
    return _read_secret(name, kept)


def given_secret(name: str) -> str:
    """The secret `name` from the variable or from the file `name`_FILE points at, or ""."""
    if given := text(name):
        if len(given) < LEAST_LETTERS:
            raise ImproperlyConfigured(f"{name} is shorter than {LEAST_LETTERS} characters.")
        return given
    elsewhere = text(f"{name}_FILE")
    return _read_secret(name, Path(elsewhere)) if elsewhere else ""


def given_or_kept_secret(name: str, kept: Path) -> str:
    """As `given_secret`; else from the file `kept`, where a command may have made it."""
    if given := given_secret(name):
        return given
    return _read_secret(name, kept) if kept.is_file() else ""


def given_secrets(name: str) -> list[str]:
    """As `given_secret`, for several: separated by commas or by lines."""
    return [one.strip() for one in re.split(r"[,\n]", given_secret(name)) if one.strip()]


def _read_secret(name: str, path: Path) -> str:
    try:
        value = path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name} cannot be read from {path}: {error}.") from None
    if len(value) < LEAST_LETTERS:
        raise ImproperlyConfigured(f"{name} in {path} is shorter than {LEAST_LETTERS} characters.")
    return value


def _make_secret(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    # Server and worker may both be starting for the first time: a link refuses to
    # replace, so whoever comes second takes the first one's secret.
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
