"""The shipped questions: checked, balanced, and tied to passages whatever the chunking."""

import json
from collections import Counter
from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.index.store import Snapshot
from eval.questions.dataset import (
    CORPUS,
    KINDS,
    Question,
    Span,
    gold_passages,
    problems,
    read_questions,
    relevant_passages,
)


def test_the_shipped_questions_keep_their_promises() -> None:
    assert problems(read_questions(), CORPUS) == []


@pytest.mark.parametrize("split", ["dev", "test"])
def test_each_split_is_balanced_and_large_enough(split: str) -> None:
    questions = read_questions(split)
    for some in (questions, [question for question in questions if not question.answerable]):
        count = Counter(question.language.value for question in some)
        assert abs(count["ko"] - count["en"]) <= 2
    assert sum(question.answerable for question in questions) >= 100
    assert sum(not question.answerable for question in questions) >= 30
    assert {question.kind for question in questions} == set(KINDS)
    assert {question.near for question in questions if not question.answerable} == {
        "near-miss", "same field", "off topic"
    }  # fmt: skip


def question(**changes: object) -> Question:
    known = {
        "id": "x-1", "split": "dev", "system": "tea", "language": "ko", "question": "녹차는 몇 도에서 우려?",
        "kind": "number", "answerable": True,
        "gold": ((Span("녹차.md", "녹차는 70도의 물에 2분 동안 우린다."),),), "facts": (("70도", "70 degrees"),),
    }  # fmt: skip
    return Question(**(known | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"gold": ((Span("녹차.md", "녹차는 90도"),),), "facts": (("90도",),)}, "no such words"),
        ({"question": "70도 맞아?"}, "holds its own answer"),
        ({"facts": (("12 hours",),)}, "do not hold every fact"),
        ({"facts": ()}, "answerable questions have gold and facts"),
        ({"kind": "riddle"}, "unknown kind"),
        ({"kind": "follow-up"}, "without history"),
    ],
)
def test_the_checker_finds_each_kind_of_mistake(notes: Path, changes: dict[str, object], said: str) -> None:
    assert problems([question()], notes) == []
    assert any(said in problem for problem in problems([question(**changes)], notes))


def test_systems_and_ids_belong_to_one_split(notes: Path) -> None:
    found = problems([question(), question(split="test")], notes)
    assert any("both splits" in problem for problem in found) and any("not unique" in problem for problem in found)


def test_gold_is_found_in_passages(indexed: Snapshot) -> None:
    asked = question(gold=((Span("녹차.md", "녹차는 70도의 물에 2분 동안 우린다."), Span("등대.txt", "없는 말")),))
    (piece,) = gold_passages(asked, indexed)
    assert [passage.heading for passage in indexed.get(piece)] == ["물의 온도"]
    assert relevant_passages(asked, indexed) == dict.fromkeys(piece, 1)
    assert relevant_passages(question(gold=()), indexed) == {}


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps({"id": 1}) + "\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="line 1"):
        read_questions("all", file)
