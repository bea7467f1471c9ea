"""Reads the whole text of an indexed note, and tells whether its file changed since it was indexed.

In: a snapshot and a source. Out: the text that citations point into. The source is looked up in the index and never
joined to a folder, so that only indexed files can be read.
"""

import hashlib
from dataclasses import dataclass

from assistant.errors import NoteError
from assistant.index.manifest import file_of
from assistant.index.store import IndexedNote, Snapshot
from assistant.index.survey import times
from assistant.messages.said import NO_NOTE, NOTE_CHANGED
from assistant.notes import formats
from assistant.notes.files import Unread, contents, parsed


@dataclass(frozen=True)
class NoteText:
    """A note as its file is now; `text[start:end]` of a citation is its quote, unless the file `changed` since.

    A citation that is made afterwards has offsets in the present text.
    """

    source: str
    title: str
    language: str
    text: str
    changed: bool


def read(snapshot: Snapshot, source: str) -> NoteText:
    """Return the text of a note; raise NoteError if it is not in the index, or its file is gone or no note any more."""
    note = note_of(snapshot, source)
    file = file_of(note)
    data = contents(file)
    document = data if isinstance(data, Unread) else parsed(file, data)
    if isinstance(data, Unread) or isinstance(document, Unread):
        raise NoteError(NOTE_CHANGED.format(source=source))
    changed = hashlib.sha256(data).hexdigest() != note.hash
    return NoteText(source, note.title, note.language, document.text, changed)


def picture(snapshot: Snapshot, source: str, page: int) -> bytes:
    """Return a page of an indexed PDF or picture as PNG; raise NoteError if it changed, or without such a page."""
    data = _bytes(note_of(snapshot, source))
    if data is None:
        raise NoteError(NOTE_CHANGED.format(source=source))
    return formats.picture(data, page)


def note_of(snapshot: Snapshot, source: str) -> IndexedNote:
    """Return the index's entry for a note, also by the source of a copy; raise NoteError if there is none."""
    for note in snapshot.notes:
        if source == note.source or source in note.copies:
            return note
    raise NoteError(NO_NOTE.format(source=source[:200]))


def is_current(note: IndexedNote) -> bool:
    """Tell whether a note's file is unchanged since it was indexed; it is read only if its size or time differ."""
    if (note.size, note.modified) == times(file_of(note).place) and note.size >= 0:
        return True
    return _bytes(note) is not None


def _bytes(note: IndexedNote) -> bytes | None:
    data = contents(file_of(note))
    if isinstance(data, Unread) or hashlib.sha256(data).hexdigest() != note.hash:
        return None
    return data
