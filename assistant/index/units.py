"""Splits blocks into units, the smallest pieces that a passage is packed from.

In: a note's blocks, and its text with hidden parts blanked (`read`). Out: units in order: sentences, list items, table
rows, formulas, code. A unit is cut, at a line's end or at white space, only if it is too long for the encoder.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from assistant.notes.document import Block, Kind, Span
from assistant.text.sentences import sentences
from assistant.text.spelling import composed

_FENCE = re.compile(r"[\s>]*(?:(?:[-*+]|\d{1,9}[.)])\s+)?(?:`{3,}|~{3,})[^\n]*")
_COMMENT = re.compile(r"[\s>]*(?:#|//|--|%|/\*|\"\"\")")
_LONGEST_SENTENCE = 160
"""Tokens; what is longer and has no full stop is a transcript, a list in one line or the like."""
_PIECE = 200
"""Characters of a piece of such a text."""


class Unit(NamedTuple):
    """`text[start:end]`, which stays together; `sentences` are the spans in it that can be quoted.

    For a table row, `columns` is the span of the table's header.
    """

    start: int
    end: int
    sentences: tuple[Span, ...]
    columns: Span | None = None


def estimate_tokens(text: str) -> float:
    """Estimate the encoder's tokens: 0.65 per Hangul syllable, 0.27 per other character (measured for e5)."""
    text = composed(text)
    hangul = 0 if text.isascii() else sum("가" <= char <= "힣" for char in text)
    return 0.65 * hangul + 0.27 * (len(text) - hangul)


def units(blocks: Sequence[Block], read: str, whole: Sequence[Span], target: int) -> Iterator[Unit]:
    """Yield the units of blocks in order; none for hidden text and for the fences of code."""
    head: Span | None = None
    waiting: Block | None = None
    for block in blocks:
        if block.kind is Kind.HEAD:
            head, waiting = (block.start, block.end), block
            continue
        head = head if block.kind is Kind.ROW else None
        if waiting and block.kind is not Kind.ROW:
            yield Unit(waiting.start, waiting.end, ())
            waiting = None
        for unit in _bounded(_of(block, read, whole, target), read, target * 2):
            if waiting:  # a header stays with its first row
                unit, waiting = unit._replace(start=waiting.start), None
            elif block.kind is Kind.ROW:
                unit = unit._replace(columns=head)
            yield unit
    if waiting:
        yield Unit(waiting.start, waiting.end, ())


def _of(block: Block, read: str, whole: Sequence[Span], target: int) -> Iterator[Unit]:
    start, end = _trimmed(read, block.start, block.end)
    if start >= end:
        return
    if block.kind in (Kind.ROW, Kind.MATH, Kind.FIELD):
        yield Unit(start, end, ((start, end),))
    elif block.kind is Kind.CODE:
        if parts := tuple(_statements(read, start, end)):
            yield Unit(start, end, parts)
    else:
        parts = tuple(_sentences(read, start, end, whole))
        if block.kind is Kind.ITEM and estimate_tokens(read[start:end]) <= target:
            yield Unit(start, end, parts)
        else:
            yield from (Unit(first, last, ((first, last),)) for first, last in parts)


def _sentences(read: str, start: int, end: int, whole: Sequence[Span]) -> Iterator[Span]:
    """Yield the sentences; none ends inside a formula or inline code."""
    pieces, at = [], start
    for place in range(max(bisect_left(whole, (start, start)) - 1, 0), len(whole)):
        first, last = whole[place]
        if first >= end:
            break
        if last > start:
            pieces += [read[at : max(first, at)], "x" * (min(last, end) - max(first, at))]
            at = min(last, end)
    text = "".join([*pieces, read[at:end]])
    for first, last in sentences(text):
        yield from ((start + a, start + b) for a, b in _readable(text, first, last))


def _readable(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the pieces of a sentence that is too long to be one, as a transcript without marks is: some lines each.

    They end behind a comma or the like where there is one, else between words.
    """
    too_long = estimate_tokens(text[start : min(end, start + 4 * _LONGEST_SENTENCE)]) > _LONGEST_SENTENCE
    while too_long and end - start > 2 * _PIECE:
        room = range(start + _PIECE // 2, start + 2 * _PIECE)
        mark = max((at + 1 for at in room if text[at] in ",;:،、" and text[at + 1 : at + 2].isspace()), default=0)
        cut = mark or text.rfind(" ", start + _PIECE // 2, start + _PIECE)
        if cut <= start:
            break
        yield _trimmed(text, start, cut)
        start = _after_space(text, cut)
    yield start, end


def _after_space(text: str, at: int) -> int:
    """Return where the next word begins."""
    while text[at : at + 1].isspace():
        at += 1
    return at


def _statements(read: str, start: int, end: int) -> Iterator[Span]:
    """Yield groups of code lines: a comment with the lines that it explains, up to a blank line or the next comment.

    The fences (```) belong to no group.
    """
    first = last = -1
    explained = True
    at = start
    for line in read[start:end].split("\n"):
        comment = _COMMENT.match(line) is not None
        ends = not line.replace(">", " ").strip() or _FENCE.fullmatch(line)
        if first >= 0 and (ends or (comment and explained)):
            yield first, last
            first = -1
        if not ends:
            first = at + len(line) - len(line.lstrip()) if first < 0 else first
            last, explained = at + len(line.rstrip()), not comment
        at += len(line) + 1
    if first >= 0:
        yield first, last


def _bounded(parts: Iterator[Unit], read: str, limit: int) -> Iterator[Unit]:
    """Cut the units that are too long for the encoder."""
    for part in parts:
        # 4 * limit characters are too many in any language, so a very long line need not be measured whole.
        at = part.start
        while estimate_tokens(read[at : min(part.end, at + 4 * limit)]) > limit:
            cut = _place_to_cut(read, at, limit)
            yield _piece(part, *_trimmed(read, at, cut))
            at = cut
        start, end = _trimmed(read, at, part.end)
        if start < end:
            yield part if at == part.start else _piece(part, start, end)


def _place_to_cut(read: str, start: int, limit: int) -> int:
    for mark in ("\n", " "):
        place = read.rfind(mark, start + limit // 2, start + limit)
        if place > 0:
            return place
    return start + limit


def _piece(part: Unit, start: int, end: int) -> Unit:
    inside = tuple((max(a, start), min(b, end)) for a, b in part.sentences if a < end and b > start)
    return Unit(start, end, inside, part.columns)


def _trimmed(read: str, start: int, end: int) -> Span:
    body = read[start:end]
    return start + len(body) - len(body.lstrip()), end - len(body) + len(body.rstrip())
