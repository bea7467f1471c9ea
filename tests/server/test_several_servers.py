"""Several servers behind one address share log-ins: what counts at one counts at the others, and nobody slips in."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fakes import HashEmbedding
from log_in_parts import emptied, stored
from postgres_parts import cluster, running

from assistant import Assistant, Settings
from assistant.page.login import login_routes
from assistant.page.words import SAID
from assistant.server.access import Access
from assistant.server.accounts import Accounts
from assistant.server.app import build_app
from assistant.server.limits import LOG_INS
from assistant.server.sessions import COOKIE
from assistant.text.language import Language
from eval.load import served

NAME, PASSWORD = "미라", "아주 긴 비밀번호"
HTML = {"accept": "text/html"}
BASIC = httpx.BasicAuth(NAME.encode(), PASSWORD.encode())
Servers = list[httpx.Client]


@pytest.fixture
def team(settings: Settings, tmp_path: Path) -> Settings:
    Assistant(settings, embed_model=HashEmbedding()).index()
    Accounts(tmp_path / "accounts").put(NAME, PASSWORD)
    return replace(settings, serve_accounts=tmp_path / "accounts")


@contextmanager
def server(settings: Settings) -> Iterator[httpx.Client]:
    """The doors and the log-in page of a server, and a client of it that keeps no cookies of its own."""
    access = Access.to("127.0.0.1", settings)
    app = build_app(Assistant(settings, embed_model=HashEmbedding()), access)
    app.include_router(login_routes(access))
    with served(app) as address, httpx.Client(base_url=address, trust_env=False, timeout=60) as http:
        yield http


@pytest.fixture
def servers(team: Settings, postgres_address: str) -> Iterator[Servers]:
    emptied(postgres_address)
    shared = replace(team, serve_database=postgres_address)
    with server(shared) as one, server(shared) as other:
        yield [one, other]


def log_in(http: httpx.Client, name: str = NAME, password: str = PASSWORD) -> httpx.Response:
    said = http.post("/login", data={"name": name, "password": password})
    http.cookies.clear()
    return said


def logged_in(http: httpx.Client) -> dict[str, str]:
    """Log in, and return the header that a browser sends from then on, to whichever server."""
    said = log_in(http)
    assert said.status_code == 303
    return {"cookie": f"{COOKIE}={said.cookies[COOKIE]}"}


def statuses(servers: Servers, headers: dict[str, str]) -> list[int]:
    return [http.get("/api/notes", headers=headers).status_code for http in servers]


def test_who_logs_in_or_out_at_one_server_does_at_both(servers: Servers, postgres_address: str) -> None:
    cookie, other = logged_in(servers[0]), logged_in(servers[1])
    assert statuses(servers, cookie) == statuses(servers, other) == [200, 200]
    assert cookie["cookie"].partition("=")[2] not in stored(postgres_address)
    assert servers[1].get("/login", headers=cookie | HTML).headers["location"] == "./"  # there is nothing to log in for
    assert servers[1].post("/logout", headers=cookie).status_code == 303
    assert statuses(servers, cookie) == [401, 401] and statuses(servers, other) == [200, 200]
    assert servers[0].get("/", headers=cookie | HTML).headers["location"] == "/login"


def test_a_log_in_outlives_a_server_that_is_started_anew(team: Settings, postgres_address: str) -> None:
    emptied(postgres_address)
    shared = replace(team, serve_database=postgres_address)
    with server(shared) as one:
        cookie = logged_in(one)
    with server(shared) as again, server(replace(team, serve_database="")) as alone:
        assert statuses([again, alone], cookie) == [200, 401]


def test_a_tampered_cookie_is_nobodys_at_any_server(servers: Servers) -> None:
    cookie = logged_in(servers[0])["cookie"]
    for wrong in (
        cookie[:-1],
        cookie + "x",
        cookie.replace("=", "=x"),
        f"{COOKIE}=",
        f"{COOKIE}=%00",
        f'{COOKIE}="\\000"',
    ):
        assert statuses(servers, {"cookie": wrong}) == [401, 401], wrong
    assert statuses(servers, {"cookie": f"{cookie}; {COOKIE}=x"}) == [401, 401]
    assert statuses(servers, {"cookie": cookie}) == [200, 200]


def test_sessions_end_at_both_with_the_account_and_with_its_password(servers: Servers, team: Settings) -> None:
    accounts = Accounts(team.serve_accounts or Path())
    accounts.put("Zoe", PASSWORD)
    cookie, zoe = logged_in(servers[0]), f"{COOKIE}={log_in(servers[0], 'Zoe').cookies[COOKIE]}"
    accounts.put(NAME, "another password")
    accounts.remove("Zoe")
    assert statuses(servers, cookie) == statuses(servers, {"cookie": zoe}) == [401, 401]
    accounts.put("Zoe", PASSWORD)
    assert statuses(servers, {"cookie": zoe}) == [401, 401]


@pytest.mark.parametrize("changed", [{"serve_token": "another token"}, {"serve_token": ""}])
def test_a_session_ends_with_the_token_that_it_was_begun_by(
    team: Settings, postgres_address: str, changed: dict[str, str]
) -> None:
    emptied(postgres_address)
    shared = replace(team, serve_database=postgres_address, serve_token="a token")
    with server(shared) as one, server(replace(shared, **changed)) as other:  # type: ignore[arg-type]
        by_token = {"cookie": f"{COOKIE}={log_in(one, 'jun', 'a token').cookies[COOKIE]}"}
        assert statuses([one, other], by_token) == [200, 401]
        assert statuses([one, other], logged_in(one)) == [200, 200]


def test_wrong_passwords_are_counted_over_all_servers(servers: Servers) -> None:
    said = [log_in(servers[number % 2], password=f"wrong {number}").status_code for number in range(LOG_INS + 4)]
    assert said == [*[401] * LOG_INS, *[429] * 4]
    assert log_in(servers[1]).status_code == servers[0].get("/api/notes", auth=BASIC).status_code == 429
    assert log_in(servers[0], "Zoe", "x").status_code == 401  # another name


def test_programs_wrong_passwords_are_counted_over_all_servers(servers: Servers) -> None:
    wrong = httpx.BasicAuth(NAME.encode(), b"wrong wrong")
    said = [servers[number % 2].get("/api/notes", auth=wrong).status_code for number in range(LOG_INS + 2)]
    assert said == [*[401] * LOG_INS, 429, 429]


def test_guesses_at_once_are_hardly_more(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    checked, counting, admits = [], threading.Lock(), Accounts.admits

    def counted(self: Accounts, name: bytes, password: bytes) -> bool:
        with counting:
            checked.append(password)
        return admits(self, name, password)

    monkeypatch.setattr(Accounts, "admits", counted)
    with ThreadPoolExecutor(32) as guessing:
        said = list(
            guessing.map(lambda number: log_in(servers[number % 2], password=f"{number}").status_code, range(64))
        )
    # Two may be under way at each server when the last that is within the bound is counted.
    assert LOG_INS <= len(checked) < LOG_INS + 4 and set(said) == {401, 429} and said.count(401) == len(checked)


def test_while_the_database_is_away_nobody_comes_in_and_all_is_well_again_by_itself(team: Settings) -> None:
    with cluster() as folder:
        with running(folder) as database, server(team_at(team, database)) as one:
            cookie = logged_in(one)
        with server(team_at(team, database)) as http:
            refused(http, cookie)
            with running(folder):
                until(lambda: http.get("/readyz").status_code == 200)
                assert http.get("/api/notes", headers=cookie).status_code == 200
                assert http.get("/login", headers=cookie | HTML).headers["location"] == "./"
                assert http.get("/api/notes", headers={"authorization": "Bearer a token"}).status_code == 200
            refused(http, cookie)
            assert http.get("/livez").status_code == 200


def team_at(team: Settings, database: str) -> Settings:
    return replace(team, serve_database=database, serve_token="a token")


def refused(http: httpx.Client, cookie: dict[str, str]) -> None:
    """Try to come in by every way while the database is away."""
    ways = (cookie, {"authorization": "Bearer a token"}, {})
    for headers in ways[:2]:
        said = http.get("/api/notes", headers=headers)
        assert said.status_code == 503 and "\n" not in said.json()["error"] and "데이터베이스" in said.json()["error"]
        assert http.post("/v1/chat/completions", headers=headers, json={}).json()["error"]["type"] == "server_error"
    assert http.get("/api/notes", auth=BASIC).status_code == 503
    assert http.get("/api/notes").status_code == 401
    assert http.post("/logout", headers=cookie).status_code == 503  # it would not be one
    assert http.get("/", headers=cookie | HTML).headers["location"] == "/login"
    for language, accepted in ((Language.KO, "ko-KR,ko"), (Language.EN, "en")):
        told = SAID[language]["log_ins_away"]
        spoken = HTML | {"accept-language": accepted}
        tried = http.post("/login", data={"name": NAME, "password": PASSWORD}, headers=spoken)
        for said in (http.get("/login", headers=spoken), http.get("/login", headers=spoken | cookie), tried):
            assert said.status_code == 503 and told in said.text and "set-cookie" not in said.headers
    ready = http.get("/readyz")
    assert ready.status_code == 503 and ready.json()["ready"] is False
    assert "database" in ready.json()["error"] and "pg-" not in ready.text


def until(true: Callable[[], bool]) -> None:
    for _ in range(100):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come to that")


def test_a_server_that_asks_nobody_to_log_in_needs_no_database_for_it(settings: Settings, tmp_path: Path) -> None:
    away = replace(settings, serve_database=f"postgresql://notes@/postgres?host={tmp_path}")
    Assistant(settings, embed_model=HashEmbedding()).index()
    with server(away) as http:
        assert http.get("/api/notes").status_code == http.get("/readyz").status_code == 200
