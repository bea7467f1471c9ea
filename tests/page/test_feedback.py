"""Marks from the page as drafts of cases."""

from pathlib import Path

import pytest

from assistant import Answer
from assistant.answer import Citation
from assistant.errors import SettingsError
from assistant.page.exchanges import Exchange
from assistant.page.feedback import note
from assistant.text.language import Language
from eval.questions.feedback import drafts

CITED = Citation(1, "녹차.md", "녹차", "", "", "녹차는 70도의 물에", 3, 14)


def marked(file: Path, id: str, rated: str) -> None:
    answer = Answer("녹차는 몇 도?", Language.KO, "70도 [1]", citations=(CITED,))
    note(Exchange("녹차는 몇 도?", answer, rated=rated, reason="왜", id=id), file)


def test_the_last_mark_counts_and_a_helpful_answer_lends_its_citations(tmp_path: Path) -> None:
    file = tmp_path / "feedback.jsonl"
    marked(file, "1", "down")
    marked(file, "2", "down")
    marked(file, "1", "up")
    up, down = drafts(file)
    assert up["gold"] == [[{"note": "녹차.md", "quote": "녹차는 70도의 물에"}]] and up["answerable"] is True
    assert down["gold"] == [] and down["answerable"] is None and down["reason"] == "왜"


def test_a_damaged_line_and_an_absent_file_are_named(tmp_path: Path) -> None:
    file = tmp_path / "feedback.jsonl"
    with pytest.raises(SettingsError, match="mark an answer"):
        list(drafts(file))
    marked(file, "1", "up")
    file.write_text(file.read_text(encoding="utf-8") + "[]\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="line 2"):
        list(drafts(file))
