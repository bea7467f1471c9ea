"""Takes a comparison apart: one search for each thing that is compared, and evidence of each.

In: a question that compares two or more things; or what was judged for each of them. Out: a question for each thing; or
one verdict, and strips of all. Passages seldom speak of both things, so each is judged by what it says of one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from assistant.answer import Action, Question, RankedPassage, Scored, Step, Strip, Verdict
from assistant.search.ladder import Judged
from assistant.search.question import reworded
from assistant.search.relevance import graded, logit
from assistant.text.overlap import by_terms
from assistant.text.terms import kiwi

_WORD = re.compile(r"[^\s,/?!]+")
_PARTICLES = frozenset(("와", "과", "랑", "이랑", "하고"))
_BETWEEN = frozenset("vs vs. versus and or with from than to 대".split())
_SKIPPED = frozenset("the a an my our your its their his her".split())
_NOTHING = frozenset(
    "what which who how why when where it that this they them each other both difference differences diff similar "
    "different compare compared comparison better worse between btw notes "
    "둘 서로 뭐 무엇 어느 차이 차이점 비교 비교좀 다른 가운데 중 것 점".split()
)
"""Words that name neither a thing that is compared nor what it is compared in."""
_NOUNS = frozenset(("NNG", "NNP", "NR", "XR", "XPN", "XSN", "SL", "SN", "SO", "SW", "SP", "SB", "SH"))


def compared(question: Question) -> tuple[Question, ...]:
    """Return a question for each of the things that are compared; empty if they cannot be told."""
    pair = next(_pairs(question.text), ())
    both = (*_listed_before(question.text, pair[0]), *pair) if pair else ()
    nouns = [word.spelled for word in question.words if word.nominal and word.spelled[0] >= "가"]
    # Of English words no tagger tells which are nouns, so there the names alone are asked.
    aspect = [
        noun for noun in nouns if noun not in _NOTHING and not any(noun in thing or thing in noun for thing in both)
    ]
    return tuple(reworded(question, " ".join((thing, *aspect))) for thing in both)


def _listed_before(text: str, thing: str) -> list[str]:
    """Return the names that a list holds before a thing: A and B of "A, B, C and D" before C."""
    *pieces, last = text[: text.index(thing)].split(",")
    found = list[str]()
    for piece in reversed(pieces) if not last.strip() else ():
        words = _WORD.findall(piece)
        name = _parted(words[-1])[0] if words else ""
        if not name or name.lower() in _NOTHING:
            break
        found.insert(0, name)
        if len(words) > 1:
            break
    return found


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield the names around a word or particle that joins them."""
    words = [word for word in _WORD.findall(text) if word.lower() not in _SKIPPED]
    for first, second in pairwise(words):  # GPT랑 BERT
        name, particle = _parted(first)
        if particle in _PARTICLES:
            yield from _named(name, _parted(second)[0])
    for first, joined, second in zip(words, words[1:], words[2:], strict=False):  # GPT vs BERT
        if joined.lower() in _BETWEEN:
            yield from _named(_parted(first)[0], _parted(second)[0])


def _named(first: str, second: str) -> Iterator[tuple[str, str]]:
    if first and second and first != second and not {first.lower(), second.lower()} & (_NOTHING | _BETWEEN):
        yield first, second


def _parted(word: str) -> tuple[str, str]:
    """Return a word's name, empty if it is none, and the particle behind it."""
    end, particle = 0, ""
    for token in kiwi().tokenize(word):
        if token.tag not in _NOUNS:
            particle = token.form
            break
        end = token.start + token.len
    if not particle and word.endswith("랑"):  # of an unknown name Kiwi takes it for a part
        return word[:-1], "랑"
    return word[:end].rstrip(".:;"), particle


def none_of(judged: Sequence[Judged]) -> bool:
    """Tell whether the notes have none of several things: "L40S memory and bandwidth" names none that stands alone."""
    return len(judged) > 1 and all(each.verdict.action is Action.INCORRECT for each in judged)


def together(found: Sequence[Judged]) -> tuple[Verdict, tuple[Step, ...], tuple[RankedPassage, ...]]:
    """Return one verdict, the steps and the passages of all: Correct or Incorrect only if each thing is."""
    actions = {one.verdict.action for one in found}
    action = actions.pop() if len(actions) == 1 else Action.AMBIGUOUS
    ranked = {(one.source, one.start): one for judged in found for one in judged.ranked}
    return (
        Verdict(action, min(one.verdict.confidence for one in found)),
        tuple(step for one in found for step in one.trace),
        tuple(sorted(ranked.values(), key=lambda one: -one.relevance)),
    )


def spoken_of(part: Question, met: Sequence[Scored]) -> bool:
    """Tell whether a word of the question stands in any of the passages; a low grade alone does not deny that."""
    return any(by_terms([item.passage.headed for item in met], [part.text] * len(met)))


def merged(parts: Sequence[Sequence[Strip]]) -> list[Strip]:
    """Return the strips of all things, each once, numbered anew; the best one of each weighs the same."""
    best = [max((logit(strip.relevance) for strip in part), default=0.0) for part in parts]
    level = min(best, default=0.0)
    strips = {
        (strip.source, strip.start): replace(strip, relevance=graded(logit(strip.relevance) - own + level))
        for part, own in zip(parts, best, strict=True)
        for strip in part
    }
    return [replace(strip, number=number) for number, strip in enumerate(strips.values(), start=1)]
