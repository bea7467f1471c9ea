"""The file formats, one module each: a new format is one more module, and a line in each of the tables here.

In: a file's bytes and its name. Out: a `Document`. The format is told by the first bytes, and by the name's suffix only
among formats of plain text. Text is read here; whatever a library has to take apart is read in a process of its own
(`assistant.notes.formats.apart`), which may die of it. It does not know folders or the index.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace

from assistant.errors import NoteError
from assistant.notes.describe import document, named
from assistant.notes.document import Document, Kind
from assistant.notes.formats import apart, markdown, text
from assistant.notes.formats.sniffed import PICTURES, told
from assistant.text.blocks import merged
from assistant.text.invisible import unprinted
from assistant.text.markdown import Markdown, parse

TEXT: Mapping[str, Callable[[bytes, str], Document]] = {
    ".md": markdown.read,
    ".markdown": markdown.read,
    ".txt": text.read,
    ".text": text.read,
    ".org": text.read,
    ".rst": text.read,
    ".adoc": text.read,
}
"""The formats of plain text, by the name's suffix."""
SUFFIXES = frozenset(
    (*TEXT, ".pdf", ".docx", ".pptx", ".xlsx", ".csv", ".tsv", ".html", ".htm", ".xhtml", ".epub", ".ipynb", ".hwp")
) | {".hwpx", ".rtf", ".odt", ".eml", ".canvas", ".zip", *PICTURES}
"""The suffixes of files that are taken for notes, or for archives of them."""


def read(data: bytes, name: str, seconds: float = apart.GLANCE) -> Document:
    """Return the document of a file's bytes; `name` is its source, and `seconds` may be spent on its scanned pages.

    Raises:
        NoteError: the bytes are in no format that can be read, or are broken, encrypted, or too much.

    """
    suffix = _suffix(name)
    kind = told(data, suffix)
    if kind is None:
        return TEXT.get(suffix, text.read)(data, name)
    found = apart.extract(kind, data, seconds)
    kept = tuple((block.start, block.end) for block in found.blocks if block.kind is Kind.CODE)
    parsed = Markdown(found.blocks, merged(unprinted(found.text)), kept)
    note = document(name, data, found.text, parsed, dict(found.fields), found.places, found.missing)
    # the largest words of a picture may be any, and so may be the first card's of a canvas
    return replace(note, title=named(name), titled=False) if kind in ("image", "canvas") else note


def picture(data: bytes, page: int) -> bytes:
    """Return a page of a PDF, or a picture, as PNG, pages counting from 1.

    Raises:
        NoteError: the bytes are neither, or cannot be read, or have no such page.

    """
    kind = told(data, "")
    if kind not in ("pdf", "image"):
        raise NoteError("only a PDF or a picture has pages to show")
    return apart.picture(kind, data, page)


def blocks_of(name: str) -> Callable[[str, int], Markdown]:
    """Return what parses a plain text by the suffix of its name: Markdown's parser or that of other texts."""
    return parse if TEXT.get(_suffix(name)) is markdown.read else text.parse


def is_text(data: bytes, name: str) -> bool:
    """Tell whether a file is plain text, whose offsets count the decoded file; raise NoteError as `read` does."""
    return told(data, _suffix(name)) is None


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower()
