"""The judge's labels keep what they promise, and their texts can be brought again."""

import hashlib
import json
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.text.language import Language
from eval.questions.strangers import read_sources
from eval.training.judge_labels import DATA, LabelledPassage, Shown, read_labels, read_passages, texts


def test_every_label_has_two_questions_in_each_language_and_a_near_miss_in_each() -> None:
    for label in read_labels():
        assert Counter(asked.language for asked in label.questions) == {Language.KO: 2, Language.EN: 2}, label.passage
        assert {language for language, _ in label.near_misses} == set(Language), label.passage


def test_every_label_points_at_sentences_of_its_passage() -> None:
    passages = read_passages()
    for label in read_labels():
        count = len(passages[label.passage].sentences)
        assert all(0 <= place < count for asked in label.questions for place in asked.sentences)
        assert all(asked.sentences and asked.answer != asked.wrong for asked in label.questions)


def test_sentences_stand_in_order_inside_their_passage() -> None:
    for passage in read_passages().values():
        edges = [edge for span in passage.sentences for edge in span]
        assert edges == sorted(edges) and edges[-1] <= passage.end - passage.start


def test_nothing_is_taught_that_thresholds_are_fitted_on() -> None:
    taught = {passage.repository for passage in read_passages().values()}
    assert not taught & {source.repository for source in read_sources()}


@pytest.fixture
def clone(tmp_path: Path) -> tuple[Path, LabelledPassage]:
    work = tmp_path / "clone"
    work.mkdir()
    (work / "a.md").write_bytes("# 차\r\n## 물\r\n[70도](b.md)에서 우린다. 식힌다.\r\n".encode())
    git = ["git", "-C", str(work), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*git, *arguments], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    digest = hashlib.sha256("[70도](b.md)에서 우린다. 식힌다.".encode()).hexdigest()
    spans = ((0, 18), (19, 23))
    passage = LabelledPassage("p", "x/y", head, "a.md", "MIT", Language.KO, 9, 32, spans, digest)
    return work / ".git", passage


def test_a_passage_is_brought_as_a_reader_sees_it_under_its_headings(clone: tuple[Path, LabelledPassage]) -> None:
    git_dir, passage = clone
    shown = Shown("차", "물", (("", "[70도]에서 우린다."), (" ", "식힌다.")))
    assert texts([passage], {"x/y": git_dir}) == {"p": shown}


def test_other_words_are_refused(clone: tuple[Path, LabelledPassage]) -> None:
    git_dir, passage = clone
    with pytest.raises(SettingsError, match="not the text that was labelled"):
        texts([replace(passage, start=0, end=10)], {"x/y": git_dir})


def test_what_must_not_fool_a_judge_has_controls_that_a_no_to_all_fails() -> None:
    cases = [json.loads(line) for line in (DATA / "fooled.jsonl").read_text(encoding="utf-8").splitlines()]
    assert Counter((case["lang"], case["answers"]) for case in cases) == {
        ("ko", False): 20, ("ko", True): 10, ("en", False): 20, ("en", True): 10,
    }  # fmt: skip
    assert len({case["id"] for case in cases}) == len(cases) == 60
    assert all(case["question"] and case["text"] for case in cases)
