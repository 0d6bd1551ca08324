"""`manage.py filecoin`: what it says to people and programs, and what it ends with."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from filmedia.filecoin.signing.keys import LocalKey
from library import places
from library.network import connection

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.xdist_group("network"),
]


def said(*arguments):
    out = io.StringIO()
    call_command("filecoin", *arguments, stdout=out)
    return out.getvalue()


def told(*arguments):
    return json.loads(said(*arguments, "--json"))


def refused(*arguments):
    with pytest.raises(CommandError) as error:
        said(*arguments)
    return str(error.value), error.value.returncode


@pytest.fixture
def key_file(stage, tmp_path):
    path = tmp_path / "owner.key"
    path.write_text(stage.key)
    return ["--owner-key-file", str(path), "--yes"]


def test_the_state_is_told_to_people_and_programs(stage):
    found = told("status")
    assert found["network"] == "devnet"
    assert found["owner"] == stage.payer
    assert found["balance"] == "100"
    assert found["session_key"]["address"] == stage.net.session
    assert found["session_key"]["problem"] == ""
    words = said("status")
    assert "100.00 USDFC" in words and stage.net.session in words
    assert stage.net.session_key[2:] not in words + json.dumps(found)


def test_providers_prices_and_quotes(stage, settings):
    settings.PIECE_SIZE = 127 * 2**21
    tiers = {one["id"]: one["tier"] for one in told("providers")}
    assert tiers[1] == "endorsed" and tiers[3] == "approved"
    assert told("prices")["storage_per_tib_per_month"] == "2500000000000000000"
    quote = told("quote", "1GiB", "--copies", "1")
    assert quote["one_time"] == "0.027"
    assert quote["ready"] is True
    assert "a month" in said("quote", "500 GB")


@pytest.mark.parametrize("size", ["", "0", "-1", "1.5", "ten", "1 XB", "1e9"])
def test_what_is_no_size_is_refused(stage, size):
    sentence, code = (
        refused("quote", "--", size) if size.startswith("-") else refused("quote", size)
    )
    assert code == 1 and sentence


def test_an_amount_with_too_many_decimals_is_refused_before_anything_happens(stage, key_file):
    sentence, code = refused("fund", "1.0000000000000000001", *key_file)
    assert "19 decimals" in sentence and code == 1


def test_a_deposit_and_a_limit_and_access(stage, key_file):
    stage.net.chain.mint(stage.payer, 10**19)
    assert "Deposited: 0x" in said("fund", "2.5", *key_file)
    assert told("status")["balance"] == "102.5"
    said("approve", "--rate", "1", "--lockup", "50", *key_file)
    assert "may bind 50.00 USDFC" in said("status")
    said("session-key", "revoke", *key_file)
    assert told("status")["session_key"]["problem"]
    said("session-key", "authorise", "--days", "3", *key_file)
    assert told("status")["session_key"]["days"] in {2, 3}


def test_more_than_there_is_needs_funds(stage, key_file):
    sentence, code = refused("fund", "1000000", *key_file)
    assert "not enough USDFC" in sentence and code == 3


def test_another_owners_key_and_no_key_are_refused(stage, tmp_path):
    path = tmp_path / "other.key"
    path.write_text(stage.net.owner_key)
    sentence, code = refused("approve", "--owner-key-file", str(path), "--yes")
    assert "FILECOIN_OWNER" in sentence and code == 1
    assert stage.net.owner_key[2:] not in sentence
    path.write_text("not a key")
    assert "not a key" not in refused("approve", "--owner-key-file", str(path), "--yes")[0]
    assert "owner's wallet" in refused("approve", "--yes")[0]


def test_nobody_is_asked_where_nobody_is(stage, key_file):
    sentence, code = refused("fund", "1", *key_file[:2])
    assert "say --yes" in sentence and code == 2


def test_a_session_key_is_made_once_and_never_shown(stage, settings):
    settings.FILECOIN_SESSION_KEY = ""
    connection.close()
    words = said("session-key", "new")
    kept = places.session_key().read_text()
    assert places.session_key().stat().st_mode & 0o777 == 0o600
    assert LocalKey(kept).address in words
    assert kept[2:] not in words
    assert "already" in refused("session-key", "new")[0]
    assert places.session_key().read_text() == kept


def test_a_wallet_gets_the_same_as_requests(stage):
    found = told("wallet-requests", "--deposit", "5")
    assert [one["purpose"] for one in found][-1] == "Allow the session key"
    assert all(one["request"]["from"] == stage.payer for one in found)


def test_a_film_is_stored_once_more_and_others_are_refused(stage, alice):
    video = stage.film()
    stage.work(video)
    assert video.pk in json.dumps(told("store", video.pk))
    assert told("datasets")[0]["pieces"] == 3
    assert "no film" in refused("store", "vid_nowhere")[0]
    assert "can be moved there only" in refused("move-to", "mainnet", "--yes")[0]
    assert told("reconcile")["found"] == []


def test_a_library_of_this_machine_has_no_network(stage, settings):
    settings.FILECOIN_NETWORK = "local"
    sentence, code = refused("status")
    assert "local" in sentence and code == 1


@pytest.mark.parametrize(
    ("owner", "words"),
    [
        pytest.param("", "FILECOIN_OWNER", id="none"),
        pytest.param("0x70997970c51812dc3A010C7d01b50e0d17dc79C8", "mistyped", id="checksum"),
        pytest.param("0x1234", "40 hexadecimal", id="short"),
    ],
)
def test_an_owner_that_is_none_is_told(stage, settings, owner, words):
    settings.FILECOIN_OWNER = owner
    assert words in refused("status")[0]
