"""Who may log in: names and passwords in a file that holds no password."""

import stat
from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.server.accounts import Accounts

each = pytest.mark.parametrize


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    made = Accounts(tmp_path / "in" / "accounts")
    made.put("미라", "비밀 번호 여덟자")
    made.put("zoé", "pässwort 1")
    return made


def test_a_right_password_admits_again_and_again_and_a_wrong_one_never(accounts: Accounts) -> None:
    for _ in range(2):
        assert accounts.admits("미라".encode(), "비밀 번호 여덟자".encode())
        assert accounts.admits("zoé".encode("latin-1"), "pässwort 1".encode("latin-1"))
        assert not accounts.admits("미라".encode(), b"pass")
        assert not accounts.admits("미라".encode(), "pässwort 1".encode())
        assert not accounts.admits(b"nobody", "pässwort 1".encode()) and not accounts.admits(b"", b"")
    assert accounts.names() == ["zoé", "미라"]


def test_the_file_holds_no_password_and_is_its_owners_alone(accounts: Accounts, tmp_path: Path) -> None:
    file = tmp_path / "in" / "accounts"
    text = file.read_text(encoding="utf-8")
    assert "여덟자" not in text and "pässwort" not in text and text.count("\n") == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_another_password_or_a_removed_account_counts_at_once(accounts: Accounts, tmp_path: Path) -> None:
    other = Accounts(tmp_path / "in" / "accounts")
    assert accounts.admits("zoé".encode(), "pässwort 1".encode())
    other.put("zoé", "another one")
    other.remove("미라")
    assert not accounts.admits("zoé".encode(), "pässwort 1".encode())
    assert accounts.admits("zoé".encode(), b"another one") and accounts.names() == ["zoé"]
    assert not accounts.admits("미라".encode(), "비밀 번호 여덟자".encode())


@each(
    ("name", "password"),
    [("", "long enough"), ("a:b", "long enough"), (" a", "long enough"), ("a", "short"), ("a\n", "x" * 9)],
)
def test_what_is_no_name_or_too_short_is_refused_in_one_line(accounts: Accounts, name: str, password: str) -> None:
    with pytest.raises(SettingsError) as raised:
        accounts.put(name, password)
    assert "\n" not in str(raised.value) and accounts.names() == ["zoé", "미라"]


@each("text", ["no account\n", "a:b:c:d\n", "a:====:x\n", "\x00"])
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "accounts"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="accounts"):
        Accounts(file).names()
    with pytest.raises(SettingsError, match="nobody"):
        Accounts(tmp_path / "none").remove("nobody")


def test_names_that_a_file_system_may_take_for_one_are_not_both_given(accounts: Accounts) -> None:
    accounts.put("Zo\u00eb", "a long password")
    for alike in ("zo\u00eb", "Zoe\u0308", "ZO\u00cb"):
        with pytest.raises(SettingsError, match="choose another") as told:
            accounts.put(alike, "a long password")
        assert "\n" not in str(told.value)
    accounts.put("Zo\u00eb", "another long one")  # a new password for the same
