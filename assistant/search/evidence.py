"""Cuts graded passages into strips and keeps those that are relevant to the question.

In: a question and graded passages. Out: strips with exact offsets. This is decompose-then-recompose of Corrective RAG
(arXiv 2401.15884, section 4.4): passages are cut into strips of a few sentences, strips are graded, and the best
ones are kept in their original order. The paper keeps five strips above -0.5; docs/decisions.md explains our numbers.
The best passage's strips come last, next to the question, where models attend most (The Power of Noise, arXiv
2401.14887). If a bilingual note says the same in both languages, only the question's language is kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import tanh

from assistant.answer import Question, Scored, Strip
from assistant.search.graders import Grader
from assistant.search.relevance import logit
from assistant.search.strips import cut
from assistant.text.claims import unborne_number
from assistant.text.language import Language, detect
from assistant.text.overlap import by_terms

KEEP = 8
"""Strips that are kept at most."""
LOWEST = -0.995
"""Strips at or below this grade are dropped; if all are, the best one stays."""
PASSAGES = 5
"""Passages that are cut into strips; the answer is in the first few, and grading each strip takes time."""
_CONTEXT = 0.4
"""Weight of the passage's grade beside the strip's own, as logits, since a strip alone may lack its topic."""
_ALIKE = 0.25
"""Twins share at least this much of their terms, averaged over both directions (docs/decisions.md)."""


def refine(question: Question, graded: Sequence[Scored], grader: Grader) -> list[Strip]:
    """Return the kept strips, numbered from 1 in reading order; those of the best passage come last."""
    strips = [(place, strip) for place, item in enumerate(graded[:PASSAGES]) for strip in cut(item.passage)]
    if not strips:
        return []
    alone = grader.grade_strips(question, [strip for _, strip in strips])
    grades = [_in_context(own, graded[place].score) for own, (place, _) in zip(alone, strips, strict=True)]
    grades = _one_of_twins([strip for _, strip in strips], grades, question.language)
    ranked = sorted(zip(grades, strips, strict=True), key=lambda item: -item[0])
    kept = [item for item in ranked if item[0] > LOWEST][:KEEP] or ranked[:1]
    kept.sort(key=lambda item: (-item[1][0], item[1][1].start))
    return [replace(strip, relevance=grade, number=number) for number, (grade, (_, strip)) in enumerate(kept, start=1)]


def _in_context(own: float, of_passage: float) -> float:
    """Combine a strip's own grade with its passage's, in [-1, 1]; an irrelevant strip (`LOWEST`) stays irrelevant."""
    if own <= LOWEST:
        return own
    return tanh((logit(own) + _CONTEXT * logit(of_passage)) / 2)


def _one_of_twins(strips: Sequence[Strip], grades: Sequence[float], language: Language) -> list[float]:
    """Give the twin in `language` the better grade of the two, and the other twin -1."""
    settled = list(grades)
    for pair in twins(strips):
        kept, left = sorted(pair, key=lambda place: detect(strips[place].shown) is not language)
        settled[kept], settled[left] = max(grades[kept], grades[left]), -1.0
    return settled


def twins(strips: Sequence[Strip]) -> Iterator[tuple[int, int]]:
    """Yield pairs of places of twins: strips of one section that say the same in Korean and in English.

    Each twin is the other's nearest strip in the other language, and both contain the same numbers.
    """
    sections: dict[tuple[str, str], list[int]] = {}
    for place, strip in enumerate(strips):
        sections.setdefault((strip.source, strip.heading), []).append(place)
    for section in sections.values():
        korean = [place for place in section if detect(strips[place].shown) is Language.KO]
        english = [place for place in section if detect(strips[place].shown) is Language.EN]
        if korean and english:
            yield from _nearest(korean, english, [strip.shown for strip in strips])


def _nearest(korean: Sequence[int], english: Sequence[int], texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    alike = {(one, other): _alike(texts[one], texts[other]) for one in korean for other in english}
    for one in korean:
        other = max(english, key=lambda place: alike[one, place])
        mutual = one == max(korean, key=lambda place: alike[place, other])
        if mutual and alike[one, other] >= _ALIKE and _same_numbers(texts[one], texts[other]):
            yield one, other


def _alike(one: str, other: str) -> float:
    return sum(by_terms([one, other], [other, one])) / 2


def _same_numbers(one: str, other: str) -> bool:
    return not (unborne_number(one, other) or unborne_number(other, one))
