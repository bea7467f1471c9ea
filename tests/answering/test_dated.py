"""A question about a time is one about the notes of it, without the time's words."""

from datetime import date

import pytest
from fakes import HashEmbedding, opened

from assistant import Settings
from assistant.answer import Scored
from assistant.answering.dated import dated
from assistant.index.scopes import fits
from assistant.search.question import read

TODAY = date(2026, 11, 29)
NOTES = {
    "june.md": "---\ndate: 2026-06-14\n---\n# Log\n\nFixed the kitchen sink.\n",
    "november.md": "---\ndate: 2026-11-25\n---\n# 피아노\n\n쇼팽의 녹턴을 쳤다.\n",
}


@pytest.mark.parametrize(
    ("asked", "left", "source"),
    [
        ("What did I repair in June?", "What did I repair ?", "june.md"),
        ("6월에는 뭘 고쳤어?", "뭘 고쳤어?", "june.md"),
        ("이번 주에 뭘 쳤어?", "뭘 쳤어?", "november.md"),
        ("What does the latest note on music say?", "What does music say?", "november.md"),
        ("가장 최근 노트에 뭐라고 썼지?", "뭐라고 썼지?", "november.md"),
        ("What did I repair in May?", None, ""),
        ("what did I repair?", None, ""),
        ("in June", None, ""),
    ],
)
def test_the_notes_of_a_time_are_asked_without_its_words(
    settings: Settings, embed_model: HashEmbedding, asked: str, left: str | None, source: str
) -> None:
    for path in settings.notes.rglob("*.*"):
        path.unlink()
    for name, text in NOTES.items():
        (settings.notes / name).write_text(text, encoding="utf-8")
    notes = opened(settings, embed_model).snapshot
    found = [Scored(notes.of(name)[0], 0.0) for name in NOTES]
    question = dated(read(asked), found, notes, TODAY)
    assert (question and question.text) == left
    if question:
        assert [note.source for note in notes.notes if fits(question.scope, note)] == [source]
