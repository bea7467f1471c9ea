"""Who may come in: names and origins, log-ins, and what every response says to a browser."""

import base64
import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import pytest
from browser_parts import IN_CHROMIUM, answer_to
from fakes import HashEmbedding, opened, write_notes
from six_notes import LOAF

from assistant import Assistant, Settings
from assistant.errors import SettingsError
from assistant.page import notebook
from assistant.page.mount import mount_page
from assistant.server.access import Access
from assistant.server.app import build_app
from assistant.server.forms import without_folders
from assistant.server.log_ins import InMemory
from eval.load import served

PATHS = ["/", "/config", "/api/openapi.json", "/api/note?source=녹차.md", "/v1/models", "/mcp"]
each = pytest.mark.parametrize


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("guard")
    settings = Settings(notes=write_notes(folder / "notes"), index=folder / "index", embedding="hash", llm="extractive")
    return opened(settings, HashEmbedding())


@contextmanager
def visited(assistant: Assistant, settings: Settings, wrong: int = 10_000) -> Iterator[httpx.Client]:
    """Serve all that `assistant serve` serves, and give a client of it."""
    access = replace(Access.to("127.0.0.1", settings), log_ins=InMemory(most=wrong))
    assistant = Assistant(settings, embed_model=HashEmbedding())
    app = build_app(assistant, access)
    mount_page(app, assistant, None)
    with served(app) as address, httpx.Client(base_url=address, trust_env=False, timeout=60) as found:
        yield found


@pytest.fixture(scope="module")
def http(assistant: Assistant) -> Iterator[httpx.Client]:
    with visited(assistant, assistant.settings) as found:
        yield found


@pytest.fixture(scope="module")
def locked(assistant: Assistant) -> Iterator[httpx.Client]:
    """A client of a server that asks for a log-in."""
    log_in = {"serve_user": "미라", "serve_password": "비밀 번호", "serve_token": "t0ken"}
    with visited(assistant, replace(assistant.settings, **log_in)) as found:  # type: ignore[arg-type]
        yield found


def basic(user: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def test_page_and_doors_are_served_together(http: httpx.Client) -> None:
    assert '"title":"노트 조수 · Notes assistant"' in http.get("/").text
    assert [http.get(path).status_code for path in PATHS[:5]] == [200] * 5
    assert http.get("/mcp").status_code == http.delete("/mcp").status_code == 405
    for path in PATHS:
        headers = http.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")
        assert "uvicorn" not in headers.get("server", "")


@each("path", PATHS)
@each("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "10.0.0.1", "[::2]", "a]b", ""])
def test_another_name_for_this_machine_is_refused(http: httpx.Client, path: str, host: str) -> None:
    said = http.get(path, headers={"host": host})
    assert said.status_code == 400
    assert path in ("/v1/models",) or "Host" in said.json()["error"]


@each("path", [*PATHS, "/gradio_api/queue/join", "/gradio_api/upload"])
@each("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1", "file://", "", "http://["])
def test_another_pages_requests_are_refused(http: httpx.Client, path: str, origin: str) -> None:
    said = http.post(path, headers={"origin": origin}, content=b"{}")
    assert said.status_code == 403 and "access-control-allow-origin" not in said.headers
    preflight = http.options(path, headers={"origin": origin, "access-control-request-method": "POST"})
    assert preflight.status_code == 403 and "access-control-allow-origin" not in preflight.headers


def test_what_a_browser_calls_cross_site_gets_no_notes(http: httpx.Client) -> None:
    for path in PATHS[2:]:
        assert http.get(path, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert http.get("/", headers={"sec-fetch-site": "cross-site"}).status_code == 200  # a link may lead here


def test_the_pages_own_requests_pass(http: httpx.Client) -> None:
    own = {"origin": str(http.base_url).rstrip("/"), "sec-fetch-site": "same-origin"}
    said = http.post("/api/search", json={"query": "렌즈"}, headers=own)
    assert said.status_code == 200 and said.headers["cache-control"] == "no-store"


def test_an_upload_is_bounded(http: httpx.Client) -> None:
    with closing(HTTPConnection(http.base_url.host, http.base_url.port)) as connection:
        connection.putrequest("POST", "/gradio_api/upload")
        connection.putheader("content-length", str(10**9))
        connection.endheaders()
        assert connection.getresponse().status == 413  # before anything was sent
    small = http.post("/gradio_api/upload", files={"files": ("a.md", b"more than one byte")})
    assert small.status_code == 200


@each("path", PATHS)
@each(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": "Bearer"},
        {"authorization": "Basic !"},
        {"authorization": "Digest t0ken"},
        basic("미라", "wrong"),
        basic("else", "비밀 번호"),
        basic("미라", ""),
        {"authorization": "Bearer 비밀".encode().decode("latin-1")},
    ],
)
def test_who_does_not_log_in_stays_outside(locked: httpx.Client, path: str, headers: dict[str, str]) -> None:
    raw: Any = {name: value.encode("latin-1") for name, value in headers.items()}
    said = locked.get(path, headers=raw)
    assert said.status_code == 401 and said.headers["www-authenticate"].startswith("Basic")
    assert "t0ken" not in said.text and "비밀 번호" not in said.text


