"""Conversations over HTTP: each log-in has its own, other pages have none, and a file of all of them is only text."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fakes import HashEmbedding, opened, write_notes

from assistant import Settings
from assistant.page.exchanges import Exchange, Talk, dumped
from assistant.page.mount import mount_page
from assistant.server.access import Access
from assistant.server.app import build_app
from eval.load import served

LOG_IN = {"serve_user": "미라", "serve_password": "비밀", "serve_token": "t0ken"}


@contextmanager
def visited(settings: Settings) -> Iterator[httpx.Client]:
    assistant = opened(settings, HashEmbedding())
    app = build_app(assistant, Access.to("127.0.0.1", settings))
    mount_page(app, assistant, None)
    with served(app) as address, httpx.Client(base_url=address, trust_env=False, timeout=60) as found:
        yield found


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("routes")
    return Settings(notes=write_notes(folder / "notes"), index=folder / "index", embedding="hash", llm="extractive")


@pytest.fixture(scope="module")
def http(settings: Settings) -> Iterator[httpx.Client]:
    with visited(settings) as found:
        yield found


def talk(id: str, question: str) -> dict[str, object]:
    return {"text": dumped(Talk((Exchange(question),), id))}


def test_a_conversation_is_kept_read_changed_and_removed(http: httpx.Client, settings: Settings) -> None:
    made = http.put("/conversations/a", json=talk("a", "누구?")).json()
    assert made["title"] == "누구?" and made["revision"] == 1 and made["text"] is None
    assert http.get("/conversations/a").json()["revision"] == 1
    assert http.put("/conversations/a", json={"name": "이름"}).json()["name"] == "이름"
    assert [head["name"] for head in http.get("/conversations", params={"words": "누구"}).json()] == ["이름"]
    assert http.get("/conversations", params={"words": "nobody"}).json() == []
    assert (settings.index.parent / "conversations.sqlite").is_file()
    assert http.delete("/conversations/a").status_code == 204
    assert http.get("/conversations/a").status_code == 204
    assert http.put("/conversations/a", json={"name": "x"}).status_code == 204


def test_what_the_page_would_not_send_is_refused_in_one_line(http: httpx.Client) -> None:
    for path, change in {
        "a": {"text": "no conversation"},
        "b": talk("other", "x"),
        "c": {"unknown": 1},
        "d": {"name": "n" * 201},
        "e.md": {"name": "x"},
        "..%2Fa": {"name": "x"},
        "f" * 65: {"name": "x"},
    }.items():
        answer = http.put(f"/conversations/{path}", json=change)
        assert answer.status_code in (400, 404), path
        assert "\n" not in answer.json()["error"]
    assert http.get("/conversations").json() == []


def test_other_pages_in_the_same_browser_have_none(http: httpx.Client) -> None:
    http.put("/conversations/a", json=talk("a", "mine"))
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"host": "evil.example"}):
        for path in ("/conversations", "/conversations/a", "/conversations/export.json"):
            answer = http.get(path, headers=headers)
            assert answer.status_code in (400, 403) and "mine" not in answer.text
    assert http.get("/conversations").headers["cache-control"] == "no-store"
    http.delete("/conversations/a")


def test_all_are_saved_as_text_in_which_nothing_is_markup(http: httpx.Client) -> None:
    hostile = "<script>alert(1)</script> [x](javascript:y) # *z*"
    for id in ("a", "b"):
        http.put(f"/conversations/{id}", json=talk(id, f"{id} {hostile}"))
    markdown, saved = (http.get(f"/conversations/export.{ending}") for ending in ("md", "json"))
    assert markdown.headers["content-disposition"] == 'attachment; filename="conversations.md"'
    assert markdown.text.count("\n## ") == 2 and "<script" not in markdown.text and "\\[x\\]" in markdown.text
    assert [one["exchanges"][0]["question"] for one in saved.json()] == [f"b {hostile}", f"a {hostile}"]
    for id in ("a", "b"):
        http.delete(f"/conversations/{id}")


def test_each_log_in_has_its_own(settings: Settings) -> None:
    with visited(replace(settings, **LOG_IN)) as http:  # type: ignore[arg-type]
        assert http.get("/conversations").status_code == 401
        mira, jun = ("미라".encode(), "비밀".encode()), ("jun", "t0ken")
        http.put("/conversations/a", json=talk("a", "mine"), auth=mira)  # type: ignore[arg-type]
        assert http.get("/conversations", auth=jun).json() == []
        assert http.get("/conversations/a", auth=jun).status_code == 204
        assert http.get("/conversations", headers={"authorization": "Bearer t0ken"}).json() == []
        (head,) = json.loads(http.get("/conversations", auth=mira).text)  # type: ignore[arg-type]
        assert head["title"] == "mine"


def test_a_damaged_file_is_told_without_its_folder(tmp_path: Path) -> None:
    settings = Settings(notes=write_notes(tmp_path / "notes"), index=tmp_path / "index", embedding="hash")
    with visited(replace(settings, llm="extractive")) as http:
        (tmp_path / "conversations.sqlite").write_bytes(b"no database at all, and long enough to be looked at" * 40)
        answer = http.get("/conversations")
        assert answer.status_code == 503
        assert "conversations.sqlite" in answer.json()["error"] and str(tmp_path) not in answer.text
