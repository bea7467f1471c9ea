"""Notes and vectors in any number, made from real ones, for sizes at which nobody has real ones at hand.

Notes repeat the real texts with every fifth word replaced by another of theirs. Vectors mix a real one with one of its
neighbours and add noise, so that they lie about as close together as real ones do.
"""

import hashlib
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding
from pydantic import PrivateAttr

from assistant.index import cut, vectors
from assistant.models.embedding import Vectors, normalised
from assistant.notes.files import front_matter

_REPLACED = 0.2
_NEIGHBOURS = 100
_NOISE = 0.6
"""Length of the noise beside a vector's, which is 1."""
_BLOCK = 50_000


def write_notes(texts: Sequence[str], passages: int, folder: Path) -> None:
    """Write notes that hold at least so many passages, one file a text and edition."""
    chance = random.Random(0)
    words = [word for text in texts for word in text.split()]
    written = edition = 0
    while written < passages:
        (folder / str(edition)).mkdir(parents=True)
        for number, text in enumerate(texts):
            if written >= passages:
                break
            note = _reworded(text, words, chance) if edition else text
            (folder / str(edition) / f"{number}.md").write_text(note, encoding="utf-8")
            written += sum(1 for _ in cut.spans(note, front_matter(note)[1]))
        edition += 1


def _reworded(text: str, words: Sequence[str], chance: random.Random) -> str:
    """Replace words inside lines; what opens a line stays, because headings and lists begin there."""
    lines = (line.split(" ") for line in text.split("\n"))
    return "\n".join(
        " ".join([*line[:1], *(chance.choice(words) if chance.random() < _REPLACED else word for word in line[1:])])
        for line in lines
    )


def mixtures(real: Vectors, count: int) -> Vectors:
    """Return unit vectors, shape (count, dimension): the real ones first, mixtures of neighbours behind them."""
    chance = np.random.default_rng(0)
    _, near = vectors.build(real, 1).engine.search(real, min(_NEIGHBOURS, len(real)))
    made = np.empty((count, real.shape[1]), np.float32)
    made[: len(real)] = real[:count]
    scale = _NOISE / real.shape[1] ** 0.5
    for at in range(len(real), count, _BLOCK):
        size = min(_BLOCK, count - at)
        one = chance.integers(len(real), size=size)
        other = near[one, chance.integers(near.shape[1], size=size)]
        share = chance.uniform(0.5, 1, size=(size, 1)).astype(np.float32)
        noise = chance.normal(scale=scale, size=(size, real.shape[1])).astype(np.float32)
        made[at : at + size] = normalised(share * real[one] + (1 - share) * real[other] + noise)
    return made


class MixedEmbedding(BaseEmbedding):
    """Gives each text one of the vectors it was made with: an index of thousands of passages within seconds."""

    _vectors: Vectors = PrivateAttr()

    def __init__(self, vectors: Vectors) -> None:
        super().__init__(model_name="mixed")
        self._vectors = vectors

    def _get_text_embedding(self, text: str) -> list[float]:
        digest = hashlib.sha256(text.encode()).digest()
        found: list[float] = self._vectors[int.from_bytes(digest[:8]) % len(self._vectors)].tolist()
        return found

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)
