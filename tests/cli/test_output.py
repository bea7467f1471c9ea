"""What the commands print of names and notes that nobody chose well, on consoles of every kind."""

import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import HashEmbedding

from assistant import Answer, Assistant, Settings
from assistant.answer import Scope
from assistant.cli.main import main
from assistant.cli.terminal import harmless
from assistant.errors import GenerationFailed
from assistant.index.update import update
from assistant.text.language import Language

PARTS = Path(__file__).parent.parent / "parts"
RED, TURNED = "red\x1b[31m.md", "good\u202edm.exe"
CAPTURE = pytest.CaptureFixture[str]


@pytest.fixture
def evil(settings: Settings, embed_model: HashEmbedding, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An index whose notes' names and words hold what a terminal obeys; commands in this process use it."""
    words = "The marmot\x1b]0;owned\x07 sleeps\u202e in winter for six months.\n"
    (settings.notes / RED).write_text(f"# Marmot\x1b[5m\n\n{words}", encoding="utf-8")
    (settings.notes / f"{TURNED}.md").write_text("# Quiet\n\nA second note about the marmot.\n", encoding="utf-8")
    (settings.notes / f"copy-{RED}").write_bytes((settings.notes / RED).read_bytes())
    (settings.notes / f"broken{RED}").write_bytes(b"\x89PNG\0\0")
    monkeypatch.setattr("assistant.models.embedding.build_embedding", lambda settings: embed_model)
    monkeypatch.setenv("ASSISTANT_EMBEDDING", "hash")
    monkeypatch.setenv("ASSISTANT_LLM", "extractive")
    return settings


def is_harmless(printed: str) -> bool:
    return all(harmless(line) == line for line in printed.split("\n"))


def test_no_command_prints_what_a_terminal_obeys(evil: Settings, capsys: CAPTURE) -> None:
    for arguments in (
        ("index",),
        ("status",),
        ("search", "marmot in winter"),
        ("ask", "How long does the marmot sleep in winter?"),
        ("show", "absent\x1b[2J.md"),
        *(("index", "--json"), ("status", "--json"), ("search", "marmot", "--json"), ("ask", "marmot?", "--json")),
        ("show", RED, "--json"),
    ):
        main(arguments)
        printed = capsys.readouterr()
        progress = printed.err.replace("\r", "\n")
        assert is_harmless(printed.out) and is_harmless(progress), arguments
        assert arguments[0] == "show" or printed.out
        if "--json" in arguments:
            json.loads(printed.out)


def test_a_name_is_told_from_another_that_looks_the_same(evil: Settings, capsys: CAPTURE) -> None:
    main(["index"])
    capsys.readouterr()
    assert main(["status"]) == 0
    shown = capsys.readouterr().out
    assert r"red\x1b[31m.md" in shown and r"good\u202edm.exe.md" in shown and r"brokenred\x1b[31m.md: " in shown


def test_show_prints_exactly_the_note(settings: Settings, embed_model: HashEmbedding) -> None:
    odd = "\ufeff# Odd\r\n\r\nTabs\tstay, \u202eso does this, and the last line has no end."
    (settings.notes / "odd.md").write_bytes(odd.encode())
    update([settings.notes], settings, lambda: embed_model)
    done = subprocess.run(
        [sys.executable, "-m", "assistant", "show", "odd.md"],
        capture_output=True,
        env=os.environ | {"ASSISTANT_EMBEDDING": "hash"},
        check=True,
    )
    assert done.stdout.decode("utf-8") == odd.replace("\r\n", "\n")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_source_is_named_as_it_is_typed_or_as_macos_keeps_it(
    settings: Settings, embed_model: HashEmbedding, monkeypatch: pytest.MonkeyPatch, capsys: CAPTURE, form: str
) -> None:
    monkeypatch.setenv("ASSISTANT_EMBEDDING", "hash")
    (settings.notes / unicodedata.normalize("NFD", "한글.md")).write_text(
        "# 한글\n\n글자를 다룬다.\n", encoding="utf-8"
    )
    update([settings.notes], settings, lambda: embed_model)
    assert main(["show", unicodedata.normalize(form, "한글.md")]) == 0
    assert "글자를 다룬다." in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp949", "utf-8"])
def test_a_console_of_any_encoding_gets_utf_8_in_a_file(
    settings: Settings, embed_model: HashEmbedding, tmp_path: Path, encoding: str
) -> None:
    (settings.notes / "emoji 🍵.md").write_text(
        "# 차 🍵\n\nÀ la carte: 녹차는 여기에 없다 — “quoted”.\n", encoding="utf-8"
    )
    update([settings.notes], settings, lambda: embed_model)
    environment = os.environ | {"ASSISTANT_EMBEDDING": "hash", "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    with (tmp_path / "out.txt").open("wb") as out:
        done = subprocess.run(
            [sys.executable, "-m", "assistant", "status"], stdout=out, stderr=subprocess.PIPE, env=environment
        )
    assert (done.returncode, done.stderr) == (0, b"")
    assert "emoji 🍵.md" in (tmp_path / "out.txt").read_text(encoding="utf-8")


def test_questions_come_and_answers_go_in_utf_8_whatever_the_console_says(
    settings: Settings, embed_model: HashEmbedding
) -> None:
    update([settings.notes], settings, lambda: embed_model)
    environment = os.environ | {
        "ASSISTANT_EMBEDDING": "hash",
        "ASSISTANT_LLM": "extractive",
        "PYTHONIOENCODING": "cp1252",
        "PYTHONPATH": os.pathsep.join([os.environ["PYTHONPATH"], str(PARTS)]),
    }
    asked = '{"id": "1", "question": "녹차는 몇 도의 물에 우려?"}\n'.encode() + b'{"id": "2", "question": "\xff\xfe"}\n'
    done = subprocess.run(
        [sys.executable, str(PARTS / "hashed_command.py"), "ask", "--batch", "-"],
        input=asked,
        capture_output=True,
        env=environment,
    )
    answers = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    assert (done.returncode, done.stderr) == (0, b"")
    assert "70도" in answers[0]["answer"] and "UTF-8" in answers[1]["error"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_a_reader_that_goes_away_is_nothing_to_speak_of(settings: Settings, embed_model: HashEmbedding) -> None:
    update([settings.notes], settings, lambda: embed_model)
    command = subprocess.Popen(
        [sys.executable, "-m", "assistant", "status"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"ASSISTANT_EMBEDDING": "hash"},
    )
    assert command.stdout and command.stderr
    command.stdout.close()
    assert command.stderr.read() == b"" and command.wait() == 1
    command.stderr.close()


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*arguments: object, **options: object) -> None:
        raise ZeroDivisionError("a fault of\nour own \x1b[31m")

    monkeypatch.setattr(Assistant, "search", breaks)


def test_a_fault_of_our_own_is_one_line(broken: None, capsys: CAPTURE) -> None:
    assert main(["search", "q", "--json"]) == 1
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("\n") == 1 and is_harmless(printed.err)
    assert "ZeroDivisionError: a fault of our own" in printed.err and "ASSISTANT_DEBUG" in printed.err


def test_the_traceback_is_there_for_who_asks(broken: None, capsys: CAPTURE, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_DEBUG", "1")
    assert main(["search", "q"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_an_error_with_lines_of_its_own_is_one_line(capsys: CAPTURE, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*arguments: object, **options: object) -> None:
        raise GenerationFailed("one\ntwo")

    monkeypatch.setattr(Assistant, "search", fails)
    assert main(["search", "q"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


SCOPED = ["--in", "papers", "--in", "log/2025.md", "--tag", "봄", "--tag", "#tea"]


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_ask_and_search_hand_on_which_notes_are_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: CAPTURE, more: list[str]
) -> None:
    given: list[Scope] = []
    whole = Answer("q", Language.EN, "Said. [1]", seconds={"total": 1.0})

    def stream(self: Assistant, question: str, scope: Scope) -> Iterator[Answer]:
        given.append(scope)
        yield whole.with_(answer="Sa")
        yield whole

    def ask(self: Assistant, question: str, scope: Scope) -> Answer:
        given.append(scope)
        return whole

    def search(self: Assistant, question: str, scope: Scope) -> list[object]:
        given.append(scope)
        return []

    for method in (stream, ask, search):
        monkeypatch.setattr(Assistant, method.__name__, method)
    for command in ("ask", "search"):
        for scope in (SCOPED, []):
            assert main([command, "q", *scope, *more]) == 0
    named = [sorted(scope.places + scope.tags) for scope in given]
    assert named == [["log/2025.md", "papers", "tea", "봄"], []] * 2
    assert capsys.readouterr().out.count("Said. [1]") == 2


def test_ask_json_is_json_alone(evil: Settings, capsys: CAPTURE) -> None:
    main(["index", "--json"])
    json.loads(capsys.readouterr().out)
    for arguments in (["ask", "marmot?"], ["search", "marmot"], ["status"], ["models"], ["show", RED]):
        assert main([*arguments, "--json"]) == 0
        assert isinstance(json.loads(capsys.readouterr().out), dict | list)
