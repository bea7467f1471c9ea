"""Extracts what a passage adds to the bilingual lexicon: words by their sound, and pairs in brackets.

In: a passage. Out: `(key, term)` pairs with the keys of `assistant.text.lexicon`, such as ("en TLNSPM", "transformer").
The index counts the passages behind each pair, so that a pair disappears with the last of them.
"""

import re
from functools import lru_cache

from assistant.answer import Passage
from assistant.text.sounds import sound_key
from assistant.text.terms import terms

BRACKETED = "()"
"""The prefix of keys for terms paired by brackets."""
_LATIN_WORD = re.compile(r"[A-Za-z]+")
_BRACKETS = re.compile(
    r"(?<![가-힣])([가-힣]+)\s?\(([A-Za-z][A-Za-z-]+)\)|(?<![\w-])([A-Za-z][A-Za-z-]+)\s?\(([가-힣]+)\)"
)


def entries(passage: Passage) -> set[tuple[str, str]]:
    """Return the pairs of a passage, each once."""
    text = passage.shown
    pairs = {pair for word in {word.lower() for word in _LATIN_WORD.findall(text)} for pair in _sounding(word)}
    for term in set(passage.terms):
        if not term.isascii() and (key := sound_key(term)):
            pairs.add((f"ko {key}", term))
    for match in _BRACKETS.findall(text):
        pairs.update(_beside(match[0] or match[3], match[1] or match[2]))
    return pairs


@lru_cache(maxsize=50_000)
def _sounding(word: str) -> tuple[tuple[str, str], ...]:
    key = sound_key(word)
    return tuple((f"en {key}", term) for term in terms(word)) if key else ()


def _beside(korean: str, english: str) -> set[tuple[str, str]]:
    sides = [terms(korean), terms(english)]
    if any(len(side) != 1 for side in sides):  # a compound: which part translates which is unknown
        return set()
    (one,), (other,) = sides
    return {(f"{BRACKETED}{one}", other), (f"{BRACKETED}{other}", one)}
