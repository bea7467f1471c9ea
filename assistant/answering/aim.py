"""Tells whether what was written speaks to the question, by the judge that graded the passages.

In: a question, a written sentence and the strip that bears it out. Out: whether it is an answer. A small model may copy
from its evidence a true sentence that answers another question.
"""

from collections.abc import Callable

from assistant.answer import Question, Strip
from assistant.models.judge import Judge, Text, limits
from assistant.search.relevance import graded

Aims = Callable[[Question, str, Strip], bool]
"""Tells whether a sentence that rests on a strip speaks to the question."""


def by_faith(question: Question, sentence: str, strip: Strip) -> bool:
    """Take every sentence for an answer."""
    return True


def aims(judge: Judge | None) -> Aims:
    """Return a check that reads a sentence as a passage, under what stands above its strip; none without a judge.

    What the relevance check would call Incorrect as a passage (Corrective RAG, arXiv 2401.15884, section 4.3) is no
    answer: the thresholds are the same.
    """
    if judge is None:
        return by_faith

    def answers(question: Question, sentence: str, strip: Strip) -> bool:
        above = strip.headed[: len(strip.headed) - len(strip.shown)]
        [reading] = judge.read(question.text, [Text(above + sentence, ((len(above), len(above + sentence)),))])
        return graded(reading.helps) >= limits()[question.language]["lower"]

    return answers
