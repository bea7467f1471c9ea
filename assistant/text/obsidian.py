"""Finds what Obsidian adds to Markdown but does not show: `%%comments%%` and block ids (`^a1b2c3`).

In: a note's text with its blocks. Out: hidden spans.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from assistant.text.blocks import Block, Kind, Span

_BLOCK_ID = re.compile(r"(?<=\s)\^[A-Za-z0-9-]{4,64}$")
_COMMENT = re.compile(r"(?<!%)%%(?!%)")


def unseen(text: str, blocks: Sequence[Block], whole: Sequence[Span]) -> Iterator[Span]:
    """Yield the spans that Obsidian hides, outside of code and formulas."""
    for block in blocks:
        last = max(block.start, block.end - 70)
        if block.kind not in (Kind.CODE, Kind.MATH) and (block_id := _BLOCK_ID.search(text, last, block.end)):
            yield block_id.span()
    yield from _comments(text, blocks, whole)


def _comments(text: str, blocks: Sequence[Block], whole: Sequence[Span]) -> Iterator[Span]:
    """Yield Obsidian's `%%…%%` comments: within one block, or over several if the marks begin and end a line."""
    if "%%" not in text:
        return
    starts = [block.start for block in blocks]
    opened: Span | None = None
    for match in _COMMENT.finditer(text, starts[0] if starts else len(text)):
        at, end = match.span()
        place = bisect_right(starts, at) - 1
        code = blocks[place].kind in (Kind.CODE, Kind.MATH) and at < blocks[place].end
        if code or _inside(whole, at):
            continue
        alone = opened and text[max(opened[0] - 1, 0) : opened[0]] in ("\n", "") and text[end : end + 1] in ("\n", "")
        if opened and (opened[1] == place or alone) and not text[end : end + 1].isalnum():
            yield opened[0], end
            opened = None
        else:
            opened = None if text[max(at - 1, 0) : at].isalnum() else (at, place)


def _inside(spans: Sequence[Span], place: int) -> bool:
    at = bisect_right(spans, (place, len(spans) + (1 << 60))) - 1
    return at >= 0 and spans[at][0] <= place < spans[at][1]
