"""Two servers over one index in Milvus and one database, as compose.yaml runs them: each in a process of its own."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from door_parts import client
from fakes import until
from milvus_parts import begun, brought, free_port, in_server
from openai_server import Script, serving
from postgres_parts import postgres
from six_notes import TEA

from assistant.config import Settings
from assistant.page.exchanges import Exchange, Talk, dumped, loaded

pytestmark = [pytest.mark.milvus, pytest.mark.filterwarnings("default")]
ROOT = Path(__file__).parents[2]
COMMAND = ROOT / "tests" / "parts" / "hashed_command.py"
TOKEN = {"authorization": "Bearer t0ken"}


@dataclass
class Server:
    """A server's process, where it listens, and who asks it."""

    process: subprocess.Popen[str]
    http: httpx.Client

    @property
    def answers(self) -> float:
        """How many questions it has answered."""
        counted = re.search(r'assistant_answers_total\{outcome="answered"\} (\S+)', self.http.get("/metrics").text)
        return float(counted[1]) if counted else 0


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with postgres() as address:
        yield address


def environment(settings: Settings, database: str) -> dict[str, str]:
    names = ("notes", "index", "embedding", "llm", "store", "store_address", "store_name")
    own = {f"ASSISTANT_{name.upper()}": str(getattr(settings, name)) for name in names}
    return os.environ | own | {"ASSISTANT_SERVE_DATABASE": database, "ASSISTANT_SERVE_TOKEN": "t0ken"}


@pytest.fixture
def told(held: Settings, database: str) -> dict[str, str]:
    """The environment of servers over one index of the six notes."""
    brought(held)
    return environment(held, database)


@contextmanager
def server(told: dict[str, str]) -> Iterator[Server]:
    command = [sys.executable, str(COMMAND), "serve", "--host", "0.0.0.0", "--port", str(free_port())]
    with subprocess.Popen(command, env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            address = process.stdout.readline().split()[-1].replace("0.0.0.0", "127.0.0.1")
            with client(address, headers=TOKEN) as http:
                yield Server(process, http)
        finally:
            process.kill()


@pytest.fixture
def servers(told: dict[str, str]) -> Iterator[list[Server]]:
    with ExitStack() as both:
        yield [both.enter_context(server(told)) for _ in range(2)]


def ask(http: httpx.Client) -> dict[str, Any]:
    """Return the answer to a question, without the time that it took."""
    said: dict[str, Any] = http.post("/api/ask", json={"question": TEA}).raise_for_status().json()
    del said["seconds"]
    return said


def notes(one: Server) -> list[str]:
    return [note["source"] for note in one.http.get("/api/notes").json()]


def test_both_give_the_same_answer_and_notice_the_same_new_note(servers: list[Server], held: Settings) -> None:
    first, second = (ask(one.http) for one in servers)
    assert first == second and "70도" in first["answer"] and first["citations"]
    (held.notes / "보리차.md").write_text("# 보리차\n보리차는 100도의 물에 10분 끓인다.\n", encoding="utf-8")
    for one in servers:
        assert until(lambda one=one: "보리차.md" in notes(one))  # type: ignore[misc]


def test_a_conversation_that_one_began_goes_on_at_the_other(servers: list[Server]) -> None:
    one, other = (server.http for server in servers)
    for http, questions, revision in ((one, ["누구?"], 0), (other, ["누구?", "Where?"], 1)):
        text = dumped(Talk(tuple(Exchange(question, id=question) for question in questions), "talk"))
        assert http.put("/conversations/talk", json={"text": text, "revision": revision}).status_code == 200
    kept = one.get("/conversations/talk").json()
    assert [item.question for item in loaded(kept["text"]).exchanges] == ["누구?", "Where?"] and kept["revision"] == 2
    assert [head["title"] for head in other.get("/conversations").json()] == ["누구?"]


def test_a_server_is_ready_as_long_as_its_index_can_be_reached(
    settings: Settings, tmp_path: Path, database: str
) -> None:
    pytest.importorskip("milvus_lite")
    place, port = tmp_path / "milvus", free_port()
    milvus = begun(place, port)
    try:
        with server(environment(in_server(settings, f"http://127.0.0.1:{port}"), database)) as one:
            assert one.http.get("/readyz").json() == {"ready": True}
            milvus.kill()
            milvus.wait()
            away = one.http.get("/readyz")
            assert (away.status_code, away.json()["ready"]) == (503, False) and "did not answer" in away.json()["error"]
            assert one.http.get("/livez").status_code == 200  # to start it anew would not help
            milvus = begun(place, port)
            assert until(lambda: one.http.get("/readyz").status_code == 200)
    finally:
        milvus.kill()
        milvus.wait()


def test_a_server_that_is_told_to_end_says_so_to_who_is_asking_and_the_other_answers(told: dict[str, str]) -> None:
    slow = Script(hangs=900)
    with serving(slow) as model:
        served = {"ASSISTANT_LLM": "openai-like", "ASSISTANT_LLM_ADDRESS": model, "ASSISTANT_LLM_MODEL": "m"}
        with server(told | served) as ending, server(told) as staying:
            said: list[httpx.Response] = []
            body = {"question": TEA}
            asking = threading.Thread(target=lambda: said.append(ending.http.post("/api/ask", json=body, timeout=120)))
            asking.start()
            assert until(lambda: bool(slow.asked))
            ending.process.send_signal(signal.SIGTERM)
            _, err = ending.process.communicate(timeout=60)
            asking.join(60)
            assert (ending.process.returncode, err) == (0, "")
            assert said[0].status_code == 503 and "stopped" in said[0].json()["error"]
            assert "70도" in ask(staying.http)["answer"]


@contextmanager
def proxied(servers: list[Server], place: Path) -> Iterator[str]:
    """Run the proxy as compose.yaml sets it up, and give its address."""
    given = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["configs"]["caddyfile"]["content"]
    address = f"http://localhost:{free_port()}"
    for number, one in enumerate(servers, 1):
        given = given.replace(f"assistant-{number}:7860", one.http.base_url.netloc.decode())
    given = given.replace("${NOTES_NAME:-localhost}", address).replace("health_interval 5s", "health_interval 1s")
    (place / "Caddyfile").write_text(f"{{\n  admin off\n}}\n{given}")
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(place / "Caddyfile")]
    home = os.environ | {"HOME": str(place)}
    with subprocess.Popen(command, env=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield address
        finally:
            process.kill()


@pytest.mark.skipif(shutil.which("caddy") is None, reason="Caddy is absent; apt-get install caddy")
def test_behind_the_proxy_a_page_stays_at_its_server_until_that_ends(servers: list[Server], tmp_path: Path) -> None:
    with proxied(servers, tmp_path) as address, client(address, headers=TOKEN) as browser:
        assert until(lambda: reached(browser))
        assert browser.cookies["notes_server"]
        for _ in range(3):
            ask(browser)
        assert sorted(one.answers for one in servers) == [0, 3]
        mine = max(servers, key=lambda one: one.answers)
        mine.process.send_signal(signal.SIGTERM)
        mine.process.communicate(timeout=60)
        assert until(lambda: reached(browser)) and "70도" in ask(browser)["answer"]


def reached(http: httpx.Client) -> bool:
    try:
        return http.get("/").status_code == 200
    except httpx.TransportError:
        return False
