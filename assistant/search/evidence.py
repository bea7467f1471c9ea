"""Cuts graded passages into strips and keeps those that bear on the question.

In: a question and graded passages. Out: strips with exact offsets. Decompose-then-recompose after Corrective RAG
(arXiv 2401.15884, section 4.4): strips of a few sentences, graded like passages, the best few above a bound kept, in
their original order. The paper's five strips above -0.5 belong to its own grader; ours are in docs/decisions.md. The
best passage's strips come last, next to the question, where models attend to them (The Power of Noise, arXiv
2401.14887). What a bilingual note says in both languages is kept in the question's.
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
LOWEST = -0.995
PASSAGES = 5
"""Passages that are cut up; what the answer needs stands in the first few, and each strip costs a reading."""
_CONTEXT = 0.4
"""How much its passage's grade counts beside a strip's own, as logits: a strip read alone lacks what it is about."""
_ALIKE = 0.25
"""Share of their terms, over both directions, that twins have at least in common (docs/decisions.md)."""


def refine(question: Question, graded: Sequence[Scored], grader: Grader) -> list[Strip]:
    """Return the kept strips, numbered from 1 in the order in which they should be read; best passage last."""
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
    """Return a strip's grade in [-1, 1] from its own and its passage's, which saves none that is irrelevant itself."""
    if own <= LOWEST:
        return own
    return tanh((logit(own) + _CONTEXT * logit(of_passage)) / 2)


def _one_of_twins(strips: Sequence[Strip], grades: Sequence[float], language: Language) -> list[float]:
    """Give the better grade of twins to the one in the language, and to the other one the lowest."""
    settled = list(grades)
    for pair in twins(strips):
        kept, left = sorted(pair, key=lambda place: detect(strips[place].shown) is not language)
        settled[kept], settled[left] = max(grades[kept], grades[left]), -1.0
    return settled


def twins(strips: Sequence[Strip]) -> Iterator[tuple[int, int]]:
    """Yield the places of strips of one section that say the same in Korean and in English.

    Twins are the nearest of each other in the other language, and hold the same numbers.
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
