"""The command `serve`: refuses what cannot be, says its address, serves everything there, and ends with Ctrl-C."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fakes import HashEmbedding, until
from openai_server import Script, serving

from assistant import Settings
from assistant.cli.main import main
from assistant.cli.serve import serve
from assistant.errors import ModelMissing, PullFailed, SettingsError
from assistant.index.update import update
from assistant.models import registry
from assistant.server.listen import listening

COMMAND = Path(__file__).parent.parent / "parts" / "hashed_command.py"


def started(settings: Settings, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    update([settings.notes], settings, lambda: HashEmbedding())
    command = [sys.executable, str(COMMAND), "serve", "--llm", "extractive", *arguments]
    given = os.environ | {"ASSISTANT_EMBEDDING": "hash"} | environment
    return subprocess.Popen(command, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def refused(settings: Settings, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the one line in which the command says that it does not start."""
    update([settings.notes], settings, lambda: HashEmbedding())
    assert main(["serve", "--llm", "extractive", "--port", "0", *arguments]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    return said.err


def upload(http: httpx.Client, temporary: Path) -> None:
    """Upload a note and leave it in its folder, which must not outlive the server."""
    assert http.post("/gradio_api/upload", files={"files": ("a.md", b"# A")}).status_code == 200
    assert [*temporary.glob("notes-assistant-uploads-*/*/a.md")]


def test_everything_is_served_at_the_address_that_is_said_until_ctrl_c(settings: Settings, tmp_path: Path) -> None:
    """To other machines, too, behind a log-in, and where the port is taken; of uploads nothing is left."""
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = taken.getsockname()[1]
        token = {"authorization": "Bearer t0ken"}
        place = {"ASSISTANT_SERVE_TOKEN": "t0ken", "TMPDIR": str(tmp_path)}
        with started(settings, "--host", "0.0.0.0", "--port", str(port), **place) as server:
            assert server.stdout
            try:
                said = server.stdout.readline(), server.stdout.readline()
                assert said[0].startswith(f"Port {port} is taken; using ")
                assert said[1].startswith("The page is at http://0.0.0.0:")
                address = said[1].split()[-1].replace("0.0.0.0", "127.0.0.1")
                with httpx.Client(base_url=address, trust_env=False, timeout=120) as http:
                    assert http.get("/").status_code == http.get("/api/openapi.json").status_code == 401
                    http.headers.update(token)
                    assert "Notes assistant" in http.get("/").text
                    answer = http.post("/api/ask", json={"question": "녹차는 몇 도의 물에 우려?"}).json()
                    assert "70도" in answer["answer"] and http.get("/v1/models").status_code == 200
                    upload(http, tmp_path)
                server.send_signal(signal.SIGINT)
                out, err = server.communicate(timeout=120)
            finally:
                server.kill()
    assert (server.returncode, out, err) == (0, "", "") and not [*tmp_path.glob("notes-assistant-uploads-*")]


def test_a_small_piece_of_a_stream_is_sent_at_once() -> None:
    async def nodelay() -> int:
        accepted: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
        with listening("127.0.0.1", 0) as door:
            async with await asyncio.start_server(lambda _, writer: accepted.put_nowait(writer), sock=door):
                _, client = await asyncio.open_connection(*door.getsockname())
                writer = await accepted.get()
                found = writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
                writer.close()
                client.close()
        return int(found)

    assert asyncio.run(nodelay()) != 0


@pytest.mark.parametrize(
    ("argument", "reason"),
    [("--port=-1", "65535"), ("--port=65536", "65535"), ("--host=0.0.0.0", "ASSISTANT_SERVE_TOKEN")],
)
def test_what_cannot_be_is_one_line(
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    argument: str,
    reason: str,
) -> None:
    monkeypatch.setenv("ASSISTANT_EMBEDDING", "hash")
    assert reason in refused(settings, capsys, argument)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.5", "::", "example.org", ""])
def test_other_machines_are_refused_before_anything_starts(settings: Settings, host: str) -> None:
    with pytest.raises(SettingsError, match="this machine only"):
        serve(settings, host, 0, False, False, say=pytest.fail)


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"embedding": "multilingual-e5-small"}, ModelMissing), ({"llm": "no-such"}, ModelMissing)],
)
def test_what_the_page_cannot_do_without_is_said_first(
    settings: Settings, changes: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        serve(replace(settings, **changes), "127.0.0.1", 0, False, False, say=pytest.fail)


def test_an_absent_embedding_model_is_fetched_first_where_that_is_asked_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def pull(name: str, settings: Settings) -> Path:
        asked.append(name)
        raise PullFailed("no source has it")

    monkeypatch.setattr(registry, "pull", pull)
    with pytest.raises(PullFailed):
        serve(replace(settings, embedding="multilingual-e5-small"), "127.0.0.1", 0, True, False, say=asked.append)
    assert asked == ["Fetching multilingual-e5-small", "multilingual-e5-small"]


def test_without_an_index_one_is_begun_and_the_page_fills_it(settings: Settings, tmp_path: Path) -> None:
    command = [sys.executable, str(COMMAND), "serve", "--llm", "extractive", "--port", "0"]
    given = os.environ | {"ASSISTANT_EMBEDDING": "hash", "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            address = server.stdout.readline().split()[-1]
            with httpx.Client(base_url=address, trust_env=False, timeout=120) as http:
                assert until(lambda: len(http.get("/api/notes").json()) == 6)
        finally:
            server.terminate()


@pytest.mark.parametrize(
    ("script", "told"),
    [(Script(hangs=900), signal.SIGTERM), (Script(says="word " * 9000, pause=0.2), signal.SIGINT)],
    ids=["hangs-terminated", "slow-ctrl-c"],
)
def test_it_ends_without_waiting_for_the_language_model(
    settings: Settings, tmp_path: Path, script: Script, told: signal.Signals
) -> None:
    """The model is at work for many minutes more; the command ends all the same, and says so to who is waiting."""
    said: list[str] = []

    def ask(address: str, stream: bool) -> None:
        body = {"question": "녹차는 몇 도의 물에 우려?", "stream": stream}
        with httpx.Client(base_url=address, trust_env=False, timeout=300) as http:
            said.append(http.post("/api/ask", json=body).text)

    with serving(script) as model:
        place = {"ASSISTANT_LLM_ADDRESS": model, "ASSISTANT_LLM_MODEL": "m", "ASSISTANT_LLM_TIMEOUT": "900"}
        place["TMPDIR"] = str(tmp_path)
        with started(settings, "--llm", "openai-like", "--port", "0", **place) as server:
            assert server.stdout
            try:
                address = server.stdout.readline().split()[-1]
                asking = [threading.Thread(target=ask, args=(address, stream)) for stream in (True, False, True)]
                with (
                    httpx.Client(base_url=address, trust_env=False, timeout=120) as http,
                    http.stream("GET", "/gradio_api/heartbeat/abc") as tab,
                ):
                    assert next(tab.iter_lines()) == "data: ALIVE"
                    for one in asking:
                        one.start()
                    assert until(lambda: bool(script.asked))
                    upload(http, tmp_path)
                    server.send_signal(told)
                    out, err = server.communicate(timeout=120)
                for one in asking:
                    one.join(60)
            finally:
                server.kill()
    assert (server.returncode, out, err) == (0, "", "") and not [*tmp_path.glob("notes-assistant-uploads-*")]
    assert len(said) == 3 and all("stopped" in line for line in said)
