"""`assistant`, `assistant FOLDER` and `assistant --demo`: one folder of notes, and nothing left where it was typed."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fakes import HashEmbedding, write_notes

from assistant.cli.main import main
from assistant.config import Settings, example_notes
from assistant.errors import PullFailed
from assistant.index.local import LocalStore
from assistant.index.update import update

COMMAND = Path(__file__).parent.parent / "parts" / "hashed_command.py"
Typed = Callable[[str], None]


class Terminal(io.StringIO):
    """What somebody types at a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings of each page that a command opens, for somebody who has set nothing."""
    for name in ("NOTES", "INDEX"):
        monkeypatch.delenv(f"ASSISTANT_{name}")
    monkeypatch.setenv("ASSISTANT_EMBEDDING", "hash")
    monkeypatch.setattr("assistant.models.embedding.build_embedding", lambda settings: HashEmbedding())
    opened: list[Settings] = []
    monkeypatch.setattr("assistant.cli.serve.serve", lambda settings, *_, **__: opened.append(settings))
    return opened


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Typed:
    return lambda text: monkeypatch.setattr("sys.stdin", Terminal(text))


def sources(settings: Settings) -> set[str]:
    return {note.source for note in LocalStore(settings).snapshot().notes}


def test_a_folder_is_indexed_in_the_users_data_folder_and_commands_in_it_find_that_index(
    served: list[Settings], notes: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(notes)]) == 0
    [settings] = served
    assert settings.notes == notes and settings.index.is_relative_to(os.environ["ASSISTANT_DATA"])
    assert f"{notes}: 6 indexed" in capsys.readouterr().out and not [*Path().iterdir()]
    assert main(["search", "녹차"]) == 1 and "work in a folder that was opened" in capsys.readouterr().err
    monkeypatch.chdir(notes)
    assert main(["search", "녹차", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["source"] == "녹차.md"
    assert main([]) == 0 and served[1] == settings and not (notes / ".assistant").exists()


@pytest.mark.parametrize("form", ["{}", "  '{}' ", '"{}"', "nowhere\n{}", "escaped"])
def test_the_terminal_is_asked_for_the_folder(
    served: list[Settings], typed: Typed, tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = write_notes(tmp_path / "my own notes")
    typed((str(notes).replace(" ", r"\ ") if form == "escaped" else form.format(notes)) + "\n")
    assert main([]) == 0 and [settings.notes for settings in served] == [notes]
    asked = capsys.readouterr().out
    assert asked.count("Which folder holds your notes?") == 1 + ("nowhere" in form)
    assert ("There is no folder nowhere" in asked) == ("nowhere" in form)


@pytest.mark.parametrize("given", ["--demo", "Enter"])
def test_the_example_notes_are_a_copy_that_keeps_what_is_added(
    served: list[Settings], typed: Typed, given: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shipped = write_notes(tmp_path / "shipped")
    monkeypatch.setattr("assistant.cli.opening.example_notes", lambda: shipped)
    typed("\n\n")
    for added in (set(), {"own.md"}):
        assert main([given] if given == "--demo" else []) == 0
        of_markdown = {file.relative_to(shipped).as_posix() for file in shipped.rglob("*.md")}
        assert sources(served[-1]) == of_markdown | added
        (served[-1].notes / "own.md").write_text("The kite needs steady wind.", encoding="utf-8")
    assert not (shipped / "own.md").exists()


def test_there_are_example_notes() -> None:
    assert "example: true" in (example_notes() / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("given", [io.StringIO(""), io.StringIO("/\n"), Terminal("")])
def test_where_nobody_can_be_asked_one_line_says_what_to_type(
    served: list[Settings], given: io.StringIO, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", given)
    assert main(["index"]) == 1  # there are no notes here, and that leaves an empty index
    capsys.readouterr()
    assert main([]) == 1 and not served
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "assistant FOLDER" in said and "assistant --demo" in said


def test_what_is_neither_folder_nor_command_is_wrong_usage(
    served: list[Settings], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["serv"])
    assert stopped.value.code == 2 and not served
    assert "expected a folder or a command, found 'serv'" in capsys.readouterr().err


def test_an_index_in_the_working_folder_goes_on_being_used_for_its_notes(
    served: list[Settings], notes: Path, tmp_path: Path
) -> None:
    other = write_notes(tmp_path / "other", {"crane.md": "# Crane\n\nThe crane lifts 90 tonnes."})
    assert main(["index", str(notes)]) == 0
    assert main([str(notes)]) == main([]) == main([str(other)]) == 0
    assert [settings.index for settings in served[:2]] == [Path(".assistant/index")] * 2
    assert sources(served[0]) != sources(served[2]) == {"crane.md"}


def test_a_folder_corpus_in_the_working_folder_is_opened_without_a_question(served: list[Settings]) -> None:
    write_notes(Path("corpus"))
    assert main([]) == main(["corpus"]) == 0
    assert [settings.index for settings in served] == [Path(".assistant/index")] * 2


def test_an_index_that_was_chosen_is_added_to(served: list[Settings], notes: Path, tmp_path: Path) -> None:
    other = write_notes(tmp_path / "other", {"crane.md": "# Crane\n\nThe crane lifts 90 tonnes."})
    for folder in (notes, other):
        assert main([str(folder), "--index", "mine"]) == 0
    assert len(sources(served[1])) == 7 and served[1].index == Path("mine") and served[1].notes == other


def test_a_folder_that_the_page_read_in_place_of_the_opened_one_is_gone_when_that_is_opened_again(
    served: list[Settings], notes: Path, tmp_path: Path
) -> None:
    assert main([str(notes)]) == 0
    other = write_notes(tmp_path / "other", {"crane.md": "# Crane\n\nThe crane lifts 90 tonnes."})
    update([other], replace(served[0], embedding="hash"), HashEmbedding, only=True)
    assert sources(served[0]) == {"crane.md"}
    assert main([str(notes)]) == 0 and len(sources(served[1])) == 6


def test_the_embedding_model_is_fetched_first_and_once(
    served: list[Settings], notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[str] = []

    def pull(name: str, settings: Settings, *_: object) -> None:
        fetched.append(name)
        (settings.models / name).mkdir(parents=True)

    monkeypatch.setenv("ASSISTANT_EMBEDDING", "")
    monkeypatch.setattr("assistant.models.registry.pull", pull)
    assert main([str(notes)]) == main([str(notes)]) == 0
    assert fetched == ["multilingual-e5-small"] and len(served) == 2


def test_without_a_network_nothing_is_opened_and_one_line_says_why(
    served: list[Settings], notes: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def pull(*_: object) -> None:
        raise PullFailed("could not fetch 'multilingual-e5-small'. Check the network and run it again")

    monkeypatch.setenv("ASSISTANT_EMBEDDING", "")
    monkeypatch.setattr("assistant.models.registry.pull", pull)
    assert main([str(notes)]) == 1 and not served
    assert capsys.readouterr().err == "assistant: could not fetch 'multilingual-e5-small'. " + (
        "Check the network and run it again\n"
    )


def test_the_page_is_served_and_the_browser_told_its_address(notes: Path, tmp_path: Path) -> None:
    """As a process of its own; a line of shell plays the browser."""
    told = tmp_path / "told"
    environment = {
        name: value for name, value in os.environ.items() if name not in ("ASSISTANT_NOTES", "ASSISTANT_INDEX")
    }
    environment |= {
        "ASSISTANT_EMBEDDING": "hash",
        "ASSISTANT_LLM": "extractive",
        "BROWSER": f"sh -c 'echo %s > {told}'",
    }
    command = [sys.executable, str(COMMAND), str(notes), "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            lines = [server.stdout.readline() for _ in range(2)]
            address = lines[1].split()[-1]
            assert lines[0].startswith(f"{notes}: 6 indexed") and address.startswith("http://127.0.0.1:")
            with httpx.Client(base_url=address, trust_env=False, timeout=120) as http:
                assert "Notes assistant" in http.get("/").text
                assert len(http.get("/api/notes").json()) == 6
            assert told.read_text().strip() == address
        finally:
            server.terminate()
    assert not [*Path().iterdir()] and [*Path(environment["ASSISTANT_DATA"]).glob("notes-*/index/index.sqlite")]
