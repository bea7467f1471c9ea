"""Cuts a document into passages with exact offsets.

A passage stays under one heading, consists of whole sentences, list items, table rows, formulas and code blocks, and
has about `TARGET_TOKENS`. `document.text[passage.start:passage.end] == passage.text`, always.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import NamedTuple

from assistant.answer import Passage
from assistant.index.units import Unit, estimate_tokens, units
from assistant.notes.document import Block, Document, Kind
from assistant.text.blocks import clipped, places_in, without
from assistant.text.language import detect
from assistant.text.terms import terms

VERSION = 9
"""Part of the index's fingerprint: raise it whenever the same note gives other passages, or another title."""
TARGET_TOKENS = 220


class _Part(NamedTuple):
    """The units of one passage, and the heading above them."""

    heading: str
    units: Sequence[Unit]


def passages(document: Document) -> list[Passage]:
    """Return a note's passages in order, with their search terms; none if it has no text besides headings."""
    read = without(document.text, document.hidden, " ")
    return [
        _passage(document, read, part)
        for heading, blocks in _sections(document, read)
        for part in _packed(document, read, heading, blocks)
    ]


def embedded_text(passage: Passage) -> str:
    """Return the text that is embedded for a passage: its names, headings and table header, then its visible text.

    A title that is only the file's name is left out, so that a renamed file keeps its vectors.
    """
    return _headed(passage, passage.named if passage.titled else ", ".join(passage.aliases))


def searched_text(passage: Passage) -> str:
    """Return the text that keyword search uses for a passage: the embedded text, with the file's name and folders."""
    return _headed(passage, " ".join((*PurePosixPath(passage.source).parts[:-1], passage.named)))


def _headed(passage: Passage, title: str) -> str:
    above = "\n".join(line for line in (title, passage.heading, passage.columns) if line)
    return f"{above}\n\n{passage.shown}" if above else passage.shown


def _sections(document: Document, read: str) -> Iterator[tuple[str, list[Block]]]:
    """Yield each path of headings ("Tea > Water") with the blocks below it, in order.

    A heading with nothing below it, such as "## Buy milk", is yielded as a block itself.
    """
    held = [block for block in document.blocks if read[block.start : block.end].strip()]
    blocks = [block for block in held if block.kind is not Kind.FIELD]
    yield "", [block for block in held if block.kind is Kind.FIELD]
    path: list[tuple[int, str]] = []
    below: list[Block] = []
    for place, block in enumerate(blocks):
        if block.kind is not Kind.HEADING:
            below.append(block)
            continue
        yield _joined(path), below
        # The heading that opens a note may be its title, which every passage carries anyway.
        opens = not place and block.level == 1 and document.titled and block.words.startswith(document.title)
        path, below = [item for item in path if item[0] < block.level], []
        after = blocks[place + 1] if place + 1 < len(blocks) else None
        if not opens and (after is None or (after.kind is Kind.HEADING and after.level <= block.level)):
            yield _joined(path), [block]
        path += [] if opens else [(block.level, block.words)]
    yield _joined(path), below


def _joined(path: Sequence[tuple[int, str]]) -> str:
    return " > ".join(words for _, words in path)


def _packed(document: Document, read: str, heading: str, blocks: Sequence[Block]) -> Iterator[_Part]:
    """Yield groups of units of about TARGET_TOKENS, of even size rather than full ones and a small rest."""
    parts = list(units(blocks, read, document.whole, TARGET_TOKENS))
    sizes = [estimate_tokens(read[part.start : part.end]) for part in parts]
    goal = sum(sizes) / max(1, round(sum(sizes) / TARGET_TOKENS))
    first, filled = 0, 0.0
    for place, size in enumerate(sizes):
        paragraph_ends = place and "\n\n" in document.text[parts[place - 1].end : parts[place].start]
        # A blank line is the better place to cut, so it may cut a little early and other places a little late.
        if place > first and filled + size / 2 > goal * (0.8 if paragraph_ends else 1.1):
            yield _Part(heading, parts[first:place])
            first, filled = place, 0.0
        filled += size
    if parts:
        yield _Part(heading, parts[first:])


def _passage(document: Document, read: str, part: _Part) -> Passage:
    start, end = part.units[0].start, part.units[-1].end
    text, hidden = document.text[start:end], clipped(document.hidden, start, end)
    identity = f"{document.source}\0{start}\0{text}".encode()
    columns = part.units[0].columns
    passage = Passage(
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
        aliases=document.aliases,
        columns=" | ".join(read[columns[0] : columns[1]].strip("| \t").split(" | ")) if columns else "",
        places=places_in(document.places, start, end),
    )
    return replace(passage, terms=tuple(terms(searched_text(passage))))
