"""Answers with quotes from the notes, where no language model writes; deterministic.

In: graded strips. Out: one to four quoted sentences, each citing its strip; those of the best section come first.
"""

from collections.abc import Sequence

from assistant.answer import Sentence, Strip
from assistant.answering.check import in_words
from assistant.text.language import Language

QUOTES = 4
"""Strips that an answer quotes at most."""
_CLOSE = 1.1
"""A strip is quoted beside the best one only if its grade is at most this much lower."""


def quote(language: Language, strips: Sequence[Strip], most: int = QUOTES) -> list[Sentence]:
    """Return the best strips, at most `most`, as cited sentences, in reading order within each section of a note."""
    ranked = sorted(strips, key=lambda strip: -strip.relevance)
    close = [strip for strip in ranked if strip.relevance >= ranked[0].relevance - _CLOSE]
    sections = list(dict.fromkeys(map(_section, ranked)))
    chosen = sorted(close[:most], key=lambda strip: (sections.index(_section(strip)), strip.start))
    return [quoted(strip, language) for strip in chosen]


def _section(strip: Strip) -> tuple[str, str]:
    return strip.source, strip.heading


def quoted(strip: Strip, language: Language) -> Sentence:
    """Return a strip as a sentence that cites it."""
    return Sentence(in_words(strip.shown, language), (strip.number,), 1.0)
