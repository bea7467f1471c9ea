"""Strangers' questions keep what they promise, and their notes can be brought again from git."""

import hashlib
import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.text.language import Language
from eval.questions import strangers
from eval.questions.strangers import Source, bring, read_questions, read_sources


def test_a_third_cannot_be_answered_and_half_of_those_are_near_misses() -> None:
    questions = read_questions()
    kinds = Counter(question.kind for question in questions if not question.answerable)
    assert len(questions) == 200
    assert kinds == {"near-miss": 33, "unrelated": 33}
    assert Counter(question.language for question in questions) == {Language.KO: 100, Language.EN: 100}


def test_every_answerable_question_has_gold_in_a_known_note_and_facts_and_no_other_has() -> None:
    known = {f"{source.person}/{path}" for source in read_sources() for path in source.notes}
    for question in read_questions():
        assert question.answerable == bool(question.gold) == bool(question.facts), question.id
        assert {gold.source for gold in question.gold} <= known
        assert all(0 <= gold.start <= gold.end for gold in question.gold)


def test_ids_are_unique() -> None:
    assert max(Counter(question.id for question in read_questions()).values()) == 1


def test_at_least_four_people_wrote_the_notes_two_in_each_language() -> None:
    people = Counter(source.language for source in read_sources())
    assert people[Language.KO] >= 2 and people[Language.EN] >= 2 and sum(people.values()) >= 4


@pytest.fixture
def clone(tmp_path: Path) -> tuple[Path, str]:
    work = tmp_path / "clone"
    work.mkdir()
    (work / "노트.md").write_text("차는 70도에서 우린다.\n", encoding="utf-8")
    git = ["git", "-C", str(work), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*git, *arguments], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    return work / ".git", head


def sources(commit: str, digest: str) -> list[Source]:
    return [Source("someone/notes", commit, "MIT", "someone", Language.KO, {"노트.md": digest})]


def test_notes_come_byte_for_byte(clone: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git_dir, commit = clone
    digest = hashlib.sha256("차는 70도에서 우린다.\n".encode()).hexdigest()
    monkeypatch.setattr(strangers, "read_sources", lambda: sources(commit, digest))
    assert bring(tmp_path / "out", {"someone/notes": git_dir}) == 1
    assert (tmp_path / "out/someone/노트.md").read_text(encoding="utf-8") == "차는 70도에서 우린다.\n"


def test_other_bytes_are_refused(clone: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git_dir, commit = clone
    monkeypatch.setattr(strangers, "read_sources", lambda: sources(commit, "0" * 64))
    with pytest.raises(SettingsError, match="not the note that was expected"):
        bring(tmp_path / "out", {"someone/notes": git_dir})


def test_a_commit_that_is_not_there_is_one_line(
    clone: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(strangers, "read_sources", lambda: sources("f" * 40, "0" * 64))
    assert strangers.main([str(tmp_path / "out"), f"someone/notes={clone[0]}"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("eval: git show failed")


def test_sentences_are_half_true_half_false_in_all_directions_on_known_notes() -> None:
    known = {f"{source.person}/{path}" for source in read_sources() for path in source.notes}
    pairs = [json.loads(line) for line in (strangers.DATA / "support.jsonl").read_text(encoding="utf-8").splitlines()]
    counts = Counter((pair["evidence_lang"], pair["sentence_lang"], pair["supported"]) for pair in pairs)
    assert len(counts) == 8 and min(counts.values()) > 60
    assert {place["source"] for pair in pairs for place in pair["evidence"]} <= known
    assert all(bool(pair["kind"]) != pair["supported"] for pair in pairs)


def test_a_sentence_gets_the_words_of_its_evidence_under_their_heading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "someone").mkdir()
    (tmp_path / "someone" / "차.md").write_text("# 차\n\n## 물\n\n[70도](x)에서 우린다. 식힌다.\n", encoding="utf-8")
    places = [{"source": "someone/차.md", "start": 11, "end": 26}, {"source": "someone/차.md", "start": 27, "end": 31}]
    pair = {"id": "1", "evidence": places, "sentence": "70도다.", "supported": True}
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "support.jsonl").write_text(json.dumps(pair) + "\n", encoding="utf-8")
    monkeypatch.setattr(strangers, "DATA", tmp_path / "data")
    assert strangers.write_pairs(tmp_path) == 1
    written = json.loads((tmp_path / "support.jsonl").read_text(encoding="utf-8"))
    assert written == {**pair, "evidence": "차 > 물\n[70도]에서 우린다.\n차 > 물\n식힌다."}
