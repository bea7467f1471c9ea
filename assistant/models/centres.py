"""Brings the two languages' regions of a vector space together by subtracting a share of each one's mean.

An encoder of many languages puts texts of one language near each other whatever they say; the mean of a language is
where it puts them. In: unit vectors and their texts. Out: unit vectors. The means come from parallel
sentences (`python -m eval.training.fit_centres`); figures in docs/decisions.md.
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
    """Means of Korean and of English texts, shape (2, dimension) each, as questions and as passages are embedded."""

    question: _Vectors
    passage: _Vectors
    share: float
    digest: str

    def moved(self, vectors: _Vectors, texts: Sequence[str], means: _Vectors) -> _Vectors:
        """Return the vectors, shape (texts, dimension), less `share` of the mean that the text's letters call for."""
        korean = np.array([hangul_share(text) for text in texts], np.float32)[:, None]
        moved = vectors - self.share * (korean * means[0] + (1 - korean) * means[1])
        return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), np.float32)


@cache
def centres_of(name: str) -> Centres | None:
    """Return what was fitted for a model of the registry; None if nothing was."""
    fitted = json.loads(_FITTED.read_text(encoding="utf-8")).get(name)
    if not fitted:
        return None
    digest = hashlib.sha256(json.dumps(fitted, sort_keys=True).encode()).hexdigest()[:8]
    question, passage = (np.array(fitted[kind], np.float32) for kind in ("question", "passage"))
    return Centres(question, passage, fitted["share"], digest)
