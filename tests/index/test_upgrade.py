"""An index of version 0.1, over two notes and made with the encoder of these tests, is used as it is.

`tests/data/index_0_1.sql` is what SQLite's `.dump` says of it, with `/notes` for the folder of the notes.
"""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import HashEmbedding, write_notes
from update_parts import no_model

from assistant import Assistant
from assistant.config import Settings
from assistant.index.update import update

DUMP = (Path(__file__).parent.parent / "data" / "index_0_1.sql").read_text(encoding="utf-8")
TEA = "# Tea\n\nGreen tea is steeped in water of 70 degrees for two minutes.\n\n녹차는 70도의 물에 2분 동안 우린다.\n"
CRANE = "# Crane\n\nThe harbour crane lifts 90 tonnes.\n"


@pytest.fixture
def earlier(settings: Settings, tmp_path: Path) -> Settings:
    """Settings over the two notes with that index."""
    notes = write_notes(tmp_path / "earlier", {"tea.md": TEA, "crane.md": CRANE})
    settings.index.mkdir()
    with closing(sqlite3.connect(settings.index / "index.sqlite")) as connection:
        connection.executescript("PRAGMA auto_vacuum = INCREMENTAL;" + DUMP.replace("'/notes'", f"'{notes}'"))
        connection.execute("PRAGMA journal_mode = WAL")
    return replace(settings, notes=notes)


@pytest.mark.parametrize(
    ("question", "source", "words"),
    [("녹차는 몇 도의 물에 우려?", "tea.md", "70도"), ("What does the harbour crane lift?", "crane.md", "90 tonnes")],
)
def test_it_answers_at_once(earlier: Settings, question: str, source: str, words: str) -> None:
    answer = Assistant(earlier, embed_model=HashEmbedding()).ask(question)
    assert answer.citations[0].source == source and words in answer.citations[0].quote


def test_notes_that_did_not_change_are_not_embedded_again(earlier: Settings) -> None:
    report = update([earlier.notes], earlier, no_model)
    assert (report.unchanged, report.embedded, report.passages) == (("crane.md", "tea.md"), 0, 2)


def test_a_note_that_changed_is_embedded_alone(earlier: Settings) -> None:
    (earlier.notes / "crane.md").write_text("# Crane\n\nThe harbour crane lifts 95 tonnes.\n", encoding="utf-8")
    model = HashEmbedding()
    report = update([earlier.notes], earlier, lambda: model)
    assert (report.indexed, report.unchanged, report.embedded) == (("crane.md",), ("tea.md",), 1)
