"""Cuts passages into strips, the pieces that are graded against the question and cited in answers.

In: a passage. Out: strips with exact offsets into the note (the decomposition of Corrective RAG, arXiv 2401.15884,
section 4.4).
"""

from itertools import takewhile

from assistant.answer import Passage, Strip
from assistant.text.blocks import Span, clipped, places_in

_SHORT = 30
"""A strip of fewer characters is joined with the next sentence: alone it says too little to be graded or quoted."""


def cut(passage: Passage) -> list[Strip]:
    """Return the passage's strips in order, not yet graded; `note[start:end] == text` for each."""
    spans: list[Span] = []
    for start, end in passage.sentences:
        if spans and _short(passage.text, *spans[-1], start):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    strips = (_strip(passage, start, end) for start, end in spans)
    return [strip for strip in strips if strip.shown.strip()]


def _short(text: str, start: int, end: int, following: int) -> bool:
    """Tell whether a sentence is joined with the next one; a table's row, however short, stands under its header.

    Anything but white space between two sentences is hidden text, so they stay apart.
    """
    row = text.startswith("|", start) or text.startswith("|", following)
    return end - start < _SHORT and not row and not text[end:following].strip()


def of_sentences(passage: Passage) -> list[Strip]:
    """Return each of the passage's sentences as a strip."""
    return [_strip(passage, start, end) for start, end in passage.sentences]


def whole(passage: Passage) -> Strip:
    """Return a passage as one strip."""
    return _strip(passage, 0, len(passage.text))


def _strip(passage: Passage, start: int, end: int) -> Strip:
    return Strip(
        passage.source,
        passage.title,
        passage.heading,
        passage.url,
        passage.text[start:end],
        passage.start + start,
        passage.start + end,
        relevance=0.0,
        hidden=clipped(passage.hidden, start, end),
        places=places_in(passage.places, start, end),
        columns=_columns(passage, start) if passage.text.startswith("|", start) else "",
        aliases=passage.aliases,
    )


def _columns(passage: Passage, start: int) -> str:
    """Return the header of the table that has a row at `start`; empty if it has none.

    It is the row above all others of the table, and no sentence: a header says nothing by itself.
    """
    above = passage.text[:start].rstrip().split("\n") if passage.text[:start].strip() else []
    rows = list(takewhile(lambda line: line.lstrip().startswith("|"), reversed(above)))
    if len(rows) == len(above) and passage.columns:
        return passage.columns
    if not rows:
        return ""
    first = len("\n".join(above[: len(above) - len(rows)])) + bool(len(above) > len(rows))
    if any(begin <= first < end for begin, end in passage.sentences):
        return ""
    return " | ".join(cell.strip() for cell in rows[-1].strip().strip("|").split("|"))
