"""The whole text of an indexed note, for those who follow a citation.

In: an index and a source. Out: the text whose offsets the citations give. A source is looked up in the manifest and
never joined to a folder, so that nothing but what was indexed can be read.
"""

import hashlib
from dataclasses import dataclass

from assistant.errors import NoteError
from assistant.index.manifest import IndexedNote, Manifest
from assistant.messages.said import NO_NOTE, NOTE_CHANGED
from assistant.notes import files as load


@dataclass(frozen=True)
class NoteText:
    """A note as it was indexed; `text[start:end]` of a citation is its quote."""

    source: str
    title: str
    language: str
    text: str


def read(manifest: Manifest, source: str) -> NoteText:
    """Return the note of that source; raise NoteError if the index has none or the file is not what was indexed."""
    note = _find(manifest, source)
    data = load.contents(note.file)
    if isinstance(data, load.Unread) or hashlib.sha256(data).hexdigest() != note.hash:
        raise NoteError(NOTE_CHANGED.format(source=source))
    return NoteText(source, note.title, note.language, load.decode(data))


def _find(manifest: Manifest, source: str) -> IndexedNote:
    for note in manifest.notes:
        if source == note.source or source in note.copies:
            return note
    raise NoteError(NO_NOTE.format(source=source[:200]))
