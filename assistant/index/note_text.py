"""The whole text of an indexed note, for those who follow a citation, and whether its file is still what was indexed.

In: a snapshot and a source. Out: the text whose offsets the citations give. A source is looked up in the index and
never joined to a folder, so that nothing but what was indexed can be read.
"""

import hashlib
from dataclasses import dataclass

from assistant.errors import NoteError
from assistant.index.manifest import file_of
from assistant.index.store import IndexedNote, Snapshot
from assistant.index.survey import times
from assistant.messages.said import NO_NOTE, NOTE_CHANGED
from assistant.notes import formats
from assistant.notes.files import Unread, contents


@dataclass(frozen=True)
class NoteText:
    """A note as it was indexed; `text[start:end]` of a citation is its quote."""

    source: str
    title: str
    language: str
    text: str


def read(snapshot: Snapshot, source: str) -> NoteText:
    """Return the note of that source; raise NoteError if the index has none or the file is not what was indexed."""
    note = note_of(snapshot, source)
    data = _bytes(note)
    if data is None:
        raise NoteError(NOTE_CHANGED.format(source=source))
    return NoteText(source, note.title, note.language, formats.read(data, note.source).text)


def note_of(snapshot: Snapshot, source: str) -> IndexedNote:
    """Return what the index knows of a note, also under the name of a copy; raise NoteError if it has none."""
    for note in snapshot.notes:
        if source == note.source or source in note.copies:
            return note
    raise NoteError(NO_NOTE.format(source=source[:200]))


def is_current(note: IndexedNote) -> bool:
    """Tell whether a note's file is still what was indexed; it is read only if its size or time are others."""
    if (note.size, note.modified) == times(file_of(note).path) and note.size >= 0:
        return True
    return _bytes(note) is not None


def _bytes(note: IndexedNote) -> bytes | None:
    data = contents(file_of(note))
    if isinstance(data, Unread) or hashlib.sha256(data).hexdigest() != note.hash:
        return None
    return data
