"""A note as it was read: its text, its blocks in order, and what of the text its reader does not see.

In: nothing. Out: values. Every offset counts characters of `Document.text`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from assistant.text.language import Language

Span = tuple[int, int]
"""Where something begins and ends, in characters."""


class Kind(StrEnum):
    """What a block of a note is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"  # a list item without the lists inside it
    HEAD = "head"  # a table's first row, which names its columns
    ROW = "row"
    CODE = "code"
    MATH = "math"


@dataclass(frozen=True)
class Block:
    """One block: `document.text[start:end]`.

    `level` is 1 to 6 for a heading, and how deep an item lies in lists, from 1. `words` is what a heading's reader
    sees, without its marks. `locator` says where the block stands in a format that has pages, slides or cells.
    """

    kind: Kind
    start: int
    end: int
    level: int = 0
    words: str = ""
    locator: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Document:
    """A note; `source` is its path relative to the folder that was indexed, `hash` the SHA-256 of its bytes.

    `titled` is False where the title is only the file's name. `blocks` stand in reading order and do not overlap;
    front matter is in none. `hidden` are the spans of the text that no reader of the note sees (comments, link
    targets, invisible characters), in order, without overlaps.
    """

    source: str
    text: str
    title: str
    titled: bool
    url: str
    language: Language
    hash: str
    blocks: tuple[Block, ...] = ()
    hidden: tuple[Span, ...] = ()
    tags: tuple[str, ...] = ()