@each(
    "headers",
    [
        basic("미라", "비밀 번호"),
        {"authorization": "Bearer t0ken"},
        {"authorization": "bearer t0ken"},
        basic("x", "t0ken"),
    ],
)
def test_who_logs_in_gets_page_and_doors(locked: httpx.Client, headers: dict[str, str]) -> None:
    for path in PATHS[:5]:
        assert locked.get(path, headers=headers).status_code == 200


@each("host", ["0.0.0.0", "192.168.0.5", "::", "example.org", "노트.example"])
def test_other_machines_need_a_log_in(settings: Settings, host: str) -> None:
    with pytest.raises(SettingsError, match="ASSISTANT_SERVE_TOKEN") as raised:
        Access.to(host, settings)
    assert "\n" not in str(raised.value)
    assert Access.to(host, replace(settings, serve_token="t")).token == "t"
    assert Access.to(host, replace(settings, serve_user="u", serve_password="p")).user == "u"


@each(
    ("host", "given", "known"),
    [
        ("127.0.0.1", "127.0.0.1:7860", True),
        ("127.0.0.1", "LOCALHOST:7860", True),
        ("127.0.0.1", "[::1]:7860", True),
        ("127.0.0.1", "192.168.0.5", False),
        ("0.0.0.0", "192.168.0.5:7860", True),
        ("0.0.0.0", "[fe80::1]:7860", True),
        ("0.0.0.0", "evil.example", False),
        ("::", "evil.example", False),
        ("192.168.0.5", "192.168.0.5", True),
        ("192.168.0.5", "192.168.0.6", False),
        ("notes.example", "Notes.Example:80", True),
        ("notes.example", "other.example", False),
    ],
)
def test_a_server_knows_its_own_names(settings: Settings, host: str, given: str, known: bool) -> None:
    assert Access.to(host, replace(settings, serve_token="t")).knows(given) is known


def test_keys_are_not_shown(settings: Settings) -> None:
    given = replace(settings, serve_user="u", serve_password="hidden-1", serve_token="hidden-2")
    assert "hidden" not in repr(given) + repr(Access.to("0.0.0.0", given))


@each(
    ("text", "left"),
    [
        ("no file at /home/zoe/x/y.md; see", "no file at y.md; see"),
        ("'/home/zoe/y.md'", "'y.md'"),
        (r"C:\home\zoe\y.md", "y.md"),
        ("~/notes/y.md", "y.md"),
        (
            "http://127.0.0.1:11434/v1 and/or 3/4 notes/a.md ./b/c",
            "http://127.0.0.1:11434/v1 and/or 3/4 notes/a.md ./b/c",
        ),
    ],
)
def test_a_path_is_cut_down_to_its_name(text: str, left: str) -> None:
    assert without_folders(text) == left


@each(
    ("method", "path"),
    [
        ("POST", "/gradio_api/run/predict"),
        ("POST", "/gradio_api/run/write"),
        ("POST", "/gradio_api/api/write"),
        ("POST", "/gradio_api/call/write"),
        ("POST", "/gradio_api/call/v2/write"),
        ("GET", "/gradio_api/call/write/1"),
        ("GET", "/gradio_api/file=/etc/hostname"),
        ("HEAD", "/gradio_api/file=/etc/hostname"),
        ("GET", "/gradio_api/file//etc/hostname"),
        ("GET", "/gradio_api/proxy=http://127.0.0.1:1/"),
        ("GET", "/gradio_api/info"),
        ("GET", "/gradio_api/openapi.json"),
        ("GET", "/gradio_api/stream/a/b/c/playlist.m3u8"),
        ("POST", "/gradio_api/component_server"),
        ("POST", "/gradio_api/process_recording"),
        ("GET", "/gradio_api/vibe-code"),
        ("GET", "/gradio_api/custom_component/a/client/component/index.js"),
        ("GET", "/gradio_api/queue/status"),
        ("GET", "/gradio_api//queue/data"),
        ("POST", "/gradio_api/upload/../run/write"),
        ("GET", "/file=/etc/hostname"),
        ("GET", "/monitoring"),
        ("POST", "/login"),
        ("GET", "/manifest.json"),
        ("GET", "/assets/..%2f..%2frequirements.txt"),
        ("GET", "/assets/%2e%2e/routes.py"),
        ("DELETE", "/"),
        ("OPTIONS", "/gradio_api/queue/join"),
    ],
)
def test_what_the_page_does_not_use_is_not_there(http: httpx.Client, method: str, path: str) -> None:
    said = http.request(method, path, content=b"{}" if method == "POST" else None)
    assert said.status_code == 404 and said.headers["content-type"] == "application/json"
    assert method == "HEAD" or (said.json().keys() == {"error"} and "\n" not in said.json()["error"])


