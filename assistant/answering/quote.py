"""Answers with quotes from the notes, where no language model writes; deterministic.

In: graded strips. Out: one or two quoted strips, each cited, the best one first. If one is in the other language, this
is said once, before it.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.answer import Question, Sentence, Strip
from assistant.answering.cite import marks
from assistant.messages.said import ACROSS
from assistant.search.relevance import logit
from assistant.text.language import Language, detect
from assistant.text.overlap import by_terms
from assistant.text.shown import inert

QUOTES = 2
"""Strips that an answer quotes at most."""
_MARKS = re.compile(r"(?:[-*•#>]+\s+|\d{1,3}[.)]\s+)*")
_CLOSE = 2.0
"""Beside the best strip only such are quoted as are weighed at most so much lower, as logits (docs/decisions.md)."""


def quote(question: Question, language: Language, strips: Sequence[Strip], most: int = QUOTES) -> list[Sentence]:
    """Return the best strips, at most `most`, as cited sentences, best first.

    The heading of a quote stands before it where it holds something of the question that the quote does not.
    """
    telling = [strip for strip in strips if not _bare(strip)] or strips
    ranked = sorted(telling, key=lambda strip: -strip.relevance)
    answering = [strip for strip in ranked if logit(strip.relevance) >= logit(ranked[0].relevance) - _CLOSE]
    chosen = answering[:most]
    quotes = [
        Sentence(quoted(strip.shown), (strip.number,), 1.0, _before(strip, earlier) + _above(question, strip, earlier))
        for earlier, strip in zip([None, *chosen], chosen, strict=False)
    ]
    across = next((at for at, sentence in enumerate(quotes) if detect(sentence.text) is not language), None)
    if across is not None:
        one, says = quotes[across], ACROSS[language]
        quotes[across] = replace(one, before=f" {says}{one.before}")
    return quotes


def _before(strip: Strip, earlier: Strip | None) -> str:
    """Return the layout before a quote: a table's row stands in its table, below the header."""
    if not strip.columns:
        return "\n\n" if earlier and earlier.columns else " "
    if earlier and (earlier.source, earlier.columns) == (strip.source, strip.columns):
        return "\n"
    return f"\n\n| {strip.columns} |\n|{' --- |' * (strip.columns.count('|') + 1)}\n"


def _above(question: Question, strip: Strip, earlier: Strip | None) -> str:
    """Return the heading of a strip, else its title, in round brackets, if its reader needs it; else nothing."""
    last = strip.heading.rpartition(" > ")[2] or strip.title
    if strip.columns or (earlier and (earlier.source, earlier.heading) == (strip.source, strip.heading)):
        return ""
    alone, both = by_terms([strip.shown, f"{last}\n{strip.shown}"], [question.text] * 2)
    return f"({inert(last)}) " if both > alone else ""


def _bare(strip: Strip) -> bool:
    """Tell whether a strip is a table's row with a single cell filled, which says nothing."""
    text = strip.shown.strip()
    return text.startswith("|") and sum(bool(cell.strip()) for cell in text.split("|")) < 2


def quoted(text: str) -> str:
    """Return a note's words as an answer quotes them: on one line, without marks of lists, headings or citations."""
    text = text.strip()
    bare = _MARKS.sub("", text, count=1)
    return marks(" ".join((bare or text).split()))[0]
