"""The library's side of the Filecoin network: state, money, access, and moving films there."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from filmedia.filecoin.errors import FilecoinError, Reverted, SigningRefused
from library.errors import Refusal
from library.network import connection, reports
from library.network.errors import NotReady
from library.storing.errors import StepError

DAY = 24 * 3600
# What the command ends with, beside 0 for "done".
FAILED, UNCONFIRMED, NEEDS_FUNDS = 1, 2, 3


class Command(BaseCommand):
    help = "Ends with 0 done, 1 failed, 2 not confirmed, 3 needs funds or access."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

        def action(name: str, help: str) -> ArgumentParser:
            made = actions.add_parser(name, help=help)
            made.add_argument("--json", action="store_true", help="for programs")
            return made

        action("status", "the account, the session key, the data sets, in a few lines")
        action("providers", "who there is, and why some are not used")
        action("prices", "the storage service's price list")
        quote = action("quote", "what storing SIZE costs")
        quote.add_argument("size", help='bytes, or with a unit: "10GB", "1.5TiB"')
        quote.add_argument("--copies", type=int)
        quote.add_argument("--months", type=int, default=1)
        fund = action("fund", "deposit USDFC, with the owner's key")
        fund.add_argument("amount", help="USDFC")
        approve = action("approve", "let the storage service use the deposit")
        approve.add_argument("--rate", help="at most so many USDFC a month; else unlimited")
        approve.add_argument("--lockup", help="at most so many USDFC; else unlimited")
        session = action("session-key", "the key with which the server signs")
        session.add_argument("what", choices=["new", "authorise", "revoke"])
        session.add_argument("--days", type=int, default=90, help="how long it may sign")
        session.add_argument("--address", help="of another session key than ours")
        wallet = action("wallet-requests", "the same for a browser's wallet, as requests to sign")
        wallet.add_argument("--deposit", default="", help="USDFC")
        wallet.add_argument("--days", type=int, default=90, help="how long the server may sign")
        for owners in (fund, approve, session):
            owners.add_argument(
                "--owner-key-file", type=Path, help="a file with the owner's private key"
            )
            owners.add_argument("--yes", action="store_true", help="do not ask")
        action("datasets", "our data sets and their proofs")
        action("reconcile", "compare chain, providers and database, and mend")
        store = action("store", "have one film stored once more, as it should be")
        store.add_argument("film", help="the film's id")
        move = action("move-to", "move the films of this machine to a network")
        move.add_argument("network")
        move.add_argument("--film", help="one film only")
        move.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        self._json = bool(options["json"])
        try:
            if connection.is_local():
                raise Refusal(
                    "This library stores on `local`: there is no network to speak of. "
                    "Set FILECOIN_NETWORK; docs/operations.md tells how."
                )
            self._show(getattr(self, "_" + action.replace("-", "_"))(options))
        except NotReady as error:
            self._end(str(error), NEEDS_FUNDS)
        except SigningRefused as error:
            self._end(str(error), NEEDS_FUNDS)
        except Reverted as error:
            needs = getattr(error, "help", "") in {"deposit", "approve", "raise limit", "renew key"}
            self._end(str(error), NEEDS_FUNDS if needs else FAILED)
        except (Refusal, FilecoinError, StepError, ImproperlyConfigured) as error:
            self._end(str(error), FAILED)
        finally:
            connection.close()

    # --- reading ----------------------------------------------------------------------

    def _status(self, options: dict[str, Any]) -> reports.Report:
        return reports.status(connection.current())

    def _providers(self, options: dict[str, Any]) -> reports.Report:
        return reports.providers(connection.current())

    def _prices(self, options: dict[str, Any]) -> reports.Report:
        return reports.prices(connection.current())

    def _quote(self, options: dict[str, Any]) -> reports.Report:
        return reports.quote(
            connection.current(),
            reports.size_of(options["size"]),
            copies=options["copies"],
            months=options["months"],
        )

    def _datasets(self, options: dict[str, Any]) -> reports.Report:
        return reports.data_sets(connection.current())

    # --- the owner's ------------------------------------------------------------------

    def _fund(self, options: dict[str, Any]) -> reports.Report:
        from filmedia.filecoin.money import amounts

        amount = amounts.parse(options["amount"])
        owner = self._owner(options)
        self._ask(f"Deposit {amounts.shown(amount)} from {owner.address}?", options)
        return reports.transaction("Deposited", owner.fund(amount, approve=self._unapproved()))

    def _unapproved(self) -> bool:
        from library.network import readings

        return not readings.account(connection.current())[1].approved

    def _approve(self, options: dict[str, Any]) -> reports.Report:
        owner, allowances = self._owner(options), reports.allowances(options)
        self._ask("Let the storage service use the deposit of this account?", options)
        return reports.transaction("Approved", owner.approve(allowances))

    def _session_key(self, options: dict[str, Any]) -> reports.Report:
        from filmedia.filecoin.signing.keys import SESSION_OPERATIONS
        from library.network import owner

        if options["what"] == "new":
            return reports.session_key(owner.make_session_key())
        signer = options["address"] or connection.current().signer.address
        acting = self._owner(options)
        if options["what"] == "revoke":
            self._ask(f"Revoke the session key {signer}? Uploads will wait.", options)
            return reports.transaction("Revoked", acting.revoke(signer))
        days = options["days"]
        self._ask(f"Let {signer} store and remove films for {days} days?", options)
        expiry = int(time.time()) + days * DAY
        return reports.transaction(
            "Authorised", acting.authorise(signer, expiry, SESSION_OPERATIONS)
        )

    def _wallet_requests(self, options: dict[str, Any]) -> reports.Report:
        from filmedia.filecoin.money import amounts
        from library.network import owner

        at = connection.current()
        deposit = amounts.parse(options["deposit"]) if options["deposit"] else 0
        expiry = int(time.time()) + options["days"] * DAY
        found = owner.wallet_requests(
            at, connection.owner(), deposit=deposit, signer=at.signer.address, expiry=expiry
        )
        return reports.wallet(found)

    def _owner(self, options: dict[str, Any]) -> Any:
        from library.network import owner

        if options["owner_key_file"] is None:
            raise Refusal(
                "This needs the owner's wallet: --owner-key-file FILE with its private key, or "
                "a browser's wallet on the Funds page."
            )
        acting = owner.Owner(connection.current(), owner.read_key(options["owner_key_file"]))
        if acting.address != connection.owner():
            raise Refusal(
                f"That key is of {acting.address}, and FILECOIN_OWNER is {connection.owner()}."
            )
        return acting

    # --- films ------------------------------------------------------------------------

    def _reconcile(self, options: dict[str, Any]) -> reports.Report:
        return reports.reconcile(connection.current())

    def _store(self, options: dict[str, Any]) -> reports.Report:
        from library.network import moving

        return reports.stored(moving.store(options["film"]))

    def _move_to(self, options: dict[str, Any]) -> reports.Report:
        from library.network import moving

        at = connection.current()
        if options["network"] != at.network.name:
            raise Refusal(f"FILECOIN_NETWORK is {at.network.name}; films can be moved there only.")
        films = moving.movable(options["film"])
        self._show(reports.moving(at, films))
        self._ask(f"Store {len(films):,} films on {at.network.title}?", options)
        return reports.moved(moving.move(films))

    # --- speaking ---------------------------------------------------------------------

    def _ask(self, question: str, options: dict[str, Any]) -> None:
        if options["yes"]:
            return
        if not sys.stdin.isatty():
            self._end(f"{question} Nobody can be asked here; say --yes.", UNCONFIRMED)
        if input(f"{question} [y/N] ").strip().lower() not in {"y", "yes"}:
            self._end("Nothing was done.", UNCONFIRMED)

    def _show(self, report: reports.Report) -> None:
        if self._json:
            self.stdout.write(json.dumps(report.data, indent=1, default=str))
        else:
            self.stdout.write("\n".join(report.lines))

    def _end(self, sentence: str, code: int) -> None:
        if self._json:
            self.stdout.write(json.dumps({"error": sentence, "code": code}))
        raise CommandError(sentence, returncode=code)
