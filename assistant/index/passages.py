"""Document → passages with exact offsets.

A passage stays under one heading, is made of whole sentences, list items, table rows, formulas and code blocks, and
holds about `TARGET_TOKENS`. `document.text[passage.start:passage.end] == passage.text`, always.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from assistant.answer import Passage
from assistant.index.units import Unit, estimate_tokens, units
from assistant.notes.document import Block, Document, Kind, Span
from assistant.text.blocks import without
from assistant.text.language import detect
from assistant.text.terms import terms

VERSION = 5
"""Part of the index's fingerprint: raise it whenever the same note would give other passages or another title."""
TARGET_TOKENS = 220


class _Part(NamedTuple):
    """Units that make a passage, and the heading above them."""

    heading: str
    units: Sequence[Unit]


def passages(document: Document) -> list[Passage]:
    """Return a note's passages in order; none if it holds no text besides headings."""
    read = without(document.text, document.hidden, " ")
    return [
        _passage(document, read, part)
        for heading, blocks in _sections(document, read)
        for part in _packed(document, read, heading, blocks)
    ]


def embedded_text(passage: Passage) -> str:
    """Return what the embedding model sees of a passage: what stands above it, then what a reader sees of it.

    A title that is only the file's name is left out, so that a file that is renamed keeps its vectors.
    """
    return _headed(passage, passage.title if passage.titled else "")


def searched_text(passage: Passage) -> str:
    """Return what keyword search sees of a passage: what is embedded, and the file's name where it is the title."""
    return _headed(passage, passage.title)


def _headed(passage: Passage, title: str) -> str:
    above = "\n".join(line for line in (title, passage.heading, passage.columns) if line)
    return f"{above}\n\n{passage.shown}" if above else passage.shown


def _sections(document: Document, read: str) -> Iterator[tuple[str, list[Block]]]:
    """Yield the path of headings and the blocks below it, for each heading in turn.

    A heading with nothing below it is text of its own: "## Buy milk".
    """
    blocks = [block for block in document.blocks if read[block.start : block.end].strip()]
    path: list[tuple[int, str]] = []
    below: list[Block] = []
    for place, block in enumerate(blocks):
        if block.kind is not Kind.HEADING:
            below.append(block)
            continue
        yield _joined(path), below
        # The heading that opens a note is its title, which every passage carries anyway.
        opens = block.level == 1 and not place
        path, below = [item for item in path if item[0] < block.level], []
        after = blocks[place + 1] if place + 1 < len(blocks) else None
        if not opens and (after is None or (after.kind is Kind.HEADING and after.level <= block.level)):
            yield _joined(path), [block]
        path += [] if opens else [(block.level, block.words)]
    yield _joined(path), below


def _joined(path: Sequence[tuple[int, str]]) -> str:
    return " > ".join(words for _, words in path)


def _packed(document: Document, read: str, heading: str, blocks: Sequence[Block]) -> Iterator[_Part]:
    """Yield units of about TARGET_TOKENS together, of even size rather than full ones and a rest."""
    parts = list(units(blocks, read, document.whole, TARGET_TOKENS))
    sizes = [estimate_tokens(read[part.start : part.end]) for part in parts]
    goal = sum(sizes) / max(1, round(sum(sizes) / TARGET_TOKENS))
    first, held = 0, 0.0
    for place, size in enumerate(sizes):
        paragraph_ends = place and "\n\n" in document.text[parts[place - 1].end : parts[place].start]
        # A blank line is the better place to cut, so it may cut a little early and other places a little late.
        if place > first and held + size / 2 > goal * (0.8 if paragraph_ends else 1.1):
            yield _Part(heading, parts[first:place])
            first, held = place, 0.0
        held += size
    if parts:
        yield _Part(heading, parts[first:])


def _passage(document: Document, read: str, part: _Part) -> Passage:
    start, end = part.units[0].start, part.units[-1].end
    text, hidden = document.text[start:end], _inside(document.hidden, start, end)
    identity = f"{document.source}\0{start}\0{text}".encode()
    columns = part.units[0].columns
    made = Passage(
        id=hashlib.sha256(identity).hexdigest()[:24],
        source=document.source,
        title=document.title,
        heading=part.heading,
        url=document.url,
        language=detect(without(text, hidden)),
        text=text,
        start=start,
        end=end,
        hidden=hidden,
        sentences=tuple((a - start, b - start) for unit in part.units for a, b in unit.sentences),
        titled=document.titled,
        columns=" | ".join(read[columns[0] : columns[1]].strip("| \t").split(" | ")) if columns else "",
        locator=part.units[0].locator,
    )
    return replace(made, terms=tuple(terms(searched_text(made))))


def _inside(spans: Sequence[Span], start: int, end: int) -> tuple[Span, ...]:
    """Return what of the spans lies between two places, counted from the first."""
    first = max(bisect_left(spans, (start, start)) - 1, 0)
    last = bisect_left(spans, (end, end))
    cut = ((max(a, start) - start, min(b, end) - start) for a, b in spans[first:last])
    return tuple(span for span in cut if span[0] < span[1])
