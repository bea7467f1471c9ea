"""A server for several people: log-ins that end, each one's conversations, bounds, and lines about who asked."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from browser_parts import IN_CHROMIUM, answer_to, picture
from fakes import HashEmbedding

from assistant import Assistant, Settings
from assistant.cli.main import main
from assistant.errors import SettingsError
from assistant.page.exchanges import Exchange, Talk, dumped
from assistant.page.mount import mount_page
from assistant.page.words import SAID
from assistant.server.access import Access
from assistant.server.accounts import Accounts
from assistant.server.app import build_app
from assistant.server.limits import LOG_INS, QUESTIONS
from assistant.text.language import Language
from eval.load import served

NAME, PASSWORD = "미라", "아주 긴 비밀번호"
HTML = {"accept": "text/html"}


@pytest.fixture
def team(settings: Settings, tmp_path: Path) -> Settings:
    accounts = Accounts(tmp_path / "accounts")
    accounts.put(NAME, PASSWORD)
    accounts.put("Zoe", PASSWORD)
    return replace(settings, serve_accounts=tmp_path / "accounts", serve_audit=tmp_path / "audit.jsonl")


@contextmanager
def standing(settings: Settings) -> Iterator[str]:
    assistant = Assistant(settings, embed_model=HashEmbedding())
    assistant.index()
    app = build_app(assistant, Access.to("127.0.0.1", settings))
    mount_page(app, assistant, None)
    with served(app) as address:
        yield address


@contextmanager
def client(settings: Settings, **more: Any) -> Iterator[httpx.Client]:
    with standing(settings) as address, httpx.Client(base_url=address, trust_env=False, timeout=60, **more) as found:
        yield found


def log_in(http: httpx.Client, name: str = NAME, password: str = PASSWORD) -> httpx.Response:
    return http.post("/login", data={"name": name, "password": password})


def test_a_cookie_opens_what_is_closed_without_one_until_one_logs_out(team: Settings) -> None:
    with client(team) as http:
        closed = http.get("/", headers=HTML)
        assert (closed.status_code, closed.headers["location"]) == (303, "/login")
        assert http.get("/api/notes").status_code == 401
        assert 'name="password"' in http.get("/login", headers=HTML | {"accept-language": "ko-KR"}).text
        wrong = log_in(http, password="falsch falsch")
        assert wrong.status_code == 401 and SAID[Language.EN]["wrong_log_in"] in wrong.text and not http.cookies
        cookie = log_in(http).headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite=strict" in cookie and "max-age" in cookie
        assert http.get("/api/notes").status_code == http.get("/", headers=HTML).status_code == 200
        assert http.post("/logout").headers["location"] == "login"
        assert http.get("/api/notes").status_code == 401


def test_a_log_in_ends_with_the_account_and_with_its_password(team: Settings) -> None:
    accounts = Accounts(team.serve_accounts or Path())
    with client(team) as http:
        log_in(http)
        assert http.get("/api/notes").status_code == 200
        accounts.put(NAME, "another password")
        assert http.get("/api/notes").status_code == 401
        log_in(http, "Zoe")
        accounts.remove("Zoe")
        assert http.get("/api/notes").status_code == 401


def test_a_token_is_nobodys_password(team: Settings) -> None:
    with client(replace(team, serve_token="t0ken-of-a-program")) as http:
        assert http.get("/api/notes", headers={"authorization": "Bearer t0ken-of-a-program"}).status_code == 200
        assert log_in(http, "Zoe", "t0ken-of-a-program").status_code == 401


def test_programs_send_name_and_password_with_each_request(team: Settings) -> None:
    with client(team, auth=httpx.BasicAuth(NAME.encode(), PASSWORD.encode())) as http:
        assert http.get("/api/notes").status_code == 200
    with client(team, auth=httpx.BasicAuth(b"Zoe", b"wrong wrong")) as http:
        answers = [http.get("/api/notes").status_code for _ in range(LOG_INS + 1)]
        assert answers == [*[401] * LOG_INS, 429]
        right = httpx.BasicAuth(b"Zoe", PASSWORD.encode())
        assert http.get("/api/notes", auth=right).status_code == 429  # a guess that is right does not count then
        assert http.get("/api/notes", auth=httpx.BasicAuth(NAME.encode(), PASSWORD.encode())).status_code == 200


def test_each_ones_conversations_are_apart(team: Settings) -> None:
    with standing(team) as address:
        heads = {}
        for name in (NAME, "Zoe"):
            with httpx.Client(base_url=address, trust_env=False, timeout=60) as http:
                log_in(http, name)
                if name == NAME:
                    kept = http.put("/conversations/a", json={"text": dumped(Talk((Exchange("누구?"),), "a"))})
                    assert kept.status_code == 200
                heads[name] = http.get("/conversations").json()
        assert [head["title"] for head in heads[NAME]] == ["누구?"] and heads["Zoe"] == []


def test_a_line_tells_who_asked_and_not_what(team: Settings) -> None:
    with client(team) as http:
        log_in(http)
        http.post("/api/ask", json={"question": "녹차는 몇 도의 물에 우려?"})
        http.get("/api/search?query=secret")
    lines = [json.loads(line) for line in (team.serve_audit or Path()).read_text(encoding="utf-8").splitlines()]
    asked = next(line for line in lines if line["path"] == "/api/ask")
    assert next(line for line in lines if line["path"] == "/login")["who"] == NAME
    assert (asked["who"], asked["method"], asked["status"]) == (NAME, "POST", 200) and asked["seconds"] > 0
    assert not {"녹차", "secret", PASSWORD} & set(str(lines).replace("'", " ").split())


def test_one_person_asks_so_much_a_minute(team: Settings) -> None:
    with client(team) as http:
        log_in(http)
        said = [http.post("/api/ask", json={}).status_code for _ in range(QUESTIONS + 1)]
        assert said == [*[400] * QUESTIONS, 429]


def test_a_proxy_on_this_machine_says_who_it_is(settings: Settings) -> None:
    trusted = replace(settings, serve_user_header="X-Forwarded-User")
    with client(trusted) as http:
        assert http.get("/api/notes").status_code == 401
        named = {"x-forwarded-user": "mira"}
        assert http.get("/api/notes", headers=named).status_code == 200
        assert http.get("/api/notes", headers=[*named.items(), *named.items()]).status_code == 401
    access = Access.to("0.0.0.0", trusted)
    assert access.person("", "", "mira", "192.168.0.9") is None and access.person("", "", "mira", "127.0.0.1") == "mira"


def test_accounts_are_added_listed_and_removed_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "accounts"
    monkeypatch.setenv("ASSISTANT_SERVE_ACCOUNTS", str(file))
    with pytest.raises(SettingsError, match="accounts add"):
        Access.to("0.0.0.0", Settings.read())

    def run(*arguments: str) -> int:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a long password\n")))
        return main(["accounts", *arguments])

    assert run("add", "mira") == 0
    assert Accounts(file).admits(b"mira", b"a long password")
    assert run() == 0 and capsys.readouterr().out.split() == ["mira", "mira"]
    assert run("remove", "mira") == 0 and Accounts(file).names() == []
    assert run("remove", "mira") == 1


@IN_CHROMIUM[0]
@IN_CHROMIUM[1]
@pytest.mark.parametrize(("language", "locale"), [(Language.KO, "ko-KR"), (Language.EN, "en-US")])
def test_one_logs_in_asks_and_logs_out_in_a_browser(
    browser: Any, team: Settings, language: Language, locale: str
) -> None:
    said = SAID[language]
    with standing(team) as address, browser.new_context(locale=locale) as context:
        page = context.new_page()
        page.goto(address)
        page.get_by_label(said["user"]).fill(NAME)
        page.get_by_label(said["password"]).fill("falsch falsch")
        page.keyboard.press("Enter")
        assert said["wrong_log_in"] in page.inner_text("[role=alert]")
        picture(page, f"login-{language}")
        page.get_by_label(said["user"]).fill(NAME)
        page.get_by_label(said["password"]).fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("#said .suggestion:visible")
        assert "70도" in answer_to(page, "녹차는 몇 도의 물에 우리나요?")
        page.click(f"button:visible:has-text('{said['log_out']}')")
        page.wait_for_selector("input[name=password]")
        page.goto(address)
        assert page.url.endswith("/login")
