"""Markdown files, with or without front matter."""

from dataclasses import replace

from assistant.notes.describe import document
from assistant.notes.document import Document
from assistant.notes.encoding import decode, lost
from assistant.notes.front_matter import front_matter, said
from assistant.text.markdown import parse


def read(data: bytes, name: str) -> Document:
    """Return the document of a Markdown file; raise NoteError if it is no text."""
    text = decode(data)
    fields, start = front_matter(text)
    found = document(name, data, text, parse(text, start), fields, missing=lost(text, data))
    return replace(found, blocks=(*said(text, start, fields), *found.blocks))
