"""Aligns Korean and English vectors by subtracting a share of each language's mean vector.

A multilingual encoder places texts of one language near each other, whatever they say; the mean vector of a language
shows where. In: unit vectors and their texts. Out: unit vectors. The means were fitted on parallel sentences
(`python -m eval.training.fit_centres`); docs/decisions.md has the figures.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.text.language import hangul_share

_FITTED = Path(__file__).with_name("centres.json")
_Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Centres:
    """Mean vectors of Korean and English, shape (2, dimension), embedded as questions and as passages.

    `share` in 0..1 is how much of a mean is subtracted; `digest` identifies the fitted values.
    """

    question: _Vectors
    passage: _Vectors
    share: float
    digest: str

    def moved(self, vectors: _Vectors, texts: Sequence[str], means: _Vectors) -> _Vectors:
        """Return the vectors, shape (texts, dimension), minus `share` of the mean of each text's language.

        A text in both languages gets both means, in proportion to its letters.
        """
        korean = np.array([hangul_share(text) for text in texts], np.float32)[:, None]
        moved = vectors - self.share * (korean * means[0] + (1 - korean) * means[1])
        return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), np.float32)


@cache
def centres_of(name: str) -> Centres | None:
    """Return the means that were fitted for a model of the registry; None if there are none."""
    values = json.loads(_FITTED.read_text(encoding="utf-8")).get(name)
    if not values:
        return None
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:8]
    question, passage = (np.array(values[kind], np.float32) for kind in ("question", "passage"))
    return Centres(question, passage, values["share"], digest)
