"""The blocks of a note: headings, paragraphs, list items, table rows, code. Every file format is read into these.

All offsets count characters of the note's text.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

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
    FIELD = "field"  # of a note's front matter, with its name


@dataclass(frozen=True)
class Block:
    """One block: `text[start:end]`.

    `level` is 1 to 6 for a heading; for a list item it is the depth of nesting, from 1. `words` is a heading's visible
    text, without its `#` marks.
    """

    kind: Kind
    start: int
    end: int
    level: int = 0
    words: str = ""


class Place(NamedTuple):
    """Where `text[start:end]` stands in a format that has more than text.

    `locator` is `{"page": 7, "box": [left, top, right, bottom]}` with shares of the page's size in 0..1 from its upper
    left corner, `{"slide": 3}`, `{"sheet": "Costs", "row": 12}`, or `{"cell": 4}`; all count from 1.
    """

    start: int
    end: int
    locator: Mapping[str, Any]


def places_in(places: Sequence[Place], start: int, end: int) -> tuple[Place, ...]:
    """Return the parts of the places that lie in `start..end`, counted from `start`; the places must be in order."""
    first = max(bisect_left(places, start, key=lambda place: place.start) - 1, 0)
    last = bisect_left(places, end, key=lambda place: place.start)
    inside = (Place(max(a, start) - start, min(b, end) - start, locator) for a, b, locator in places[first:last])
    return tuple(place for place in inside if place.start < place.end)


def locator_of(places: Sequence[Place], start: int, end: int) -> Mapping[str, Any] | None:
    """Return where `text[start:end]` begins, with a box for each of its lines on that page; None if no place says."""
    if not (found := places_in(places, start, end)):
        return None
    first = {name: value for name, value in found[0].locator.items() if name != "box"}
    same = [place.locator for place in found if place.locator.get("page") == first.get("page")]
    boxes = [locator["box"] for locator in same if "box" in locator]
    return {**first, "boxes": boxes} if boxes else first


def placed(locator: Mapping[str, Any]) -> str:
    """Return where a locator points, in one line: "page 7", "sheet Costs, row 12"."""
    return ", ".join(f"{name} {value}" for name, value in locator.items() if name not in ("box", "boxes"))


def merged(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Sort the spans, join those that overlap or touch, and drop empty ones."""
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)


def clipped(spans: Sequence[Span], start: int, end: int) -> tuple[Span, ...]:
    """Return the parts of the spans that lie in `start..end`, counted from `start`; the spans must be in order."""
    first = max(bisect_left(spans, (start, start)) - 1, 0)
    last = bisect_left(spans, (end, end))
    inside = ((max(a, start) - start, min(b, end) - start) for a, b in spans[first:last])
    return tuple(span for span in inside if span[0] < span[1])


def without(text: str, spans: Sequence[Span], filler: str = "") -> str:
    """Return the text with every character inside the spans replaced by `filler`; the spans must be in order."""
    pieces, at = [], 0
    for start, end in spans:
        pieces += [text[at:start], filler * (end - start)]
        at = end
    return "".join([*pieces, text[at:]])


def place_without(span: Span, hidden: Sequence[Span]) -> Span:
    """Return where a span stands once the hidden spans, which must be in order, are cut out of its text."""
    start, end = (at - sum(min(b, at) - a for a, b in hidden if a < at) for at in span)
    return start, end
