"""Who may come in: the names of this server and its log-ins, as the bytes of a header give them."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from assistant import Settings
from assistant.errors import SettingsError
from assistant.server.access import Access, is_own

each = pytest.mark.parametrize
TOKEN, USER, PASSWORD = "tøken-é", "zoé", "pässwort"


def on_the_wire(value: bytes) -> str:
    """Return what a server makes of a header's bytes."""
    return value.decode("latin-1")


@pytest.fixture
def access(settings: Settings) -> Access:
    log_in = {"serve_user": USER, "serve_password": PASSWORD, "serve_token": TOKEN}
    return Access.to("127.0.0.1", replace(settings, **log_in))  # type: ignore[arg-type]


@each("encoding", ["utf-8", "latin-1"])
def test_a_log_in_in_any_letters_works_in_either_encoding(access: Access, encoding: str) -> None:
    assert access.admits(on_the_wire(b"Bearer " + TOKEN.encode(encoding)))
    for pair in (f"{USER}:{PASSWORD}", f"any:{TOKEN}"):
        assert access.admits(on_the_wire(b"Basic " + base64.b64encode(pair.encode(encoding))))


@each(("host", "own"), [("127.0.0.1", "127.0.0.1:7860"), ("0.0.0.0", "192.168.0.5")])
def test_behind_a_proxy_its_names_are_known_besides_the_server_s_own(settings: Settings, host: str, own: str) -> None:
    given = replace(settings, serve_names="Notes.Example.org, notes", serve_token="t0ken")
    access = Access.to(host, given)
    assert all(access.knows(name) for name in ("notes.example.org", "NOTES.example.org:443", "notes", own))
    assert not any(access.knows(name) for name in ("example.org", "notes.example.org.evil", "a.notes.example.org"))
    assert not access.local and not Access.to(host, replace(given, serve_names="")).knows("notes.example.org")


def test_behind_a_proxy_a_log_in_is_needed_on_this_machine_too(settings: Settings) -> None:
    with pytest.raises(SettingsError, match=r"found '127.0.0.1, notes.example.org'.*ASSISTANT_SERVE_TOKEN"):
        Access.to("127.0.0.1", replace(settings, serve_names="notes.example.org"))


@each("names", ["https://notes.example.org", "notes.example.org:443", "notes/", "notes.example.org; b"])
def test_what_is_no_name_of_a_proxy_is_one_line(settings: Settings, names: str) -> None:
    with pytest.raises(SettingsError, match="without a port"):
        Access.to("127.0.0.1", replace(settings, serve_names=names, serve_token="t0ken"))


@each("token", ["비밀", "🗝", "t0ken", "a b", "é"])
def test_a_token_in_any_letters_works_as_bearer(settings: Settings, token: str) -> None:
    access = Access.to("127.0.0.1", replace(settings, serve_token=token))
    assert access.admits(on_the_wire(b"Bearer " + token.encode()))
    assert not access.admits(on_the_wire(b"Bearer " + token.encode() + b"x"))


@each(
    "given",
    [
        "Basic éé".encode("latin-1"),
        "Basic éé".encode(),
        "Basic 비밀".encode(),
        b"Basic \xff\xfe",
        b"Basic",
        b"Basic ====",
        b"Basic " + base64.b64encode(b"no colon"),
        b"Basic " + base64.b64encode(b"\xff\xfe:\xff"),
        b"Bearer \xff",
        "Bearer tøken".encode(),
        b"",
        b" ",
        b"\xe9\xe9",
        b"Negotiate abc",
    ],
)
def test_what_is_no_log_in_is_refused_and_nothing_breaks(access: Access, given: bytes) -> None:
    assert not access.admits(on_the_wire(given))


@each(
    "host",
    [
        *("a, 127.0.0.1", "127.0.0.1, evil.example", "127.0.0.1:80, evil.example", "127.0.0.1 evil.example"),
        *("127.0.0.1/evil.example", "evil.example@127.0.0.1", "127.0.0.1#evil.example", "127.0.0.1?evil.example"),
        *("127.0.0.1:80:80", "127.0.0.1:", "127.0.0.1:port", "[::1", "::1", "[::1]evil", "127.0.0.1;evil", ""),
        *("127.0.0.1\\evil.example", "127.0.0.1%00", "evil.example:127.0.0.1", "localhost.evil.example"),
    ],
)
@each("listens", ["127.0.0.1", "0.0.0.0"])
def test_a_host_is_one_name_of_this_server_and_at_most_a_port(settings: Settings, listens: str, host: str) -> None:
    assert not Access.to(listens, replace(settings, serve_token="t")).knows(host)


@each(
    ("origin", "host", "own"),
    [
        ("http://127.0.0.1:7860", "127.0.0.1:7860", True),
        ("https://notes.example", "Notes.Example", True),
        ("http://127.0.0.1:7861", "127.0.0.1:7860", False),
        ("null", "127.0.0.1", False),
        ("file://127.0.0.1", "127.0.0.1", False),
        ("http://[", "127.0.0.1", False),
    ],
)
def test_a_page_is_ours_under_the_name_that_it_was_asked_for(origin: str, host: str, own: bool) -> None:
    assert is_own(origin, host) is own


@each("half", [{"serve_user": "u"}, {"serve_password": "p"}])
def test_half_a_log_in_is_none(settings: Settings, half: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="together"):
        Access.to("127.0.0.1", replace(settings, **half))
