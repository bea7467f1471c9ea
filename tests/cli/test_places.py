"""`assistant where`: the places of a checkout, of a folder that was opened by its path, and of what was chosen."""

import json
import os
from pathlib import Path

import pytest
from fakes import HashEmbedding

from assistant.cli.main import main
from assistant.config import Settings
from assistant.index.update import update


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NOTES", "INDEX"):
        monkeypatch.delenv(f"ASSISTANT_{name}")


def where(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, str | None]:
    assert main(["where", "--json", *arguments]) == 0
    found: dict[str, str | None] = json.loads(capsys.readouterr().out)
    return found


def beside(home: Path, notes: Path, settings: Path | None = None) -> dict[str, str | None]:
    return {
        "notes": str(notes),
        "index": str(home / "index"),
        "conversations": str(home / "conversations.sqlite"),
        "feedback": str(home / "feedback.jsonl"),
        "measurements": str(home / "runs"),
        "models": os.environ["ASSISTANT_MODELS"],
        "settings": settings and str(settings),
    }


def test_in_a_folder_that_is_set_up_all_lies_in_that_folder(capsys: pytest.CaptureFixture[str]) -> None:
    Path("corpus").mkdir()
    here = Path().absolute()
    assert where(capsys) == where(capsys, "corpus") == beside(here / ".assistant", here / "corpus")
    Path("assistant.toml").touch()
    assert where(capsys)["settings"] == str(here / "assistant.toml")


def test_of_a_folder_that_is_opened_by_its_path_all_lies_in_the_users_data_folder(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = Path(os.environ["ASSISTANT_DATA"])
    [home] = {Path(str(where(capsys, str(notes))["index"])).parent}
    assert home.parent == data and home.name.startswith("notes-")
    assert where(capsys, str(notes)) == beside(home, notes) and not data.exists()
    assert where(capsys, "--demo")["notes"] == str(data / "examples")


def test_an_index_that_was_chosen_has_all_beside_it(
    settings: Settings, notes: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The notes are those that the index is of, and a database for conversations is not shown with its password."""
    update([notes], settings, HashEmbedding)
    monkeypatch.setenv("ASSISTANT_EMBEDDING", "hash")
    assert where(capsys, "--index", str(settings.index)) == beside(settings.index.parent, notes)
    monkeypatch.setenv("ASSISTANT_SERVE_DATABASE", "postgresql://ada:secret@db/notes")
    assert where(capsys)["conversations"] == "the database that serve_database names"


def test_for_people_each_place_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["where"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [*beside(Path(), Path())]
    assert lines[1].endswith(str(Path(".assistant/index").absolute())) and lines[-1].endswith("in this folder")
