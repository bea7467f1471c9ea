"""Makes any number of notes and vectors from real ones, for measuring at large sizes.

Notes repeat the real passages with every fifth word replaced by another of theirs. Vectors mix a real one with one of
its neighbours and add noise, so that they lie about as close together as real ones do.
"""

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding
from pydantic import PrivateAttr

from assistant.answer import Passage, Vectors
from assistant.index import vectors
from assistant.index.ingest import Ingested, with_terms
from assistant.index.store import IndexedNote
from assistant.models.embedding import normalised
from assistant.text.sentences import sentences

_REPLACED = 0.2
_NEIGHBOURS = 100
_NOISE = 0.6
"""Length of the added noise, where a vector's length is 1."""
_BLOCK = 50_000


def write_notes(real: Sequence[Ingested], count: int, folder: Path) -> Iterator[tuple[IndexedNote, list[Passage]]]:
    """Write notes that hold so many passages, one file a real note and edition; yield each as an index holds it."""
    chance = random.Random(0)
    words = [word for taken in real for passage in taken.passages for word in passage.text.split()]
    written = edition = 0
    while written < count:
        (folder / str(edition)).mkdir(parents=True)
        for number, taken in enumerate(real):
            some = taken.passages[: count - written]
            if not some:
                break
            source, text, passages = f"{edition}/{number}.md", "", []
            for passage in some:
                said = _reworded(passage.text, words, chance) if edition else passage.text
                passages.append(_moved(passage, source, said, len(text)))
                text += said + "\n\n"
            data = text.encode()
            (folder / source).write_bytes(data)
            first, digest = passages[0], hashlib.sha256(data).hexdigest()
            yield (
                IndexedNote(str(folder), source, digest, first.title, first.language.value, len(passages)),
                with_terms(passages),
            )
            written += len(passages)
        edition += 1


def _moved(passage: Passage, source: str, text: str, start: int) -> Passage:
    id = hashlib.sha256(f"{source}\0{start}\0{text}".encode()).hexdigest()[:24]
    spans = tuple(sentences(text))
    return replace(
        passage, id=id, source=source, text=text, start=start, end=start + len(text), hidden=(), sentences=spans
    )


def _reworded(text: str, words: Sequence[str], chance: random.Random) -> str:
    """Replace words inside lines; the start of a line stays, because headings and lists begin there."""
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
    """Gives each text one of the given vectors, so that an index of thousands of passages takes seconds to make."""

    _vectors: Vectors = PrivateAttr()

    def __init__(self, vectors: Vectors) -> None:
        super().__init__(model_name="mixed")
        self._vectors = vectors

    def _get_text_embedding(self, text: str) -> list[float]:
        digest = hashlib.sha256(text.encode()).digest()
        row: list[float] = self._vectors[int.from_bytes(digest[:8]) % len(self._vectors)].tolist()
        return row

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)
