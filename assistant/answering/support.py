"""Scores how well a strip supports a sentence: by the terms that they share and by reading both.

In: pieces of evidence and the sentence beside each. Out: scores in 0..1. Reading is what tells another fact in the same
words, and the same fact in the other language; terms hold it to what is there (docs/decisions.md).
"""

from collections.abc import Sequence

import numpy as np

from assistant.answering.check import Supports
from assistant.models.reader import SUPPORTS, Reader
from assistant.text.overlap import by_terms


def scorer(reader: Reader | None) -> Supports:
    """Return what scores by terms and the reader's probability, each for a half; without a reader, by terms alone."""
    if reader is None:
        return by_terms

    def supports(evidence: Sequence[str], said: Sequence[str]) -> list[float]:
        logits = reader.read(list(zip(said, evidence, strict=True)))[:, SUPPORTS]
        read = 1 / (1 + np.exp(-np.asarray(logits, np.float64)))
        return [(share + float(chance)) / 2 for share, chance in zip(by_terms(evidence, said), read, strict=True)]

    return supports
