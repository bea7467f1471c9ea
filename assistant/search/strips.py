"""Cuts passages into strips, the pieces that are graded against the question and cited in answers.

In: a passage. Out: strips with exact offsets into the note (the decomposition of Corrective RAG, arXiv 2401.15884,
section 4.4).
"""

from assistant.answer import Passage, Strip
from assistant.text.blocks import Span, clipped

_SHORT = 30
"""A strip of fewer characters is joined with the next sentence: alone it says too little to be graded or quoted."""


def cut(passage: Passage) -> list[Strip]:
    """Return the passage's strips in order, not yet graded; `note[start:end] == text` for each."""
    spans: list[Span] = []
    for start, end in passage.sentences:
        # Anything but white space between two sentences is hidden text, so they stay apart.
        if spans and spans[-1][1] - spans[-1][0] < _SHORT and not passage.text[spans[-1][1] : start].strip():
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    strips = (_strip(passage, start, end) for start, end in spans)
    return [strip for strip in strips if strip.shown.strip()]


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
        locator=passage.locator,
    )
