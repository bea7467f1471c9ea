"""Plain text files: paragraphs between blank lines, and headings that begin with "# "; nothing else is markup."""

import re
from collections.abc import Iterator

from assistant.notes.describe import document
from assistant.notes.document import Block, Document, Kind
from assistant.notes.encoding import decode, lost
from assistant.notes.front_matter import front_matter
from assistant.text.blocks import merged
from assistant.text.embedded import data as embedded
from assistant.text.invisible import plain, unprinted
from assistant.text.markdown import Markdown

_HEADING = re.compile(r"(#{1,6})[ \t]++(\S.*)")


def read(data: bytes, name: str) -> Document:
    """Return the document of a plain text file; raise NoteError if it is no text."""
    text = decode(data)
    fields, start = front_matter(text)
    return document(name, data, text, parse(text, start), fields, missing=lost(text, data))


def parse(text: str, start: int = 0) -> Markdown:
    """Return the blocks of a plain text from `start` on, and what of it is invisible."""
    return Markdown(tuple(_blocks(text, start)), merged([*unprinted(text), *embedded(text)]), ())


def _blocks(text: str, start: int) -> Iterator[Block]:
    first = last = start
    for line in text[start:].split("\n"):
        at, start = start, start + len(line) + 1
        heading = _HEADING.fullmatch(plain(line.strip()))
        if heading or not plain(line).strip():
            yield from _paragraph(text, first, last)
            if heading:
                words = re.sub(r"\s#+$", "", heading[2])
                yield Block(Kind.HEADING, at, at + len(line.rstrip()), len(heading[1]), " ".join(words.split()))
            first = start
        last = min(start, len(text))
    yield from _paragraph(text, first, last)


def _paragraph(text: str, first: int, last: int) -> Iterator[Block]:
    body = text[first:last]
    if body.strip():
        start = first + len(body) - len(body.lstrip())
        yield Block(Kind.PARAGRAPH, start, start + len(body.strip()))
