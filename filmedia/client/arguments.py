"""What can be typed after `filmedia`, with examples."""

from __future__ import annotations

from argparse import (
    ArgumentParser,
    ArgumentTypeError,
    Namespace,
    RawDescriptionHelpFormatter,
    _SubParsersAction,
)
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from filmedia.client import listing
from filmedia.client.errors import BadArguments

_EXIT_CODES = """
exit codes:
  0  it worked
  1  it failed, or a film is not what it should be
  2  stopped with Ctrl-C; the same command goes on
  3  sign in first, or your account may not do that
"""
_ENVIRONMENT = """
environment:
  FILMEDIA_URL, FILMEDIA_TOKEN   beat what `filmedia login` kept
  SSL_CERT_FILE                  certificates of an authority of your own
"""


class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        # Not by exit: argparse would take code 2, which means "stopped" here.
        raise BadArguments(f"{message[:1].upper()}{message[1:]}. See {self.prog} --help")


Commands = _SubParsersAction


def parse(arguments: Sequence[str] | None) -> Namespace:
    """BadArguments says what cannot be understood."""
    parser = _Parser(
        prog="filmedia",
        description="A filmedia library from the command line.",
        epilog=_EXIT_CODES + _ENVIRONMENT,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for add in (_login, _logout, _upload, _ls, _get, _verify):
        add(commands)
    return parser.parse_args(arguments)


def _command(commands: Commands[_Parser], name: str, what: str, examples: str) -> _Parser:
    parser = commands.add_parser(
        name,
        help=what,
        description=f"{what[:1].upper()}{what[1:]}.",
        epilog=f"examples:\n{examples}{_EXIT_CODES}",
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help="results as JSON, a document a line")
    parser.add_argument("--quiet", "-q", action="store_true", help="results and errors only")
    parser.add_argument(
        "--insecure",
        action="store_true",
        help="send the token over plain http, where others can read it",
    )
    return parser


def _login(commands: Commands[_Parser]) -> None:
    parser = _command(
        commands,
        "login",
        "sign in at a library and keep a token for it",
        "  filmedia login https://films.example.org\n"
        "  filmedia login 127.0.0.1:8000 --username ada --password-stdin < secret\n"
        "  pass show filmedia | filmedia login https://films.example.org --token-stdin\n",
    )
    parser.add_argument("url", metavar="URL", help="the library's address")
    parser.add_argument("--username", default="", metavar="NAME")
    parser.add_argument("--device", default="", metavar="NAME", help="what to call this machine")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--password-stdin", action="store_true", help="read the password from there")
    how.add_argument("--token-stdin", action="store_true", help="use a token that you have")


def _logout(commands: Commands[_Parser]) -> None:
    _command(commands, "logout", "revoke the token and forget it", "  filmedia logout\n")


def _upload(commands: Commands[_Parser]) -> None:
    parser = _command(
        commands,
        "upload",
        "upload films, and go on with what was begun",
        "  filmedia upload harbour.mp4\n"
        "  filmedia upload ~/Films --visibility members --tag alps --tag winter\n"
        '  filmedia upload a.mp4 --title "Harbour at dawn" --language en --json\n',
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files and folders")
    parser.add_argument("--title", default="", help="of one film; else its file's name")
    parser.add_argument("--description", default="", metavar="TEXT")
    parser.add_argument("--visibility", choices=["private", "members", "public"], default="")
    parser.add_argument("--tag", action="append", default=[], type=_tag, metavar="TAG")
    parser.add_argument("--collection", default="", metavar="NAME")
    parser.add_argument("--language", default="", metavar="CODE", help="as in fr or pt-BR")
    parser.add_argument("--jobs", type=_count, default=2, metavar="N", help="files at once (2)")
    parser.add_argument("--no-wait", action="store_true", help="until received, not until stored")
    parser.add_argument("--again", action="store_true", help="also what the library has already")


def _ls(commands: Commands[_Parser]) -> None:
    parser = _command(
        commands,
        "ls",
        "list films",
        "  filmedia ls\n"
        "  filmedia ls harbour --state stored --mine\n"
        "  filmedia ls --all --json | jq -r .id\n",
    )
    parser.add_argument("query", nargs="?", default="", metavar="QUERY", help="words to look for")
    parser.add_argument("--tag", action="append", default=[], metavar="TAG", help="any of these")
    parser.add_argument("--collection", default="", metavar="NAME")
    parser.add_argument("--state", type=_state, metavar="STATE", help=_STATES)
    parser.add_argument("--mine", action="store_true", help="only those of your own")
    many = parser.add_mutually_exclusive_group()
    many.add_argument("--limit", type=_number, default=50, metavar="N", help="at most (50)")
    many.add_argument("--all", action="store_true", help="all of them")


def _get(commands: Commands[_Parser]) -> None:
    parser = _command(
        commands,
        "get",
        "download a film, verified; an interrupted download goes on",
        "  filmedia get vid_3k9x2m4p\n"
        "  filmedia get vid_3k9x2m4p -o ~/Films/\n"
        "  filmedia get vid_3k9x2m4p -o - | mpv -\n",
    )
    parser.add_argument("film", metavar="ID", help="a film's id or PieceCID")
    parser.add_argument("-o", "--output", metavar="PATH", help="a file, a folder, or - for stdout")
    parser.add_argument("--force", action="store_true", help="overwrite a file that is there")


def _verify(commands: Commands[_Parser]) -> None:
    parser = _command(
        commands,
        "verify",
        "check that a film's bytes are those that the library names",
        "  filmedia verify vid_3k9x2m4p vid_8w2n6c1d\n"
        "  filmedia verify vid_3k9x2m4p --file harbour.mp4\n",
    )
    parser.add_argument("films", nargs="+", metavar="ID", help="ids or PieceCIDs")
    parser.add_argument(
        "--file", type=Path, metavar="PATH", help="compare this file, instead of downloading"
    )


_STATES = ", ".join(state.replace("_", "-") for state in listing.STATES)


def _state(text: str) -> str:
    state = text.lower().replace("-", "_")
    if state not in listing.STATES:
        raise ArgumentTypeError(f"it is one of {_STATES}")
    return state


def _tag(text: str) -> str:
    if "," in text or not text.strip():
        raise ArgumentTypeError("a tag has no comma; say --tag once for each")
    return text.strip()


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:9]) == int(text):
        raise ArgumentTypeError("a number from 1 on")
    return int(text)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= 8:
        raise ArgumentTypeError("a number from 1 to 8")
    return int(text)
