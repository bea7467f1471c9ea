"""Accounts with notes of their own: each one's questions, lists, pages and conversations are of its notes alone."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from browser_parts import IN_CHROMIUM, answer_to, picture
from fakes import HashEmbedding

from assistant import Assistant, Settings
from assistant.page.exchanges import Exchange, Talk, dumped
from assistant.page.mount import apart, mount_page
from assistant.server.access import Access
from assistant.server.accounts import Accounts
from assistant.server.app import build_app
from eval.load import served

PASSWORD = "a long password"
NOTES = {
    "미라": ("heron.md", "# Heron\n\nThe heron Balthasar nests on the ninth pylon."),
    "Zoe": ("stork.md", "# Stork\n\nThe stork Cordelia nests on the old brewery."),
}


@pytest.fixture
def own(settings: Settings, tmp_path: Path) -> Settings:
    accounts = Accounts(tmp_path / "accounts")
    for name in (*NOTES, "../escape"):
        accounts.put(name, PASSWORD)
    for name, (file, text) in NOTES.items():
        (tmp_path / "own" / name).mkdir(parents=True)
        (tmp_path / "own" / name / file).write_text(text, encoding="utf-8")
    return replace(
        settings,
        llm="extractive",
        serve_accounts=tmp_path / "accounts",
        serve_own_notes=tmp_path / "own",
        serve_token="for programs",
    )


@contextmanager
def standing(settings: Settings) -> Iterator[str]:
    assistant = Assistant(settings, embed_model=HashEmbedding())
    assistant.index()
    access = Access.to("127.0.0.1", settings)
    app = build_app(assistant, access, apart(assistant, access, None))
    mount_page(app, assistant, None)
    with served(app) as address:
        yield address


@contextmanager
def clients(settings: Settings, *names: str) -> Iterator[tuple[httpx.Client, ...]]:
    """Give a client for each account, once its notes are indexed."""
    with standing(settings) as address, ExitStack() as open_ones:
        found = tuple(
            open_ones.enter_context(
                httpx.Client(base_url=address, trust_env=False, timeout=60, auth=(name.encode(), PASSWORD.encode()))
            )
            for name in names
        )
        for http, name in zip(found, names, strict=True):
            wait_for(http, [NOTES[name][0]] if name in NOTES else None)
        yield found


def wait_for(http: httpx.Client, sources: list[str] | None) -> None:
    pause = threading.Event()
    for _ in range(300):
        said = http.get("/api/notes")
        if sources is None or (said.status_code == 200 and [note["source"] for note in said.json()] == sources):
            return
        pause.wait(0.1)
    raise AssertionError(said.text)


def ask(http: httpx.Client, question: str) -> Any:
    return http.post("/api/ask", json={"question": question}).json()


def test_each_one_asks_lists_and_reads_their_own_notes_alone(own: Settings) -> None:
    with clients(own, *NOTES) as (mira, zoe):
        heron, stork = "Where does the heron Balthasar nest?", "Where does the stork Cordelia nest?"
        assert "ninth pylon" in ask(mira, heron)["answer"] and "brewery" in ask(zoe, stork)["answer"]
        for http, question in (
            (mira, stork),
            (zoe, heron),
            (zoe, "At how many degrees is the loaf baked under a lid?"),
        ):
            answer = ask(http, question)
            assert not {"ninth", "brewery", "250"} & set(str(answer).replace(".", " ").split())
        assert zoe.get("/api/note", params={"source": "heron.md"}).status_code == 404
        assert zoe.get("/api/note", params={"source": "../미라/heron.md"}).status_code == 404
        assert mira.get("/api/note", params={"source": "heron.md"}).json()["title"] == "Heron"
        assert [hit["source"] for hit in zoe.post("/api/search", json={"query": "heron"}).json()] == ["stork.md"]


def test_conversations_of_ones_own_notes_lie_beside_their_own_index(own: Settings) -> None:
    talk = dumped(Talk((Exchange("Where is it?"),), "a1"))
    with clients(own, *NOTES) as (mira, zoe):
        assert mira.put("/conversations/a1", json={"text": talk}).status_code == 200
        assert zoe.get("/conversations").json() == [] and len(mira.get("/conversations").json()) == 1
    assert (own.index.with_name("own") / "미라" / "conversations.sqlite").is_file()


def test_a_name_that_is_no_folder_is_refused_and_makes_none(own: Settings, tmp_path: Path) -> None:
    with clients(own, "../escape") as (http,):
        for path in ("/", "/api/notes", "/gradio_api/queue/data"):
            said = http.get(path)
            assert said.status_code == 403 and "folder" in said.json()["error"]
    assert {place.name for place in (tmp_path / "own").iterdir()} == set(NOTES)
    assert not (tmp_path / "escape").exists()


@pytest.mark.parametrize("name", ["zoe", "nul"])
def test_a_folder_that_another_system_takes_for_another_one_is_nobodys(
    own: Settings, tmp_path: Path, name: str
) -> None:
    """A proxy may send names that differ by capitals alone, and their folders must not be one on any system."""
    proxied = replace(own, serve_accounts=None, serve_user_header="x-user")
    with standing(proxied) as address:
        for sent, status in ((name, 403), ("Zoe", 200)):
            assert httpx.get(f"{address}/api/notes", headers={"x-user": sent}, trust_env=False).status_code == status
    assert {place.name for place in (tmp_path / "own").iterdir()} == set(NOTES)


def test_who_has_no_name_asks_the_shared_notes(own: Settings) -> None:
    headers = {"authorization": "Bearer for programs"}
    with standing(own) as address, httpx.Client(base_url=address, trust_env=False, headers=headers) as http:
        assert "sourdough.md" in {note["source"] for note in http.get("/api/notes").json()}


def test_many_first_requests_at_once_make_one_application(own: Settings) -> None:
    with (
        standing(own) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=60, auth=("Zoe", PASSWORD)) as http,
        ThreadPoolExecutor(8) as pool,
    ):
        assert set(pool.map(lambda _: http.get("/api/notes").status_code, range(8))) == {200}


class TestPage:
    pytestmark = IN_CHROMIUM

    def test_a_page_over_ones_own_notes_takes_more_of_them(self, browser: Any, own: Settings, tmp_path: Path) -> None:
        (tmp_path / "crane.md").write_text("# Crane\n\nThe crane Leonora lifts 90 tonnes.", encoding="utf-8")
        with standing(own) as address:
            page = browser.new_context(locale="en-US").new_page()
            page.goto(address)
            page.fill("[name=name]", "Zoe")
            page.fill("[name=password]", PASSWORD)
            page.click("button")
            page.wait_for_selector("#tree .title:has-text('Stork')", timeout=60_000)
            assert page.locator("#tree .title").all_inner_texts() == ["Stork"]
            page.set_input_files("#side input[type=file]", str(tmp_path / "crane.md"))
            page.wait_for_selector("#tree .title:has-text('Crane')")
            assert "90 tonnes" in answer_to(page, "How many tonnes does the crane Leonora lift?")
            picture(page, "own-notes")
            page.context.close()
        assert (tmp_path / "own" / "Zoe" / "crane.md").is_file()
