"""Finds what Obsidian and Logseq add to Markdown but do not show.

That is `%%comments%%`, block ids (`^a1b2c3`) and the kind of a callout (`[!note]`); and Logseq's references to blocks
(`((…))`) and its own lines (`id:: …`).

In: a note's text with its blocks. Out: hidden spans.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from assistant.text.blocks import Block, Kind, Span

_BLOCK_ID = re.compile(r"(?<=\s)\^[A-Za-z0-9-]{4,64}$")
_CALLOUT = re.compile(r"^[ \t>]*>[ \t]*(\[![\w-]+(?:\|[\w-]*)?\][+-]?)", re.MULTILINE)
_COMMENT = re.compile(r"(?<!%)%%(?!%)")
_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_REFERENCE = rf"\(\({_UUID}\)\)"
_LOGSEQ = re.compile(
    rf"\{{\{{embed[ \t]+{_REFERENCE}[ \t]*\}}\}}|{_REFERENCE}"
    r"|\{\{(?:query|renderer)[ \t][^\n]{0,500}?\}\}|\{:(?:height|width)[ \t][^{}\n]*\}"
    r"|^[ \t]*:LOGBOOK:\n(?:[^\n]*\n){0,50}?[ \t]*:END:[ \t]*$"
    rf"|^[ \t]*(?:id::[ \t]+{_UUID}|(?:collapsed|heading)::[ \t]+(?:true|false)"
    r"|(?:done|now|later|doing|todo)::[ \t]+\d+"
    r"|(?:logseq\.[\w.-]+|(?:hl|ls|card)-[\w-]+|(?:background|border)-color)::[ \t][^\n]*)[ \t]*$",
    re.MULTILINE,
)


def unseen(text: str, blocks: Sequence[Block], whole: Sequence[Span]) -> Iterator[Span]:
    """Yield the spans that Obsidian hides, outside of code and formulas."""
    for block in blocks:
        last = max(block.start, block.end - 70)
        if block.kind not in (Kind.CODE, Kind.MATH) and (block_id := _BLOCK_ID.search(text, last, block.end)):
            yield block_id.span()
    if "[!" in text:
        yield from (kind.span(1) for kind in _CALLOUT.finditer(text, blocks[0].start if blocks else len(text)))
    yield from _comments(text, blocks, whole)
    if any(mark in text for mark in ("((", ":: ", "{{", "{:", ":LOGBOOK:")):
        starts = [block.start for block in blocks]
        yield from (
            match.span()
            for match in _LOGSEQ.finditer(text, starts[0] if starts else len(text))
            if not _literal(match.start(), blocks, bisect_right(starts, match.end()) - 1, whole)
        )


def _comments(text: str, blocks: Sequence[Block], whole: Sequence[Span]) -> Iterator[Span]:
    """Yield Obsidian's `%%…%%` comments: within one block, or over several if the marks begin and end a line."""
    if "%%" not in text:
        return
    starts = [block.start for block in blocks]
    opened: Span | None = None
    for match in _COMMENT.finditer(text, starts[0] if starts else len(text)):
        at, end = match.span()
        place = bisect_right(starts, at) - 1
        if _literal(at, blocks, place, whole):
            continue
        alone = opened and text[max(opened[0] - 1, 0) : opened[0]] in ("\n", "") and text[end : end + 1] in ("\n", "")
        if opened and (opened[1] == place or alone) and not text[end : end + 1].isalnum():
            yield opened[0], end
            opened = None
        else:
            opened = None if text[max(at - 1, 0) : at].isalnum() else (at, place)


def _literal(at: int, blocks: Sequence[Block], place: int, whole: Sequence[Span]) -> bool:
    """Tell whether an offset, which is in or after the block at `place`, is in code or in a formula."""
    code = blocks[place].kind in (Kind.CODE, Kind.MATH) and at < blocks[place].end
    return code or _inside(whole, at)


def _inside(spans: Sequence[Span], place: int) -> bool:
    at = bisect_right(spans, (place, len(spans) + (1 << 60))) - 1
    return at >= 0 and spans[at][0] <= place < spans[at][1]
