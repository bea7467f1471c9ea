"""A source of the index → the whole text of the note that was indexed, and nothing else."""

from dataclasses import replace

import pytest

from assistant.config import Settings
from assistant.errors import NoteError
from assistant.index.note_text import is_current, note_of, read
from assistant.index.store import Snapshot


def test_a_citations_offsets_are_those_of_the_text(indexed: Snapshot) -> None:
    for note in indexed.notes:
        text = read(indexed, note.source).text
        assert all(text[passage.start : passage.end] == passage.text for passage in indexed.of(note.source))


@pytest.mark.parametrize("source", ["no-such.md", "../녹차.md", "/etc/hostname", ""])
def test_what_was_not_indexed_is_not_read(indexed: Snapshot, source: str) -> None:
    with pytest.raises(NoteError) as raised:
        read(indexed, source)
    assert "\n" not in str(raised.value)


def test_a_note_that_has_changed_says_so(indexed: Snapshot, settings: Settings) -> None:
    note, file = note_of(indexed, "녹차.md"), settings.notes / "녹차.md"
    assert is_current(note) and is_current(replace(note, size=-1))
    file.write_text(file.read_text(encoding="utf-8") + "더 길게.", encoding="utf-8")
    assert not is_current(note) and read(indexed, note.source).changed
    file.unlink()
    assert not is_current(note)
    with pytest.raises(NoteError):
        read(indexed, note.source)
