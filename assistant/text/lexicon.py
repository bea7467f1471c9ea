"""Which terms of one language stand for a term of the other, so that keyword search crosses between them.

In: search terms, as `terms` gives them. Out: terms of the other language and how far each may be trusted. They
come from three sources: translations learned from parallel sentences (`eval.training.fit_lexicon`), what the notes
themselves put in brackets, as in 어텐션(attention), and borrowed words, which sound alike.
"""

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from assistant.text.sounds import sound_key

SOUND, BRACKETS, LEARNED = 0.6, 0.8, 0.8
"""What a counterpart counts beside the term itself; one that was learned counts by its probability as well."""
_FITTED = Path(__file__).with_name("lexicon.json")


@dataclass(frozen=True)
class Lexicon:
    """What one collection of notes adds to the learned translations.

    `alike` holds the terms of a language by their sound, under keys such as "en TLNSPM"; `bracketed` the terms that
    stood in brackets behind a term of the other language, or before it.
    """

    alike: dict[str, set[str]]
    bracketed: dict[str, set[str]]

    def counterparts(self, word: str) -> dict[str, float]:
        """Return terms of the other language and their weights, in 0..1; none for an unknown word."""
        key = f"{'ko' if word.isascii() else 'en'} {sound_key(word)}"
        heard = dict.fromkeys(self.alike.get(key, ()), SOUND)
        return heard | {term: max(weight, heard.get(term, 0.0)) for term, weight in self.translations(word).items()}

    def translations(self, word: str) -> dict[str, float]:
        """Return the counterparts that were learned or stood in brackets, without those that only sound alike."""
        known = {term: LEARNED * probability for term, probability in _learned().get(word, {}).items()}
        bracketed = dict.fromkeys(self.bracketed.get(word, ()), BRACKETS)
        return known | {term: max(weight, known.get(term, 0.0)) for term, weight in bracketed.items()}


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
    """Return the counterparts of a term whatever the notes say: those that were learned."""
    return frozenset(Lexicon({}, {}).counterparts(word))
