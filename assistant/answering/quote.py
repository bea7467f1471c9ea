"""Answers with quotes from the notes, where no language model writes; deterministic.

In: graded strips. Out: one to three quoted strips, each cited; those of the best section come first. If one is in the
other language, this is said once, before it.
"""

from collections.abc import Sequence
from dataclasses import replace

from assistant.answer import Sentence, Strip
from assistant.answering.cite import marks
from assistant.messages.said import ACROSS
from assistant.search.relevance import logit
from assistant.text.language import Language, detect

QUOTES = 3
"""Strips that an answer quotes at most."""
_CLOSE = 3.0
"""Beside the best strip only such are quoted as have odds that are at most so much lower, as logits."""


def quote(language: Language, strips: Sequence[Strip], most: int = QUOTES) -> list[Sentence]:
    """Return the best strips, at most `most`, as cited sentences, in reading order within each section of a note."""
    ranked = sorted(strips, key=lambda strip: -strip.relevance)
    answering = [strip for strip in ranked if logit(strip.relevance) >= logit(ranked[0].relevance) - _CLOSE]
    sections = list(dict.fromkeys(map(_section, ranked)))
    chosen = sorted(answering[:most], key=lambda strip: (sections.index(_section(strip)), strip.start))
    quotes = [Sentence(quoted(strip.shown), (strip.number,), 1.0) for strip in chosen]
    across = next((at for at, sentence in enumerate(quotes) if detect(sentence.text) is not language), None)
    if across is not None:
        quotes[across] = replace(quotes[across], text=f"{ACROSS[language]} {quotes[across].text}")
    return quotes


def _section(strip: Strip) -> tuple[str, str]:
    return strip.source, strip.heading


def quoted(text: str) -> str:
    """Return a note's words as an answer quotes them: on one line, without a list's mark or marks of citations."""
    return marks(" ".join(text.lstrip("-*•# ").split()))[0]
