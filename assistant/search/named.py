"""Lowers the grades of what does not speak of what the question names: the A10 is not the A10G.

In: a question and graded passages, or strips. Out: the same with their grades; passages best first. Only designations
(`assistant.text.designations`) are looked for: in the passage's words, and in the title, heading and path above them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from assistant.answer import Question, Scored, Strip
from assistant.search.relevance import graded, logit
from assistant.text.designations import designations, holds
from assistant.text.terms import terms

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


def rows_told_apart(question: Question, strips: Sequence[Strip]) -> list[float]:
    """Return the strips' grades; of a table in which a row names what is asked, that row has the best one's.

    A row names it that has a designation of the question, and then the others are graded lower; or a word of it that
    no other row has. A judge sees that a table answers, but hardly which of a hundred rows that are alike.
    """
    asked, grades = designations(question.text), [strip.relevance for strip in strips]
    tables: dict[tuple[str, str, str], list[int]] = {}
    for place, strip in enumerate(strips):
        if strip.shown.startswith("|"):
            tables.setdefault((strip.source, strip.heading, strip.columns), []).append(place)
    for rows in tables.values():
        named = {place for place in rows if any(holds(strips[place].shown, name) for name in asked)}
        best = max(grades[place] for place in rows)
        for place in rows if named else ():
            grades[place] = best if place in named else graded(logit(grades[place]) - _UNNAMED)
        for place in () if named else _alone(question, {place: strips[place] for place in rows}):
            grades[place] = best
    return grades


def _alone(question: Question, rows: Mapping[int, Strip]) -> Iterator[int]:
    """Yield the rows that have a word of the question which no other row has; numbers are no words."""
    words = {term for term in question.terms if any(map(str.isalpha, term))}
    held = {place: words & set(terms(strip.shown)) for place, strip in rows.items()}
    times = Counter(word for own in held.values() for word in own)
    if len(rows) > 2:
        yield from (place for place, own in held.items() if any(times[word] == 1 for word in own))
