"""The page in a real browser, over a real index: what a user sees, and that nothing leaves the machine."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from conftest import NOTES, REAL_MODELS, write_notes

from assistant import Settings
from assistant.update import update

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WEIGHTS = REAL_MODELS / "multilingual-e5-small"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is absent; apt-get install chromium"),
    pytest.mark.skipif(not WEIGHTS.exists(), reason="run: assistant models pull multilingual-e5-small"),
]
ARTEFACTS = Path(__file__).parent.parent / ".artefacts"
QUIET = ("no-sandbox", "disable-gpu", "disable-background-networking", "disable-component-update", "disable-sync")
PATIENCE = 120_000
"""Milliseconds for the first answer of a slow machine; the models are read in that time."""
CRANE = (
    "The Kelvin harbour crane lifts 90 tonnes <img src=http://127.0.0.1:9/x.png onerror=alert(1)> "
    "[x](javascript:alert(2)) ![a](http://127.0.0.1:9/y.png) <script>alert(3)</script> ${alert(4)}."
)
HOSTILE = f'---\ntitle: "<svg onload=alert(5)> Crane"\nurl: "javascript:alert(6)"\n---\n\n## <b>Load</b>\n\n{CRANE}\n'
WORDS = ["<img src=http://127.0.0.1:9/z.png onerror=alert(7)> "] + [f"word{number} " for number in range(2000)]


class EndlessModel(BaseHTTPRequestHandler):
    """An OpenAI-compatible server that writes slowly, and does not end in a test's time."""

    def log_message(self, *told: object) -> None:
        pass

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for word in WORDS:
            chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "endless"}
            delta = {"role": "assistant", "content": word}
            said = json.dumps(chunk | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
            try:
                self.wfile.write(f"data: {said}\n\n".encode())
            except OSError:
                return
            time.sleep(0.1)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, real_embedding: Any) -> dict[str, str]:
    """The environment of a server over the shared notes and a hostile one."""
    folder = tmp_path_factory.mktemp("page")
    notes = write_notes(folder / "notes", NOTES | {"crane.md": HOSTILE})
    settings = Settings(notes=notes, index=folder / "index", models=REAL_MODELS)
    update([notes], settings, lambda: real_embedding)
    return {"ASSISTANT_INDEX": str(settings.index), "ASSISTANT_MODELS": str(REAL_MODELS)}


@contextmanager
def served(folder: Path, environment: dict[str, str], llm: str) -> Iterator[str]:
    """Start the command, give the address that it says, and end it."""
    command = [sys.executable, "-m", "assistant", "serve", "--llm", llm, "--port", "0"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
    root = str(Path(__file__).parent.parent)
    out, err = folder / f"{llm}.out", folder / f"{llm}.err"
    with out.open("w") as stdout, err.open("w") as stderr:
        server = subprocess.Popen(
            command, cwd=folder, env=kept | {"PYTHONPATH": root} | environment, stdout=stdout, stderr=stderr
        )
    try:
        for _ in range(PATIENCE // 200):
            if "http://" in out.read_text() or server.poll() is not None:
                break
            time.sleep(0.2)
        said = out.read_text()
        assert said.startswith("The page is at http://127.0.0.1:") and said.count("\n") == 1, said + err.read_text()
        yield said.split()[-1]
        assert "Traceback" not in err.read_text()
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()


@pytest.fixture(scope="module")
def address(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("serve"), environment, "extractive") as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        flags = [f"--{flag}" for flag in QUIET]
        found = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=flags, timeout=PATIENCE)
        yield found
        found.close()


@contextmanager
def visit(browser: Any, address: str, locale: str, **looks: Any) -> Iterator[Any]:
    """Open the page; at the end, assert that it asked no other host for anything and opened no dialog."""
    context = browser.new_context(locale=locale, **{"viewport": {"width": 1280, "height": 800}, **looks})
    asked: list[str] = []
    dialogs: list[str] = []
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(address)
        page.wait_for_selector("#chat .example")
        yield page
        here = urlsplit(address).netloc
        assert asked and not [url for url in asked if urlsplit(url).netloc != here and not url.startswith("data:")]
        assert dialogs == []
    finally:
        context.close()


def ask(page: Any, question: str) -> None:
    page.fill("#asking textarea", question)
    page.press("#asking textarea", "Enter")


def answer_to(page: Any, question: str) -> str:
    """Ask, wait until the answer is whole, and return the last bubble's text."""
    ask(page, question)
    page.wait_for_selector("#evidence .badge")
    page.wait_for_selector("#ask", state="visible")
    return str(page.locator("#chat .bot.message").last.inner_text())


def picture(page: Any, name: str) -> None:
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"page-{name}.png", full_page=True)