@each(
    ("path", "body", "status"),
    [
        ("/gradio_api/queue/join", b"{", 400),
        ("/gradio_api/queue/join", b"{}", 400),
        ("/gradio_api/queue/join", b'{"data": [], "fn_index": 1}', 400),
        ("/gradio_api/queue/join", b'{"data": [], "fn_index": 99999, "session_hash": "a"}', 400),
        ("/gradio_api/cancel", b"[]", 422),
        ("/gradio_api/upload", b"no form", 400),
    ],
)
def test_an_error_of_gradios_is_one_line_and_nothing_is_printed(
    http: httpx.Client,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    path: str,
    body: bytes,
    status: int,
) -> None:
    said = http.post(path, content=body, headers={"content-type": "application/json"})
    assert said.status_code == status and said.json().keys() == {"error"} and "\n" not in said.json()["error"]
    assert "Traceback" not in capfd.readouterr().err + caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def pasted(http: httpx.Client, text: str, session: str) -> str:
    """Paste a note as a browser does, and return what the page makes of it."""
    config = http.get("/config").json()
    (field,) = [part["id"] for part in config["components"] if part["props"].get("elem_id") == "pasted"]
    (number,) = [event["id"] for event in config["dependencies"] if field in event["inputs"]]
    asked = {"data": ["pasted", text, ""], "fn_index": number, "session_hash": session}
    assert http.post("/gradio_api/queue/join", json=asked).status_code == 200
    with http.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as said:
        return next(line for line in said.iter_lines() if "process_completed" in line)


def test_an_event_that_fails_prints_nothing(
    http: httpx.Client, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Path:
        raise RuntimeError("nobody expected this")

    monkeypatch.setattr(notebook, "add", broken)
    told = pasted(http, "글", "failing")
    assert '"success":false' in told and "nobody expected" not in told
    assert "Traceback" not in capfd.readouterr().err


@each("size", [900_000, 20_000_000])
def test_a_note_that_is_pasted_may_be_as_large_as_a_note(
    http: httpx.Client, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    sizes: list[int] = []

    def added(folder: Path, name: str, data: bytes) -> Path:
        sizes.append(len(data))
        return folder / name

    monkeypatch.setattr(notebook, "add", added)
    text = "글\n" * (size // 4)
    assert '"success":true' in pasted(http, text, f"pasted{size}") and sizes == [size]
    body = {"data": ["large", text], "fn_index": 0, "session_hash": "a"}
    assert http.post("/gradio_api/cancel", json=body).status_code == 413  # what carries no note is small


def test_lengths_that_are_none_are_refused(http: httpx.Client) -> None:
    for length in ("9" * 20, "9" * 5000):
        with closing(HTTPConnection(http.base_url.host, http.base_url.port)) as connection:
            connection.putrequest("POST", "/api/ask")
            connection.putheader("content-length", length)
            connection.endheaders()
            assert connection.getresponse().status in (400, 413)


@each("header", ["authorization", "origin"])
def test_a_header_that_decides_comes_once(locked: httpx.Client, header: str) -> None:
    right = basic("미라", "비밀 번호")["authorization"]
    twice = [("authorization", right), (header, "Bearer t0ken" if header == "authorization" else "null")]
    assert locked.get("/v1/models", headers=twice).status_code in (401, 403)


@each("given", ["Basic éé", "Basic 비밀", "Bearer éé"])
def test_a_log_in_in_other_letters_is_refused_not_broken(locked: httpx.Client, given: str) -> None:
    for encoded in {given.encode(), given.encode("latin-1", "replace")}:
        assert locked.get("/v1/models", headers={b"authorization": encoded}).status_code == 401  # type: ignore[dict-item]


@pytest.mark.browser
@IN_CHROMIUM[1]
def test_the_page_asks_for_nothing_that_is_refused(browser: Any, http: httpx.Client, tmp_path: Path) -> None:
    refused: list[str] = []
    page = browser.new_context(locale="en-US").new_page()
    page.set_default_timeout(60_000)
    page.on("response", lambda said: refused.append(said.url) if said.status >= 400 else None)
    page.goto(str(http.base_url))
    page.wait_for_selector("#said .suggestion:visible")
    answer_to(page, LOAF)
    page.locator("#said .cite").first.click()
    page.click("[data-rated=down]")
    for number in range(4):
        page.locator("button[role=tab]").nth(number).click()
        if number == 1:
            (tmp_path / "heron.md").write_text("# Heron\n\nThe heron nests on the ninth pylon.\n", encoding="utf-8")
            page.set_input_files("#room-notes input[type=file]", str(tmp_path / "heron.md"))
            page.wait_for_selector("#list tr:has-text('heron.md')")
    page.reload()
    page.wait_for_selector("#said .turn", state="attached")
    page.context.close()
    assert refused == []
