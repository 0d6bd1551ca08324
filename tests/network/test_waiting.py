"""What is missing before a byte is sent: said in words, waited for, and then it goes on."""

from __future__ import annotations

import pytest
from eth_account import Account

from filmedia.filecoin.errors import WrongChain
from library.models import Addition, Copy, Step, Video
from library.network import connection
from tests.foc.network import USDFC

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.xdist_group("network"),
]


@pytest.fixture
def poor(net, settings):
    """A payer without money, approval or access; its key."""

    def make(*, usdfc=0, approved=False, days=None):
        key = "0x" + bytes(Account.create().key).hex()
        address = Account.from_key(key).address
        net.chain.give_fil(address, 10**20)
        if usdfc:
            net.fund(usdfc, key=key)
        if approved:
            net.approve(key=key)
        if days is not None:
            net.authorise(days=days, key=key)
        settings.FILECOIN_OWNER = address
        connection.close()
        return key

    return make


def waits(stage, video, words):
    """The store step waits with these words, and no provider has heard of the film."""

    def said():
        step = video.steps.get(kind=Step.Kind.STORE)
        return words in step.error

    stage.work_until(said)
    video.refresh_from_db()
    step = video.steps.get(kind=Step.Kind.STORE)
    assert step.state == Step.State.WAITING
    assert "safe" in step.error
    assert video.state == Video.State.RECEIVED
    assert video.staging
    assert not Copy.objects.filter(piece__video=video, holder__isnull=False).exists()
    assert not Addition.objects.exists()


def test_without_money_it_says_how_much_and_goes_on_once_it_is_there(stage, poor, net):
    key = poor(approved=True, days=90)
    video = stage.film()
    waits(stage, video, "Add 0.31 USDFC")
    net.fund(1, key=key)
    stage.payer = Account.from_key(key).address
    _asked_long_ago()
    stage.work(video)


def test_without_an_approval_it_asks_for_one(stage, poor, net):
    key = poor(usdfc=10, days=90)
    video = stage.film()
    waits(stage, video, "approve it")
    net.approve(key=key)
    _asked_long_ago()
    stage.work(video)


def test_an_allowance_that_is_too_small_is_told(stage, poor, net):
    key = poor(usdfc=10, days=90)
    net.approve(key=key, rate=10**6, lockup=USDFC)
    waits(stage, stage.film(), "limit")


@pytest.mark.parametrize(
    ("days", "words"),
    [
        pytest.param(None, "never allowed", id="never allowed"),
        pytest.param(-1, "expired", id="expired"),
        pytest.param(0.01, "expired or ends within the hour", id="about to expire"),
    ],
)
def test_without_access_it_asks_to_renew_it_and_goes_on_then(stage, poor, net, days, words):
    key = poor(usdfc=10, approved=True, days=days)
    video = stage.film()
    waits(stage, video, words)
    net.authorise(days=30, key=key)
    _asked_long_ago()
    stage.work(video)


def test_without_a_session_key_it_says_so(stage, settings):
    settings.FILECOIN_SESSION_KEY = ""
    connection.close()
    waits(stage, stage.film(), "FILECOIN_SESSION_KEY")


def test_a_node_that_is_away_is_waited_for(stage, settings, net):
    settings.FILECOIN_RPC_URLS = ["http://127.0.0.1:9"]
    connection.close()
    video = stage.film()
    waits(stage, video, "cannot be reached")
    settings.FILECOIN_RPC_URLS = []
    connection.close()
    stage.work(video)


def test_nothing_is_signed_for_a_node_of_another_chain(stage, settings, net, tmp_path):
    import json

    told = json.loads(net.description.read_text())
    told["info"]["chain_id"] = 314
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps(told))
    settings.FILECOIN_DEVNET = str(wrong)
    connection.close()
    waits(stage, stage.film(), "Nothing is signed")
    with pytest.raises(WrongChain):
        _ = connection.current().service


def test_money_that_runs_out_between_storing_and_committing_is_told_and_waited_for(
    stage, poor, net
):
    key = poor(usdfc=10, approved=True, days=90)
    for provider in net.providers:
        provider.faults(add_never_submitted=True)
    video = stage.film()
    stage.work_until(lambda: Addition.objects.filter(state="sent").exists())
    # The owner takes the approval back: what was stored cannot be paid for now.
    net.approve(False, key=key)
    for provider in net.providers:
        provider.well()

    def told():
        return Addition.objects.filter(help="approve").exists()

    stage.work_until(told)
    net.approve(key=key)
    stage.payer = Account.from_key(key).address
    stage.work(video)
    added = stage.added()
    assert len(added) == len(set(added)) == 6


def _asked_long_ago():
    """What was read of the chain is too old to be used again."""
    from datetime import timedelta

    from django.db.models import F

    from library.models import Reading

    Reading.objects.update(at=F("at") - timedelta(hours=2))
