"""An index goes from files to a server and back, without its notes or the model, and answers as before."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import HashEmbedding, write_notes
from update_parts import finds, load, no_model, passages

from assistant.answer import Scope
from assistant.cli.main import main
from assistant.config import Settings
from assistant.errors import SettingsError
from assistant.index.local import LocalStore
from assistant.index.milvus import MilvusStore
from assistant.index.moved import take_over
from assistant.index.snapshot import LocalSnapshot
from assistant.index.store import Snapshot
from assistant.index.update import update
from assistant.search.question import embedded, read
from assistant.search.retrieve import hybrid

ROOT = Path(__file__).parents[2]


def answers(snapshot: Snapshot, questions: list[str], scopes: tuple[Scope, ...]) -> list[list[tuple[str, float]]]:
    """The ten best of hybrid search for each question and scope, equal scores in one order."""
    found = []
    for text in questions:
        for scope in scopes:
            best = hybrid(snapshot, embedded(read(text, scope=scope), HashEmbedding()), 10)
            found.append([(item.passage.id, item.score) for item in best])
    return found


def same_but_for_ties(one: list[list[tuple[str, float]]], other: list[list[tuple[str, float]]]) -> bool:
    """Tell whether each passage has the same score in both; one that only one has must be as good as the last."""
    for first, second in zip(one, other, strict=True):
        if len(first) != len(second):
            return False
        here, there = dict(first), dict(second)
        for id in here | there:
            if abs(here.get(id, first[-1][1]) - there.get(id, second[-1][1])) > 1e-4:
                return False
    return True


def test_results_are_told_apart() -> None:
    some = [[("x", 1.0), ("y", 0.5), ("z", 0.2)]]
    assert same_but_for_ties(some, [[("x", 1.0), ("y", 0.5), ("another", 0.2)]])
    assert not same_but_for_ties(some, [[("y", 1.0), ("x", 0.5), ("z", 0.2)]])
    assert not same_but_for_ties(some, [[("x", 1.0), ("y", 0.5)]])


@pytest.mark.milvus
@pytest.mark.filterwarnings("default")
def test_there_and_back_nothing_is_embedded_and_answers_are_the_same(
    held: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = replace(held, store="", notes=ROOT / "corpus")
    update([local.notes], local, HashEmbedding)
    here = load(local)
    assert here.about.passages > 100
    back = replace(local, index=local.index.with_name("back"))
    take_over(LocalStore(local), MilvusStore(held))
    report = take_over(MilvusStore(held), LocalStore(back))
    assert (report.embedded, report.passages) == (0, here.about.passages)
    there, returned = MilvusStore(held).snapshot(), load(back)
    assert there.notes == here.notes == returned.notes and there.unread == here.unread == returned.unread
    assert passages(there) == passages(here) == passages(returned)
    lines = (ROOT / "eval" / "data" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines[:: len(lines) // 20][:20]]
    scopes = (Scope(), Scope(places=("papers",), formats=("md",), since="2020-01-01"))
    expected = answers(here, questions, scopes)
    assert len(questions) == 20 and sum(map(bool, expected)) == 40
    assert same_but_for_ties(answers(there, questions, scopes), expected)
    assert same_but_for_ties(answers(returned, questions, scopes), expected)
    for settings in (replace(held, notes=local.notes), back):
        assert update(None, settings, no_model).embedded == 0


@pytest.mark.milvus
@pytest.mark.filterwarnings("default")
def test_the_commands_take_over_from_a_folder_and_from_the_server(
    indexed: LocalSnapshot, held: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = finds(indexed)
    shutil.rmtree(held.notes)
    for name in ("store_address", "store_name"):
        monkeypatch.setenv(f"ASSISTANT_{name.upper()}", getattr(held, name))
    monkeypatch.setenv("ASSISTANT_EMBEDDING", "hash")
    with monkeypatch.context() as patched:
        patched.setenv("ASSISTANT_STORE", "milvus")
        assert main(["index", "--from", str(held.index)]) == 0
        assert "0 indexed, 6 unchanged" in capsys.readouterr().out
    assert finds(MilvusStore(held).snapshot()) == found
    assert main(["index", "--from", "milvus", "--index", "another"]) == 0
    assert finds(load(replace(held, index=Path("another")))) == found


def test_what_the_other_held_before_goes(indexed: LocalSnapshot, settings: Settings) -> None:
    other = replace(settings, notes=settings.notes.with_name("more"), index=settings.index.with_name("other"))
    write_notes(other.notes, {"kites.md": "# Kites\nThe wind lifts a kite.", "녹차.md": "# 녹차\n다른 글이다."})
    update([other.notes], other, HashEmbedding)
    take_over(LocalStore(settings), LocalStore(other))
    assert finds(load(other)) == finds(indexed) and load(other).notes == indexed.notes


def test_an_index_is_not_taken_over_from_itself(indexed: LocalSnapshot, settings: Settings) -> None:
    with pytest.raises(SettingsError, match="--from must name another index"):
        take_over(LocalStore(settings), LocalStore(settings))
    assert main(["index", "--from", "elsewhere", "a.md"]) == 1
