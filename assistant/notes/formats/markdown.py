"""Markdown files, with or without front matter."""

from dataclasses import replace

from assistant.notes.describe import document
from assistant.notes.document import Block, Document, Kind
from assistant.notes.encoding import decode, lost
from assistant.notes.front_matter import front_matter, said
from assistant.notes.written import written
from assistant.text.blocks import merged
from assistant.text.markdown import parse

_EXCALIDRAW = ("excalidraw data", "text elements", "element links", "embedded files", "drawing")


def read(data: bytes, name: str) -> Document:
    """Return the document of a Markdown file; raise NoteError if it is no text."""
    text = decode(data)
    fields, start = front_matter(text)
    own = written(text, start, name)
    read = parse(text, start)
    read = replace(read, hidden=merged([*read.hidden, own.hidden]))
    if "excalidraw-plugin" in fields:
        read = replace(read, blocks=tuple(block for block in read.blocks if not _of_drawing(text, block)))
    found = document(name, data, text, read, own.fields | fields, missing=lost(text, data))
    return replace(found, blocks=(*said(text, start, fields), *found.blocks))


def _of_drawing(text: str, block: Block) -> bool:
    """Tell what Excalidraw writes around the words of a drawing: a warning, its own headings, the drawing as code."""
    warns = text.startswith("==⚠", block.start)
    return warns or block.kind is Kind.CODE or block.kind is Kind.HEADING and block.words.lower() in _EXCALIDRAW
