"""Which terms of one language stand for a term of the other, so that keyword search crosses between them.

In: search terms, as `terms` gives them. Out: terms of the other language and how far each may be trusted. They
come from three sources: translations learned from parallel sentences (`eval.training.fit_lexicon`), what the notes
themselves put in brackets, as in 어텐션(attention), and borrowed words, which sound alike.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from assistant.text.sounds import sound_key
from assistant.text.terms import terms

SOUND, BRACKETS, LEARNED = 0.6, 0.8, 0.8
"""What a counterpart counts beside the term itself; one that was learned counts by its probability as well."""
_FITTED = Path(__file__).with_name("lexicon.json")
_LATIN_WORD = re.compile(r"[A-Za-z]+")
_BRACKETS = re.compile(
    r"(?<![가-힣])([가-힣]+)\s?\(([A-Za-z][A-Za-z-]+)\)|(?<![\w-])([A-Za-z][A-Za-z-]+)\s?\(([가-힣]+)\)"
)


@dataclass(frozen=True)
class Lexicon:
    """What one collection of notes adds to the learned translations.

    `alike` holds the terms of a language by their sound, under keys such as "en TLNSPM"; `bracketed` the terms that
    stood in brackets behind a term of the other language, or before it.
    """

    alike: dict[str, set[str]]
    bracketed: dict[str, set[str]]

    @classmethod
    def of(cls, texts: Iterable[str], found: Iterable[Sequence[str]]) -> "Lexicon":
        """Gather from passages: their texts, and their search terms."""
        lexicon = cls({}, {})
        words: set[str] = set()
        for text in texts:
            words.update(word.lower() for word in _LATIN_WORD.findall(text))
            for pair in _BRACKETS.findall(text):
                lexicon._pair(pair[0] or pair[3], pair[1] or pair[2])
        for word in words:
            if key := sound_key(word):
                lexicon.alike.setdefault(f"en {key}", set()).update(terms(word))
        for term in {term for some in found for term in some if not term.isascii()}:
            if key := sound_key(term):
                lexicon.alike.setdefault(f"ko {key}", set()).add(term)
        return lexicon

    def write(self, file: Path) -> None:
        """Write the lexicon as JSON, in an order of its own; raise OSError if that fails."""
        said = [{key: sorted(some) for key, some in sorted(kind.items())} for kind in (self.alike, self.bracketed)]
        file.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, file: Path) -> "Lexicon":
        """Read what `write` wrote; raise OSError, ValueError or TypeError if it is not that."""
        return cls(
            *({key: set(some) for key, some in kind.items()} for kind in json.loads(file.read_text(encoding="utf-8")))
        )

    def _pair(self, korean: str, english: str) -> None:
        sides = [terms(korean), terms(english)]
        if all(len(side) == 1 for side in sides):  # which part of a compound stands for which, brackets do not say
            for (one,), (other,) in (sides, sides[::-1]):
                self.bracketed.setdefault(one, set()).add(other)

    def counterparts(self, word: str) -> dict[str, float]:
        """Return terms of the other language and their weights, in 0..1; none for an unknown word."""
        found = dict.fromkeys(self.alike.get(f"{'ko' if word.isascii() else 'en'} {sound_key(word)}", ()), SOUND)
        return found | {term: max(weight, found.get(term, 0.0)) for term, weight in self.translations(word).items()}

    def translations(self, word: str) -> dict[str, float]:
        """Return the counterparts that were learned or stood in brackets, without those that only sound alike."""
        found = {term: LEARNED * probability for term, probability in _learned().get(word, {}).items()}
        bracketed = dict.fromkeys(self.bracketed.get(word, ()), BRACKETS)
        return found | {term: max(weight, found.get(term, 0.0)) for term, weight in bracketed.items()}


@cache
def _learned() -> dict[str, dict[str, float]]:
    """Return the learned translations, both ways: term → term of the other language → probability."""
    found: dict[str, dict[str, float]] = json.loads(_FITTED.read_text(encoding="utf-8"))
    for korean, translations in list(found.items()):
        for english, probability in translations.items():
            found.setdefault(english, {})[korean] = probability
    return found


@lru_cache(maxsize=20_000)
def learned(word: str) -> frozenset[str]:
    """Return the counterparts of a term whatever the notes say: those that were learned."""
    return frozenset(Lexicon({}, {}).counterparts(word))
