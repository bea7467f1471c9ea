"""Lowers the grades of passages that do not speak of what the question names: the A10 is not the A10G.

In: a question and graded passages. Out: the same passages with their grades, best first. Only designations
(`assistant.text.designations`) are looked for: in the passage's words, and in the title, heading and path above them.
"""

from collections.abc import Sequence

from assistant.answer import Question, Scored
from assistant.search.relevance import graded, logit
from assistant.text.designations import designations, holds

_UNNAMED = 3.0
"""How much lower, as a logit, a passage is graded (docs/decisions.md)."""


def lowered(question: Question, found: Sequence[Scored]) -> list[Scored]:
    """Return the passages, best first; those that name nothing that the question names are graded lower.

    If none of the passages names one of several things, all are: then the others do not answer the question either.
    """
    asked = designations(question.text)
    held = [{name for name in asked if holds(f"{one.passage.source}\n{one.passage.headed}", name)} for one in found]
    somewhere = set[str]().union(*held)
    lacking = len(somewhere) < len(asked)
    lower = [bool(asked) and (lacking or not own) for own in held]
    grades = [graded(logit(one.score) - _UNNAMED) if low else one.score for one, low in zip(found, lower, strict=True)]
    return sorted(
        (Scored(one.passage, grade) for one, grade in zip(found, grades, strict=True)), key=lambda item: -item.score
    )
