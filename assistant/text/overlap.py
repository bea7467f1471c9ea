"""Measures how many of one text's search terms another text contains, within a language or across the two.

In: texts. Out: shares in 0..1. A term counts as contained literally, by its sound in the other script, or by a learned
translation.
"""

from collections.abc import Callable, Sequence

from assistant.text.lexicon import learned
from assistant.text.sounds import sound_key
from assistant.text.terms import terms


def by_terms(
    evidence: Sequence[str], claims: Sequence[str], weight: Callable[[str], float] = lambda term: 1.0
) -> list[float]:
    """Return, for each claim, the share of its terms in 0..1 that the evidence at the same place contains.

    `weight` says what a term counts; all count the same without it.
    """
    return [_share(text, claim, weight) for text, claim in zip(evidence, claims, strict=True)]


def _share(evidence: str, claim: str, weight: Callable[[str], float]) -> float:
    claimed, present = set(terms(claim)), frozenset(terms(evidence))
    sounds = {key for term in present if (key := sound_key(term))}
    matched = {term for term in claimed if term in present or sound_key(term) in sounds or learned(term) & present}
    return sum(map(weight, matched)) / sum(map(weight, claimed)) if claimed else 0.0
