"""The token: kept for one library, readable by one person, shown to nobody."""

import stat

import pytest

from filmedia.client import account
from filmedia.client.account import Account
from filmedia.client.errors import BadArguments, ClientError, SignInNeeded

TOKEN = "t0ken" * 8
URL = "https://films.example.org"


@pytest.fixture
def config(tmp_path):
    return tmp_path / "some" / "filmedia" / "config.json"


@pytest.fixture
def kept(config):
    account.save(Account(URL, TOKEN, "tok_1", "ada"), config)
    return config


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_only_its_owner_can_read_it(kept):
    assert (mode(kept), mode(kept.parent)) == (0o600, 0o700)
    assert [path.name for path in kept.parent.iterdir()] == ["config.json"]


def test_a_folder_that_others_could_read_is_closed(config):
    config.parent.mkdir(parents=True, mode=0o755)
    account.save(Account(URL, TOKEN), config)
    assert mode(config.parent) == 0o700


def test_it_comes_back_as_it_was(kept):
    assert account.load(kept) == Account(URL, TOKEN, "tok_1", "ada")
    account.forget(kept)
    assert account.load(kept) is None
    account.forget(kept)


def test_a_new_one_replaces_the_old_one_whole_or_not_at_all(kept, monkeypatch):
    def full(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("json.dump", full)
    with pytest.raises(OSError, match="No space"):
        account.save(Account("https://other.example.org", "x" * 20), kept)
    assert account.load(kept).token == TOKEN
    assert [path.name for path in kept.parent.iterdir()] == ["config.json"]


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"url": 3}', f'{{"token": "{TOKEN}"}}', "\udc80"]
)
def test_a_damaged_file_is_said_without_showing_it(kept, damage):
    kept.write_bytes(damage.encode(errors="surrogateescape"))
    with pytest.raises(ClientError) as refused:
        account.load(kept)
    assert "Sign in again" in str(refused.value)
    assert TOKEN not in str(refused.value)


def test_the_environment_beats_the_file(kept):
    there = {"FILMEDIA_URL": "https://other.example.org", "FILMEDIA_TOKEN": "another"}
    assert account.current(kept, there) == Account("https://other.example.org", "another")
    assert account.current(kept, {"FILMEDIA_TOKEN": "another"}).token == "another"
    assert account.current(kept, {"FILMEDIA_URL": f"{URL}/"}).token == TOKEN


def test_a_kept_token_never_goes_to_another_library(kept):
    with pytest.raises(SignInNeeded, match="There is no token for"):
        account.current(kept, {"FILMEDIA_URL": "https://evil.example.org"})


def test_without_any_account_one_is_told_to_sign_in(config):
    with pytest.raises(SignInNeeded, match="filmedia login"):
        account.current(config, {})
    with pytest.raises(SignInNeeded, match="FILMEDIA_URL"):
        account.current(config, {"FILMEDIA_TOKEN": TOKEN})


def test_what_is_no_token_is_refused_without_being_shown(kept):
    with pytest.raises(BadArguments) as refused:
        account.current(kept, {"FILMEDIA_TOKEN": "two\nlines of secret"})
    assert "secret" not in str(refused.value)


def test_no_representation_shows_it():
    assert TOKEN not in repr(Account(URL, TOKEN))


def test_where_it_is_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    there = tmp_path / ".config" / "filmedia" / "config.json"
    assert account.config_file({}) == there
    assert account.config_file({"XDG_CONFIG_HOME": "not/absolute"}) == there
    named = account.config_file({"XDG_CONFIG_HOME": "/elsewhere"})
    assert str(named) == "/elsewhere/filmedia/config.json"
