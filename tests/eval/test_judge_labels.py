"""The judge's labels keep what they promise, and their texts can be brought again."""

import hashlib
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.text.language import Language
from eval.questions.strangers import read_sources
from eval.training.judge_labels import LabelledPassage, read_labels, read_passages, texts


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
    (work / "a.md").write_bytes("# 차\r\n70도에서 우린다.\r\n".encode())
    git = ["git", "-C", str(work), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*git, *arguments], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    digest = hashlib.sha256("70도에서 우린다.".encode()).hexdigest()
    passage = LabelledPassage("p", "x/y", head, "a.md", "MIT", Language.KO, 4, 14, ((0, 10),), digest)
    return work / ".git", passage


def test_texts_are_cut_by_their_offsets(clone: tuple[Path, LabelledPassage]) -> None:
    git_dir, passage = clone
    assert texts([passage], {"x/y": git_dir}) == {"p": "70도에서 우린다."}


def test_other_words_are_refused(clone: tuple[Path, LabelledPassage]) -> None:
    git_dir, passage = clone
    with pytest.raises(SettingsError, match="not the text that was labelled"):
        texts([replace(passage, start=0, end=10)], {"x/y": git_dir})