@pytest.mark.parametrize(
    ("locale", "button", "question", "fact", "badges"),
    [
        ("ko-KR", "묻기", "녹차는 몇 도의 물에 우리나요?", "70도", ("노트에서 찾음", "일부만")),
        ("en-GB", "Ask", "Which flour is the sourdough starter fed with?", "rye", ("From your notes", "Partly")),
    ],
)
def test_a_question_gets_an_answer_and_the_words_it_rests_on(
    browser: Any, address: str, locale: str, button: str, question: str, fact: str, badges: tuple[str, str]
) -> None:
    with visit(browser, address, locale) as page:
        assert page.inner_text("#ask") == button
        said = answer_to(page, question)
        picture(page, locale)
        assert fact in said and "[1]" in said
        assert any(fact in marked for marked in page.locator("#evidence mark").all_inner_texts())
        assert page.inner_text("#evidence .badge") in badges
        assert "%" in page.inner_text("#evidence .confidence")


@pytest.mark.parametrize(
    ("locale", "question", "badge"),
    [
        ("en-US", "When does the next train to Busan leave?", "Not in your notes"),
        ("ko-KR", "부산행 다음 열차는 언제 출발하나요?", "노트에 없음"),
    ],
)
def test_a_question_that_the_notes_do_not_answer_gets_the_nearest_notes(
    browser: Any, address: str, locale: str, question: str, badge: str
) -> None:
    with visit(browser, address, locale, color_scheme="dark") as page:
        answer_to(page, question)
        picture(page, f"{locale}-unanswerable-dark")
        assert page.inner_text("#evidence .badge") == badge
        assert page.locator("#evidence details").count() >= 1 and page.locator("#evidence mark").count() == 0


def test_a_hostile_note_is_shown_literally(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        question = "How many tonnes does the Kelvin harbour crane lift? <img src=x onerror=alert(8)>"
        said = answer_to(page, question)
        picture(page, "hostile")
        # A link's address is not read to anyone as an answer; the rest stands there as text.
        assert "90 tonnes <img src=http://127.0.0.1:9/x.png onerror=alert(1)> [x] <script>alert(3)</script>" in said
        assert page.locator("#chat .user.message").last.inner_text() == question
        panel = page.inner_text("#evidence")
        assert "<svg onload=alert(5)> Crane" in panel and "javascript:alert(6)" in panel and "${alert(4)}" in panel
        for element in ("img", "script", "a", "b", "svg[onload]"):
            assert page.locator(f"#chat .message {element}, #evidence {element}").count() == 0


def test_an_empty_question_changes_nothing(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        answer_to(page, "Who is the librarian?")
        before = page.inner_text("#chat")
        ask(page, "   ")
        # The page takes one question at a time: this one must be over before the next, which no element shows.
        page.wait_for_timeout(3000)
        # Were it answered, the evidence of this later question could not follow directly on the first.
        answer_to(page, "When does the reading room close?")
        page.wait_for_function("document.querySelectorAll('#chat .user.message').length == 2")
        assert page.inner_text("#chat").startswith(before)


def test_on_a_phone_the_panels_stand_below_each_other(browser: Any, address: str) -> None:
    with visit(browser, address, "ko-KR", viewport={"width": 390, "height": 844}) as page:
        answer_to(page, "미리내 망원경의 주거울은 지름이 얼마인가요?")
        picture(page, "phone")
        chat, evidence = page.locator("#chat").bounding_box(), page.locator("#evidence").bounding_box()
        assert evidence["y"] >= chat["y"] + chat["height"] and evidence["width"] > 300
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_stop_ends_an_answer_and_the_next_question_can_be_asked(
    browser: Any, environment: dict[str, str], tmp_path: Path
) -> None:
    model = ThreadingHTTPServer(("127.0.0.1", 0), EndlessModel)
    model.daemon_threads = True
    threading.Thread(target=model.serve_forever, daemon=True).start()
    place = {"ASSISTANT_LLM_ADDRESS": f"http://127.0.0.1:{model.server_port}/v1", "ASSISTANT_LLM_MODEL": "endless"}
    try:
        with served(tmp_path, environment | place, "openai-like") as address, visit(browser, address, "en-US") as page:
            for turn in (1, 2):
                ask(page, "Which flour is the sourdough starter fed with?")
                page.wait_for_function("document.querySelector('#chat').innerText.includes('word3')")
                picture(page, f"writing-{turn}")
                assert WORDS[0].strip() in page.locator("#chat .bot.message").last.inner_text()
                assert not page.locator("#chat [aria-label=Clear]").is_visible()
                page.click("#stop")
                page.wait_for_selector("#ask", state="visible")
                page.wait_for_function("!document.querySelector('#chat').innerText.includes('word3')")
                assert page.locator("#chat .bot.message").all_inner_texts()[-1].strip() == "Stopped."
            assert page.locator("#chat .user.message").count() == 2
            page.click("#chat [aria-label=Clear]")
            page.wait_for_selector("#chat .example")
    finally:
        model.shutdown()
        model.server_close()
