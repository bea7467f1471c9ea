"""Markdown files, with or without front matter."""

from dataclasses import replace

from assistant.notes.describe import document
from assistant.notes.document import Document, Kind
from assistant.notes.encoding import decode, lost
from assistant.notes.front_matter import front_matter, said
from assistant.text.markdown import parse


def read(data: bytes, name: str) -> Document:
    """Return the document of a Markdown file; raise NoteError if it is no text."""
    text = decode(data)
    fields, start = front_matter(text)
    found = document(name, data, text, parse(text, start), fields, missing=lost(text, data))
    # Excalidraw keeps the words of a drawing as text, and the drawing below them as code.
    drawn = "excalidraw-plugin" in fields
    blocks = [block for block in found.blocks if not (drawn and block.kind is Kind.CODE)]
    return replace(found, blocks=(*said(text, start, fields), *blocks))
