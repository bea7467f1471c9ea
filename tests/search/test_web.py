"""Web search against a server on this machine, well-behaved and otherwise."""

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from assistant.config import Settings
from assistant.search import web
from assistant.search.web import RESULTS, SearXNG, Tavily, build_web

KEY = "tvly-very-secret"
PAGES = [
    {"url": "https://example.org/a", "title": "Cranes", "content": "The crane lifts 800 tons."},
    {"url": "https://example.org/b", "title": "크레인", "content": "크레인은 800톤을 든다."},
]
Reply = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """Answers as its `reply` does; keeps the requests that it got."""

    def __init__(self) -> None:
        self.reply: Reply = said({"results": PAGES})
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.asked.append((self.command, self.path, dict(self.headers), body))
                outer.reply(self)

            do_GET = do_POST = _serve

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_address[1]}"


def sent(body: bytes, status: int = 200, **headers: str) -> Reply:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def said(value: object) -> Reply:
    return sent(json.dumps(value, ensure_ascii=False).encode())


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.http.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.http.shutdown()
    thread.join()
    made.http.server_close()


def test_searxng_is_asked_for_json_and_its_results_become_passages(server: Server) -> None:
    found = SearXNG(server.address + "/").search("crane 크레인")
    (method, path, headers, body), *more = server.asked
    assert not more and (method, body) == ("GET", b"")
    assert urlsplit(path).path == "/search"
    assert parse_qs(urlsplit(path).query) == {"q": ["crane 크레인"], "format": ["json"]}
    assert [page.text for page in found] == [page["content"] for page in PAGES]
    assert [page.source for page in found] == [page["url"] for page in PAGES]
    assert [page.language for page in found] == ["en", "ko"]
    assert all((page.start, page.end) == (0, len(page.text)) for page in found)
    assert found[0].title == "Cranes" and found[0].url == PAGES[0]["url"]


def test_tavily_is_asked_by_key(server: Server) -> None:
    found = Tavily(KEY, server.address).search("크레인")
    method, path, headers, body = server.asked[0]
    assert (method, path, headers["Authorization"]) == ("POST", "/search", f"Bearer {KEY}")
    assert json.loads(body) == {"query": "크레인", "max_results": RESULTS}
    assert len(found) == 2


def test_odd_results_are_left_out_and_long_ones_cut(server: Server) -> None:
    odd = [
        "text", None, {"url": "javascript:alert(1)", "content": "x"}, {"url": "https://example.org/c"},
        {"url": "https://example.org/d e", "content": "x"}, {"url": 7, "content": "x"}, {**PAGES[0], "content": ""},
        PAGES[0], PAGES[0], {"url": "https://example.org/e", "title": None, "content": "a\u200bb" + "c" * 5000},
    ]  # fmt: skip
    server.reply = said({"results": odd + [{"url": f"https://example.org/{n}", "content": "x"} for n in range(20)]})
    found = SearXNG(server.address).search("crane")
    assert len(found) == RESULTS
    assert [page.url for page in found[:2]] == ["https://example.org/a", "https://example.org/e"]
    assert found[1].text.startswith("abc") and len(found[1].text) == 2000
    assert found[1].title == "https://example.org/e"


def slow(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(0.6)


def dripping(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):  # the one that asked has gone
        for _ in range(8):
            handler.wfile.write(b" ")
            time.sleep(0.1)


BROKEN = {
    "an error status": (sent(f"no {KEY}".encode(), 500), "answered 500"),
    "a refused key": (sent(b"{}", 401), "answered 401"),
    "a page": (sent(b"<html>results</html>"), "not JSON"),
    "other bytes": (sent(b"\xff\xfe{}"), "not JSON"),
    "deep JSON": (sent(b"[" * 200_000), "not JSON"),
    "JSON of another kind": (said(["results"]), "holds no results"),
    "no list": (said({"results": {"a": 1}}), "holds no results"),
    "too much": (sent(b'"' + b"x" * (web.LARGEST + 10) + b'"'), "more than"),
    "a redirect elsewhere": (sent(b"", 302, Location="http://192.0.2.1/search"), "answered 302"),
    "silence": (slow, "in time"),
    "a drip": (dripping, "in time"),
}


@pytest.mark.parametrize(("reply", "reason"), BROKEN.values(), ids=BROKEN)
def test_what_goes_wrong_is_one_line_and_no_results(
    server: Server,
    reply: Reply,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    if reason == "in time":  # what comes at once may take its time on a machine that is busy
        monkeypatch.setattr(web, "WAIT", 0.3)
        monkeypatch.setattr(web, "SECONDS", 0.4)
    server.reply = reply
    with caplog.at_level(logging.DEBUG):
        assert Tavily(KEY, server.address).search("비밀 crane") == []
    ours = [record for record in caplog.records if record.name == "assistant.search.web"]
    assert len(ours) == 1 and reason in ours[0].getMessage() and "\n" not in ours[0].getMessage()
    assert KEY not in caplog.text
    assert "crane" not in ours[0].getMessage()
    assert len(server.asked) == 1


def test_a_refused_connection_and_an_address_that_is_none_bring_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert SearXNG(f"http://127.0.0.1:{port}").search("crane") == []
    assert SearXNG("http://127.0.0.1:port").search("crane") == []
    assert len(caplog.records) == 2


def test_a_key_that_cannot_be_sent_is_not_shown(caplog: pytest.LogCaptureFixture, server: Server) -> None:
    for key in (f"{KEY}\n", f"{KEY}열쇠"):
        assert Tavily(key, server.address).search("crane") == []
    assert KEY not in caplog.text and len(caplog.records) == 2


def test_nothing_is_asked_unless_the_settings_switch_it_on() -> None:
    assert build_web(Settings()) is None
    assert build_web(Settings(web_address="http://127.0.0.1:1", web_key=KEY)) is None
    assert build_web(Settings(web="searxng", web_address="http://127.0.0.1:1")) == SearXNG("http://127.0.0.1:1")
    tavily = build_web(Settings(web="tavily", web_key=KEY))
    assert tavily == Tavily(KEY) and KEY not in repr(tavily)
