"""What the tests in a real browser share: the browser, a page that asks no other host, questions and screenshots."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fakes import HashEmbedding, ScriptedLLM

from assistant import Assistant, Settings
from assistant.page.mount import mount_page
from assistant.server.access import Access
from assistant.server.app import build_app
from assistant.server.arrival import Arrival
from eval.load import served


def chromium() -> str | None:
    """Return where Chromium is; None if it is not on this machine."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("/usr/bin/chromium")


CHROMIUM = chromium()
MAY_SKIP = CHROMIUM is None and os.environ.get("CI", "").lower() not in ("1", "true")
"""Whether the tests in a browser may be left out: a build of ours that has no Chromium must fail instead."""
IN_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.skipif(MAY_SKIP, reason="Chromium is absent; apt-get install chromium"),
]
BOX = "#box textarea, #box input"
ARTEFACTS = Path(__file__).parent.parent.parent / ".artefacts"
QUIET = ("no-sandbox", "disable-gpu", "disable-background-networking", "disable-component-update", "disable-sync")
PATIENCE = 60_000
"""Milliseconds for the first answer of a slow machine; the models are read in that time."""


@contextmanager
def commanded(folder: Path, environment: dict[str, str], llm: str) -> Iterator[str]:
    """Start the command, give the address that it says, and end it."""
    command = [sys.executable, "-m", "assistant", "serve", "--llm", llm, "--port", "0"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
    root = str(Path(__file__).parent.parent.parent)
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


@contextmanager
def standing(
    settings: Settings, llm: ScriptedLLM | None = None, arrival: Arrival | None = None, local: bool = False
) -> Iterator[str]:
    """Serve the page over indexed notes from this process and give its address."""
    assistant = Assistant(settings, embed_model=HashEmbedding(), llm=llm)
    assistant.index()
    app = build_app(assistant, Access.to("127.0.0.1", settings))
    mount_page(app, assistant, arrival, local=local)
    with served(app) as address:
        yield address


@contextmanager
def visit(browser: Any, address: str, locale: str, script: str = "", **looks: Any) -> Iterator[Any]:
    """Open the page, with a script before all else.

    At the end, assert that it asked no other host for anything, opened no dialog and raised no error.
    """
    context = browser.new_context(locale=locale, **{"viewport": {"width": 1280, "height": 800}, **looks})
    asked: list[str] = []
    dialogs: list[str] = []
    broken: list[str] = []
    try:
        context.on("request", lambda request: asked.append(request.url))
        context.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        context.on("weberror", lambda error: broken.append(str(error.error)))
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.add_init_script(script)
        page.goto(address)
        page.wait_for_selector("#said .suggestion:visible")
        yield page
        here = urlsplit(address).netloc
        others = [url for url in asked if urlsplit(url).netloc != here and not url.startswith(("data:", "blob:"))]
        assert asked and not others
        assert dialogs == [] and broken == [], (dialogs, broken)
    finally:
        context.close()


def forget(address: str) -> None:
    """Delete all conversations that a server keeps."""
    with httpx.Client(base_url=address, trust_env=False) as http:
        for head in http.get("/conversations").json():
            http.delete(f"/conversations/{head['id']}")


def room(page: Any, number: int) -> None:
    """Go to a room by its tab, counted from 0."""
    page.locator("button[role=tab]").nth(number).click()


def save(page: Any, kind: str) -> None:
    """Save the conversation as a file: "md" or "json"."""
    page.click("#saving summary")
    page.click(f"#saving [data-save={kind}]")


def ask(page: Any, question: str) -> None:
    """Type a question and send it."""
    page.fill(BOX, question)
    page.press(BOX, "Enter")


def answer_to(page: Any, question: str) -> str:
    """Ask, wait until the answer is whole, and return its text."""
    before = page.locator("#said .turn").count()
    ask(page, question)
    page.wait_for_function(f"document.querySelectorAll('#said .turn').length > {before}")
    page.wait_for_selector("#ask", state="visible")
    return str(page.locator("#said .answer").last.inner_text())


def picture(page: Any, name: str) -> None:
    """Keep a screenshot among the build's artefacts."""
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}.png")
