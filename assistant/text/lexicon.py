"""Translates search terms between Korean and English, so that keyword search works across the two languages.

In: search terms, as `terms` returns them. Out: counterparts in the other language, each with a weight in 0..1. They
come from three sources: translations learned from parallel sentences (`eval.training.fit_lexicon`), pairs that the
notes put in brackets, such as 어텐션(attention), and loanwords, which sound alike.
"""

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from assistant.text.sounds import sound_key

SOUND, BRACKETS, LEARNED = 0.6, 0.8, 0.8
"""The weight of a counterpart, where the term itself has 1; a learned one's is multiplied by its probability."""
_FITTED = Path(__file__).with_name("lexicon.json")


@dataclass(frozen=True)
class Lexicon:
    """What one collection of notes adds to the learned translations.

    `alike` maps a sound key with its language, such as "en TLNSPM", to the terms that sound so. `bracketed` maps a term
    to the terms of the other language that it shares a bracketed pair with.
    """

    alike: dict[str, set[str]]
    bracketed: dict[str, set[str]]

    def counterparts(self, word: str) -> dict[str, float]:
        """Return the counterparts of a word with their weights in 0..1; empty for an unknown word."""
        alike = dict.fromkeys(self.alike.get(across(word), ()), SOUND)
        return alike | {term: max(weight, alike.get(term, 0.0)) for term, weight in self.translations(word).items()}

    def translations(self, word: str) -> dict[str, float]:
        """Return only the learned and the bracketed counterparts, without words that merely sound alike."""
        known = {term: LEARNED * probability for term, probability in _learned().get(word, {}).items()}
        bracketed = dict.fromkeys(self.bracketed.get(word, ()), BRACKETS)
        return known | {term: max(weight, known.get(term, 0.0)) for term, weight in bracketed.items()}


def across(word: str) -> str:
    """Return the key under which the terms of the other language are that sound like a word."""
    return f"{'ko' if word.isascii() else 'en'} {sound_key(word)}"


@cache
def _learned() -> dict[str, dict[str, float]]:
    """Return the learned translations, both ways: term → term of the other language → probability."""
    known: dict[str, dict[str, float]] = json.loads(_FITTED.read_text(encoding="utf-8"))
    for korean, translations in list(known.items()):
        for english, probability in translations.items():
            known.setdefault(english, {})[korean] = probability
    return known


@lru_cache(maxsize=20_000)
def learned(word: str) -> frozenset[str]:
    """Return the learned counterparts of a term, which do not depend on the notes."""
    return frozenset(Lexicon({}, {}).counterparts(word))
