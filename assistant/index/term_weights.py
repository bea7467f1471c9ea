"""How much each search term says: the rarer among the passages, the more.

In: the search terms of each passage. Out: a weight for any term. Knows neither notes nor questions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class TermWeights:
    """Inverse document frequencies, as BM25 counts them; `unseen` is that of a term that no passage holds."""

    weights: dict[str, float]
    unseen: float

    @classmethod
    def of(cls, terms: Sequence[Sequence[str]]) -> "TermWeights":
        """Count the passages that hold each term."""
        held: dict[str, int] = {}
        for words in terms:
            for word in set(words):
                held[word] = held.get(word, 0) + 1
        total = len(terms)
        weights = {word: float(np.log1p((total - n + 0.5) / (n + 0.5))) for word, n in held.items()}
        return cls(weights, float(np.log1p((total + 0.5) / 0.5)))

    def __getitem__(self, word: str) -> float:
        return self.weights.get(word, self.unseen)

    def coverage(self, wanted: Sequence[str], found: Sequence[str]) -> float:
        """Return the weighted share, in 0..1, of the wanted terms that are found; 0 if nothing is wanted."""
        words = set(wanted)
        total = sum(self[word] for word in words)
        return sum(self[word] for word in words & set(found)) / total if total else 0.0
