"""Finds two strips that give different numbers for the same thing.

In: a question and its strips. Out: the two strips, or nothing. Two numbers are compared if they have the same unit and
occur among the same words, in texts about the same names. A text that contains both numbers disagrees with neither.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from assistant.answer import Question, Strip
from assistant.text.claims import Number, names, numbers
from assistant.text.language import detect
from assistant.text.sentences import sentences
from assistant.text.terms import terms

_SAME = 0.5
"""Two mentions of a number speak of the same thing if they share at least this much of the smaller one's words."""
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_CLAUSE = re.compile(r"(?<=[,;]) |(?<=며) |(?<=면서) |(?<=고,) | and ")
_FOR_NUMBERS = re.compile(
    r"몇|얼마|얼만|비율|언제|퍼센트|%|\b(?:how (?:many|much|long|often|large|big|fast|high|old|far|wide|tall)|when"
    r"|what (?:share|year|percentage|percent|size|number|temperature))\b",
    re.IGNORECASE,
)
_ABOUT_SOURCES = frozenset(
    "얼마 각각 다르 비율 퍼센트 소개 글 소개글 초록 노트 논문 년도 서로 "
    "share percentag percent mani much long differ note paper abstract introduct".split()
)
"""Terms that ask for a number or point at the notes themselves."""


class _Mention(NamedTuple):
    """A number, and the words of its clause and of its sentence."""

    number: Number
    clause: set[str]
    sentence: set[str]


def disagreement(question: Question, strips: Sequence[Strip]) -> tuple[Strip, Strip] | None:
    """Return the best graded pair of strips that answer the question with different numbers; None if there is none."""
    if not _FOR_NUMBERS.search(question.text):
        return None
    ranked = sorted(strips, key=lambda strip: -strip.relevance)
    named = {term for title in question.titles for term in terms(title)}
    wanted = {term for term in question.terms if not term[0].isdigit()} - _ABOUT_SOURCES - named
    for one, other in combinations(ranked, 2):
        if _differ(one, other, wanted):
            return one, other
    return None


def _differ(one: Strip, other: Strip, wanted: set[str]) -> bool:
    ours, theirs = one.shown, other.shown
    # A table's rows differ because they are about different things.
    if "|" in ours + theirs or detect(ours) is not detect(theirs) or not _same_subject(one, other):
        return False
    numbers_here, numbers_there = numbers(ours), numbers(theirs)
    return any(
        a.number[1] == b.number[1]
        and a.number not in numbers_there
        and b.number not in numbers_here
        and len(a.clause & b.clause) >= max(2, _SAME * min(len(a.clause), len(b.clause)))
        and wanted & a.sentence == wanted & b.sentence
        and _bears_on(wanted, a.sentence)
        for a in _mentions(ours, wanted)
        for b in _mentions(theirs, wanted)
    )


def _bears_on(wanted: set[str], sentence: set[str]) -> bool:
    """Tell whether a sentence contains most of the terms asked for; of two terms one is enough."""
    shared = len(wanted & sentence)
    return 2 * shared > len(wanted) or (shared > 0 and len(wanted) == 2)


def _same_subject(one: Strip, other: Strip) -> bool:
    """Tell whether all names of one text are in the other, or both texts begin with the same name."""
    ours, theirs = names(one.shown), names(other.shown)
    if not ours or not theirs:
        return True
    fewer = min((set(ours), set(theirs)), key=len)
    return ours[0] == theirs[0] or fewer <= set(ours) & set(theirs)


def _mentions(text: str, wanted: set[str]) -> Iterator[_Mention]:
    """Yield the numbers in the sentences that contain the most terms asked for."""
    texts = [text[start:end] for start, end in sentences(text)]
    most = max((len(wanted & _words(sentence)) for sentence in texts), default=0)
    for sentence in texts:
        whole = _words(sentence)
        if len(wanted & whole) == most:
            for clause in _CLAUSE.split(sentence):
                words = _words(clause)
                for number in numbers(clause):
                    yield _Mention(number, words, whole)


def _words(text: str) -> set[str]:
    return set(terms(_FIGURE.sub(" ", text)))
