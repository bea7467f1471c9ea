"""The parts that a note is made of, whatever format it comes in; every offset counts characters of the note's text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Span = tuple[int, int]
"""Where something begins and ends, in characters."""


class Kind(StrEnum):
    """What a block of a note is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"  # a list item's first paragraph, with its mark
    HEAD = "head"  # a table's first row, which names its columns
    ROW = "row"
    CODE = "code"
    MATH = "math"


@dataclass(frozen=True)
class Block:
    """One block: `text[start:end]`.

    `level` is 1 to 6 for a heading, and how deep an item lies in lists, from 1. `words` is what a heading's reader
    sees, without its marks. `locator` says where the block stands in a format that has pages, slides or cells.
    """

    kind: Kind
    start: int
    end: int
    level: int = 0
    words: str = ""
    locator: Mapping[str, Any] | None = None


def merged(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return the spans in order, those that overlap or touch as one, without empty ones."""
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)


def without(text: str, spans: Sequence[Span], filler: str = "") -> str:
    """Return the text with each character of the spans, which are in order, replaced by the filler."""
    pieces, at = [], 0
    for start, end in spans:
        pieces += [text[at:start], filler * (end - start)]
        at = end
    return "".join([*pieces, text[at:]])
