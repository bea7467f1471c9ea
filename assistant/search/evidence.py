"""Cuts graded passages into strips and keeps those that answer the question.

In: a question and graded passages. Out: strips with exact offsets. This is decompose-then-recompose of Corrective RAG
(arXiv 2401.15884, section 4.4): passages are cut into strips of a sentence or a few short ones, strips are graded, and
the best ones are kept in their original order, as many as the writer can read. The best passage's strips come last,
next to the question, where models attend most (The Power of Noise, arXiv 2401.14887). If a bilingual note says the same
in both languages, only the question's language is kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.answer import Passage, Question, Scored, Strip
from assistant.index.store import Snapshot
from assistant.index.units import estimate_tokens
from assistant.models.embedding import Embedder, embed_texts
from assistant.search.graders import Grader
from assistant.search.named import rows_told_apart
from assistant.search.relevance import graded, logit
from assistant.search.retrieve import hybrid
from assistant.search.strips import cut
from assistant.text.claims import unborne_number
from assistant.text.language import Language, detect
from assistant.text.overlap import by_terms

_ALIKE = 0.25
"""Twins share at least this much of their terms, averaged over both directions (docs/decisions.md)."""


_FAR = 5.0
"""Strips whose odds to answer are so much lower than the best one's, as logits, fill no budget."""
_WORDS, _MEANING = 3.0, 0.7
"""Weights, beside a strip's odds as a logit, of the share of the question's terms that it holds, and of its nearness in
meaning, as a z-score (docs/decisions.md)."""
_EVEN = 0.03
"""Smallest standard deviation of cosines that counts: a smaller one tells no strip from another."""
SMALL_PASSAGE = 80
"""Tokens: passages are seldom smaller, so a budget of so many times as many needs no more of them."""
_NEAR = 24
"""Strips whose nearness in meaning is looked at: embedding them takes a quarter of a second on two cores."""


def refine(
    question: Question, found: Sequence[Scored], grader: Grader, tokens: int, embed_model: Embedder
) -> list[Strip]:
    """Return strips of about `tokens` tokens at most, numbered from 1 in reading order; the best passage's come last.

    The question has to be embedded by `embed_model`. There is at least one strip if there is a passage: the best one.
    """
    passages = [item.passage for item in found]
    strips = [
        (place, strip)
        for place, (passage, grades) in enumerate(
            zip(passages, grader.grade_sentences(question, passages), strict=True)
        )
        for strip in _graded(passage, grades)
    ]
    if not strips:
        return []
    grades = _one_of_twins([strip for _, strip in strips], question.language)
    strips = [(place, replace(strip, relevance=grade)) for (place, strip), grade in zip(strips, grades, strict=True)]
    grades = rows_told_apart(question, [strip for _, strip in strips])
    strips = [(place, replace(strip, relevance=grade)) for (place, strip), grade in zip(strips, grades, strict=True)]
    kept = [(place, strip) for place, strip in strips if grader.keeps(found[place].score, strip.relevance)]
    # A strip is as likely to answer as its passage is to help, and it to answer within it.
    both = [
        (place, replace(strip, relevance=graded(logit(found[place].score) + logit(strip.relevance))))
        for place, strip in kept or strips
    ]
    least = max(logit(strip.relevance) for _, strip in both) - _FAR
    able = [(place, strip) for place, strip in both if logit(strip.relevance) >= least]
    weighed = zip(able, _weighed(question, [strip for _, strip in able], embed_model), strict=True)
    ranked = [(place, replace(strip, relevance=graded(weight))) for (place, strip), weight in weighed]
    ranked.sort(key=lambda item: -item[1].relevance)
    chosen = list(_within(ranked, tokens))
    chosen.sort(key=lambda item: (-item[0], item[1].start))
    return [replace(strip, number=number) for number, (_, strip) in enumerate(chosen, start=1)]


def gathered(
    question: Question,
    found: Sequence[Scored],
    tokens: int,
    grader: Grader,
    embed_model: Embedder,
    notes: Snapshot | None,
) -> list[Strip]:
    """Return what a writer reads: the strips that answer, as `refine` does; with `notes`, whole passages if they fit.

    A writer that can read much finds the answer better than any choice of strips does. After what was judged come the
    passages that search finds next, as many as fit. The best passage's strips come last; those that were not graded
    have the relevance -1.
    """
    strips = refine(question, found, grader, tokens, embed_model)
    passages = [item.passage for item in found]
    if notes is None or not strips or sum(estimate_tokens(passage.headed) for passage in passages) > tokens:
        return strips
    known = {passage.id for passage in passages}
    passages += [
        item.passage for item in hybrid(notes, question, tokens // SMALL_PASSAGE) if item.passage.id not in known
    ]
    graded = {(strip.source, strip.start): strip for strip in strips}
    read = [strip for passage in reversed(list(fitting(passages, tokens))) for strip in cut(passage)]
    return [
        replace(graded.get((strip.source, strip.start), replace(strip, relevance=-1.0)), number=number)
        for number, strip in enumerate(read, start=1)
    ]


def fitting(passages: Sequence[Passage], tokens: int) -> Iterator[Passage]:
    """Yield the first passages that make `tokens` tokens at most, with their headings."""
    used = 0.0
    for passage in passages:
        used += estimate_tokens(passage.headed)
        if used > tokens:
            return
        yield passage


def _weighed(question: Question, strips: Sequence[Strip], embed_model: Embedder) -> list[float]:
    """Return how likely each strip answers, as a logit: the judge sees passages well, words and meaning tell strips."""
    shared = by_terms([strip.shown for strip in strips], [question.text] * len(strips))
    weights = [logit(strip.relevance) + _WORDS * share for strip, share in zip(strips, shared, strict=True)]
    first = sorted(range(len(strips)), key=lambda place: -weights[place])[:_NEAR]
    near = embed_texts(embed_model, [strips[place].shown for place in first]) @ question.vector
    spread = max(float(near.std()), _EVEN)
    least = min(weights[place] for place in first)
    for place, nearness in zip(first, near, strict=True):
        weights[place] += _MEANING * float(nearness - near.mean()) / spread
    # The others, which were not looked at, do not overtake them.
    behind = max(0.0, least - min(weights[place] for place in first))
    return [weight if place in first else weight - behind for place, weight in enumerate(weights)]


def _graded(passage: Passage, grades: Sequence[float]) -> Iterator[Strip]:
    """Yield a passage's strips; each has the grade of its best sentence."""
    for strip in cut(passage):
        start, end = strip.start - passage.start, strip.end - passage.start
        own = [grade for (a, b), grade in zip(passage.sentences, grades, strict=True) if start <= a and b <= end]
        yield replace(strip, relevance=max(own, default=-1.0))


def _within(ranked: Sequence[tuple[int, Strip]], tokens: int) -> Iterator[tuple[int, Strip]]:
    """Yield the first strip, and of the others each one that still fits, with its headings where they are new."""
    used, sections = 0.0, set[tuple[str, str]]()
    for number, (place, strip) in enumerate(ranked):
        section = strip.source, strip.heading
        size = estimate_tokens(strip.shown if section in sections else strip.headed)
        if not number or used + size <= tokens:
            used += size
            sections.add(section)
            yield place, strip


def _one_of_twins(strips: Sequence[Strip], language: Language) -> list[float]:
    """Return the strips' grades; the twin in `language` gets the better grade of the two, and the other twin -1."""
    grades = [strip.relevance for strip in strips]
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
