"""The command line, run as a user runs it: real processes, real exit statuses, one line for each error."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from fakes import HashEmbedding

from assistant.cli.main import main
from assistant.config import Settings
from assistant.index.update import update

COMMANDS = ("open", "index", "ask", "search", "show", "serve", "mcp", "models", "accounts", "status", "where")


def run(*arguments: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "assistant", *arguments]
    return subprocess.run(
        command, input=given, capture_output=True, text=True, env=os.environ | environment, timeout=300
    )


@pytest.fixture
def page_of_help(capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    return capsys.readouterr().out


def test_help_names_every_command(page_of_help: str) -> None:
    assert all(name in page_of_help for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([name, "--help"])
    assert stopped.value.code == 0 and "usage:" in capsys.readouterr().out


def test_wrong_usage_exits_with_2() -> None:
    assert run("nonsense").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ask", "q?", "--llm", "extractive"), "assistant index"),
        (("status",), "assistant index"),
        (("index",), "no file or folder"),
        (("ask",), "--batch"),
        (("search", "--batch", "absent.jsonl"), "absent.jsonl"),
        (("models", "pull", "gpt-9"), "multilingual-e5-small"),
        (("search", "q", "--top-k", "0"), "top_k"),
    ],
)
def test_an_error_is_one_line_on_stderr_and_exit_status_1(arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr and done.stderr.count("\n") == 1 and "Traceback" not in done.stderr


def test_a_missing_embedding_model_is_named_with_its_command(notes: Path) -> None:
    done = run("index", str(notes))
    assert done.returncode == 1
    assert "assistant models pull multilingual-e5-small" in done.stderr.splitlines()[-1]


def test_the_registry_is_listed_as_json_alone() -> None:
    listed = json.loads(run("models", "--json").stdout)
    assert {model["name"]: model["here"] for model in listed}["multilingual-e5-small"] is False
    assert all(len(model["sha256"]) == 64 and model["licence"] for model in listed)
    writers = {model["name"]: model for model in listed if model["kind"] == "language"}
    assert all(writer["memory"] > writer["bytes"] and writer["fits"] in (True, False) for writer in writers.values())
    assert writers["qwen2.5-coder-1.5b"]["tried"] and not writers["qwen3-4b-instruct-2507"]["tried"]


def test_a_writer_that_needs_more_than_the_machine_has_is_said_not_to_fit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for gigabytes, said in ((4, "does not fit"), (64, "fits")):
        monkeypatch.setattr("psutil.virtual_memory", lambda total=gigabytes * 10**9: SimpleNamespace(total=total))
        assert main(["models"]) == 0
        line = next(line for line in capsys.readouterr().out.splitlines() if "4.4 GB" in line)
        assert f": {said}, this machine has {gigabytes} GB" in line and line.endswith("; not tried here")


@pytest.mark.parametrize(("command", "asked"), [("search", "harbour"), ("ask", "When does the harbour open?")])
def test_a_terminal_shows_of_notes_what_their_reader_sees(
    command: str, asked: str, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "# Harbour\n\nThe harbour <!-- secret of the harbour --> opens at six in the morning.\n"
    (settings.notes / "harbour.md").write_text(text, encoding="utf-8")
    model = HashEmbedding()
    update([settings.notes], settings, lambda: model)
    monkeypatch.setenv("ASSISTANT_EMBEDDING", "hash")
    monkeypatch.setenv("ASSISTANT_LLM", "extractive")
    monkeypatch.setattr("assistant.models.embedding.build_embedding", lambda settings: model)
    assert main([command, asked, "--index", str(settings.index)]) == 0
    out = capsys.readouterr().out
    assert "opens at six" in out and "secret" not in out


def test_status_counts_notes_and_passages(settings: Settings, embed_model: HashEmbedding) -> None:
    update([settings.notes], settings, lambda: embed_model)
    # The process would refuse another fingerprint; it needs no weights to say what the index holds.
    status = json.loads(run("status", "--json", ASSISTANT_EMBEDDING="hash").stdout)
    assert status["notes"] == 6 and status["passages"] == sum(file["passages"] for file in status["files"])
    assert set(status["languages"]) == {"ko", "en"} and status["store"] == str(settings.index)


@pytest.mark.filterwarnings("default")
def test_a_store_on_a_server_is_said_and_used_by_every_command(
    held: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    update([held.notes], held, HashEmbedding)
    for name in ("store", "store_address", "store_name", "embedding"):
        monkeypatch.setenv(f"ASSISTANT_{name.upper()}", getattr(held, name))
    assert main(["status"]) == 0
    assert capsys.readouterr().out.startswith(f"index at {held.store_address} ({held.store_name})\n6 notes")
    assert main(["show", "녹차.md"]) == 0
    assert "70" in capsys.readouterr().out and not held.index.exists()


def test_index_and_status_say_of_every_file_what_became_of_it(
    settings: Settings, embed_model: HashEmbedding, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSISTANT_EMBEDDING", "hash")
    update([settings.notes], settings, lambda: embed_model)
    for name in ("copy.md", "사본.md"):
        (settings.notes / name).write_bytes((settings.notes / "sourdough.md").read_bytes())
    (settings.notes / "빈.md").write_text("")
    (settings.notes / "photo.md").write_bytes(b"\x89PNG\0\0")
    copied = "the same content as sourdough.md, which is indexed"
    skipped = {"copy.md": copied, "빈.md": "the file is empty", "사본.md": copied}
    failed = {"photo.md": "it is damaged, or no picture; take it from where it came from once more"}

    assert main(["index", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["skipped"], report["failed"], len(report["unchanged"])) == (skipped, failed, 6)
    assert main(["status", "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["skipped"], status["failed"]) == (skipped, failed)
    assert status["copies"] == {"sourdough.md": ["copy.md", "사본.md"]}
    assert all(file.keys() == {"source", "language", "passages"} for file in status["files"])
    for command in ("index", "status"):
        assert main([command]) == 0
        said = capsys.readouterr().out
        assert all(f"{source}: {reason}" in said for source, reason in (skipped | failed).items())
    assert "sourdough.md  (also copy.md, 사본.md)" in said


@pytest.mark.embedding
class TestWithTheRealEncoder:
    """The whole path through the command line, extractive."""

    @pytest.fixture(autouse=True)
    def _real(self, real_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ASSISTANT_MODELS", str(real_settings.models))

    @pytest.fixture
    def say(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
        """Run a command in this process, which has the heavy imports already; return its stdout."""

        def run_here(*arguments: str, given: str = "") -> str:
            monkeypatch.setattr("sys.stdin", io.StringIO(given))
            assert main(arguments) == 0
            return capsys.readouterr().out

        return run_here

    def test_index_ask_and_search(self, notes: Path, say: Callable[..., str]) -> None:
        (notes / "empty.md").write_text("", encoding="utf-8")
        (notes / "photo.md").write_bytes(b"\x89PNG\0\0")
        report = json.loads(say("index", str(notes), "--json"))
        assert len(report["indexed"]) == 6 and set(report["skipped"]) | set(report["failed"]) == {
            "empty.md",
            "photo.md",
        }
        given = "".join(
            json.dumps({"id": id, "question": question}, ensure_ascii=False) + "\n"
            for id, question in (
                ("a", "솔섬 등대의 높이는 몇 미터야?"),
                ("b", "녹차는 몇 도의 물에 우리나요?"),
                ("c", "   "),
                ("d", "How often is the sourdough starter fed?"),
            )
        )
        printed = say("ask", "--batch", "-", "--llm", "extractive", "--json", given=given)
        answers = [json.loads(line) for line in printed.splitlines()]
        assert [answer["id"] for answer in answers] == list("abcd")
        assert "expected a question" in answers.pop(2)["error"]
        for answer, fact in zip(answers, ("24미터", "70도", "12 hours"), strict=True):
            assert fact in answer["answer"], answer
            for citation in answer["citations"]:
                text = (notes / citation["source"]).read_text(encoding="utf-8")
                assert text[citation["start"] : citation["end"]] == citation["quote"]
        hits = json.loads(say("search", "프레넬 렌즈", "--top-k", "2", "--json"))
        assert [hit["rank"] for hit in hits] == [1, 2] and hits[0]["source"] == "등대.txt"
        across = json.loads(say("search", "Who cleans the lens of the lighthouse?", "--json"))
        assert "등대.txt" in [hit["source"] for hit in across[:3]]
        shown = say("ask", "How often is the sourdough starter fed?", "--llm", "extractive")
        assert "[1] sourdough.md:" in shown
