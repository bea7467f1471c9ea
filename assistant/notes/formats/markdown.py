"""Markdown files, with or without front matter."""

import re
from dataclasses import replace

from assistant.notes.describe import document
from assistant.notes.document import Block, Document, Kind
from assistant.notes.encoding import decode, lost
from assistant.notes.front_matter import front_matter, said
from assistant.notes.written import written
from assistant.text.blocks import merged
from assistant.text.markdown import parse

_QUERY = re.compile(r"(?:`{3,}|~{3,})[ \t]*(?:dataview|dataviewjs|query|tasks|datacorejsx?)\b")
_EXCALIDRAW = ("excalidraw data", "text elements", "element links", "embedded files", "drawing")


def read(data: bytes, name: str) -> Document:
    """Return the document of a Markdown file; raise NoteError if it is no text."""
    text = decode(data)
    fields, start = front_matter(text)
    own = written(text, start, name)
    read = parse(text, start)
    drawn = "excalidraw-plugin" in fields
    left_out = {
        (block.start, block.end) for block in read.blocks if _asks(text, block) or drawn and _of_drawing(text, block)
    }
    blocks = tuple(block for block in read.blocks if (block.start, block.end) not in left_out)
    read = replace(read, hidden=merged([*read.hidden, own.hidden, *left_out]), blocks=blocks)
    found = document(name, data, text, read, own.fields | fields, missing=lost(text, data))
    return replace(found, blocks=(*said(text, start, fields), *found.blocks))


def _asks(text: str, block: Block) -> bool:
    """Tell a query, in whose place Obsidian and its plugins show what it finds."""
    return block.kind is Kind.CODE and _QUERY.match(text, block.start) is not None


def _of_drawing(text: str, block: Block) -> bool:
    """Tell what Excalidraw writes around the words of a drawing: a warning, its own headings, the drawing as code."""
    warns = text.startswith("==⚠", block.start)
    return warns or block.kind is Kind.CODE or block.kind is Kind.HEADING and block.words.lower() in _EXCALIDRAW
