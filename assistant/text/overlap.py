"""How much of what one text says another one holds, by their terms, in one language or across the two.

In: texts. Out: shares in 0..1. A term is held as it stands, as it sounds in the other script, or by its translation.
"""

from collections.abc import Sequence

from assistant.text.lexicon import learned
from assistant.text.sounds import sound_key
from assistant.text.terms import terms


def by_terms(evidence: Sequence[str], said: Sequence[str]) -> list[float]:
    """Return the share, in 0..1, of each sentence's terms that its evidence holds, in either language."""
    return [_share(text, sentence) for text, sentence in zip(evidence, said, strict=True)]


def _share(evidence: str, sentence: str) -> float:
    said, held = set(terms(sentence)), frozenset(terms(evidence))
    heard = {key for word in held if (key := sound_key(word))}
    met = sum(1 for word in said if word in held or sound_key(word) in heard or learned(word) & held)
    return met / len(said) if said else 0.0
