"""The judge: reads a question and a passage together, and a statement and its evidence.

In: pairs of texts, the second with the places of its sentences. Out: logits: whether the passage helps with the
question, which of its sentences answer it, and whether the evidence bears the statement out. It is a cross-encoder
(Nogueira and Cho, arXiv 1901.04085) in the manner of Provence (Chirkova et al., arXiv 2501.16214): one reading grades
the passage and each sentence in its surroundings. It is made of multilingual-e5-small, which is installed anyway, and
of learned differences (`judge.safetensors`, from `python -m eval.training.fit_judge`). OpenVINO runs it. Word vectors
are read from the encoder's file as needed, so that they are not in memory twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.models.batches import batches
from assistant.models.exports import compiled
from assistant.models.judge_export import ANSWERS, HELPS, LEARNED, SUPPORTS, convert, export_name
from assistant.models.low_rank import word_vectors
from assistant.models.marks import marks
from assistant.text.blocks import Span

ENCODER = "multilingual-e5-small"
FIRST_TOKENS = 96
"""Tokens of the question or statement that are read."""
TOKENS = 448
"""Tokens of both texts that are read."""
_FIRST, _SECOND = "query: ", "passage: "
_WIDTH_STEP = 32
_REMEMBER = 2_000
"""Cached pairs: the ladder reads the same pairs again."""
Logits = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Text:
    """A text that is read, and where its sentences stand in it."""

    text: str
    sentences: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Reading:
    """Logits of one reading: of the whole text, and of each of its sentences; a sentence that was cut off has -inf."""

    helps: float
    sentences: tuple[float, ...]
    supports: float


class Judge:
    """Reads pairs of texts with `threads` cores."""

    def __init__(self, folder: Path, threads: int, learned: Path = LEARNED) -> None:
        """Load the judge over the encoder in `folder`, with what it learned."""
        from tokenizers import Tokenizer

        self._model = compiled(folder, export_name(learned), partial(convert, folder, learned=learned), threads)
        self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._words = word_vectors(folder / "model.safetensors")
        self._met: dict[tuple[str, Text], Reading] = {}

    def read(self, first: str, texts: Sequence[Text]) -> list[Reading]:
        """Return a reading of each text beside the first one, which is a question or a statement."""
        known = {text: reading for text in texts if (reading := self._met.get((first, text))) is not None}
        if fresh := [text for text in dict.fromkeys(texts) if text not in known]:
            known |= dict(zip(fresh, self._read(first, fresh), strict=True))
            # Other threads may be reading the cache, so it is replaced and never changed in place.
            new = {(first, text): reading for text, reading in known.items()}
            self._met = new if len(self._met) + len(fresh) > _REMEMBER else self._met | new
        return [known[text] for text in texts]

    def _read(self, first: str, texts: Sequence[Text]) -> list[Reading]:
        pairs = [encoded(self._tokenizer, first, text.text, text.sentences) for text in texts]
        readings: dict[int, Reading] = {}
        for chosen, width in batches([len(pair.ids) for pair in pairs], _WIDTH_STEP):
            logits = self._infer([pairs[place] for place in chosen], width)
            for row, place in enumerate(chosen):
                sentences = [
                    float(logits[row, part, ANSWERS]) if start < end else -np.inf
                    for part, (start, end) in enumerate(pairs[place].parts[2:], start=2)
                ]
                helps, supports = float(logits[row, 1, HELPS]), float(logits[row, 1, SUPPORTS])
                readings[place] = Reading(helps, tuple(sentences), supports)
        return [readings[place] for place in range(len(texts))]

    def _infer(self, batch: "Sequence[Encoded]", width: int) -> Logits:
        ids, marked, mask, parts = stacked(batch, width)
        vectors = np.asarray(self._words[ids], np.float32)
        inputs = [vectors, marked, mask, parts]
        return np.asarray(self._model.create_infer_request().infer(inputs)[0])


@dataclass(frozen=True)
class Encoded:
    """Two texts as tokens: ids, marks (`assistant.models.marks`), and which tokens belong to each part.

    The parts are the first text, the second, and each sentence.
    """

    ids: list[int]
    marks: list[int]
    parts: list[Span]


def encoded(tokenizer: Any, first: str, second: str, sentences: Sequence[Span]) -> Encoded:
    """Return both texts as tokens, and where the first, the second and each sentence stand.

    Both are cut if they are too long; a sentence that was cut off has an empty span.
    """
    one, other = tokenizer.encode(_FIRST + first), tokenizer.encode(_SECOND + second)
    count = min(len(one.ids), FIRST_TOKENS)
    ids = [*one.ids[:count], *other.ids][:TOKENS]
    places = _places(one, len(_FIRST)), _places(other, len(_SECOND))
    own, others = marks(first, second, places)
    parts = [(0, count), (count, len(ids))]
    begins, ends = np.array(places[1], np.int64).reshape(-1, 2).T
    for start, end in sentences:
        inside = np.flatnonzero((begins < end) & (ends > start))
        first_token, last = (inside[0], inside[-1] + 1) if len(inside) else (0, 0)
        parts.append((count + int(first_token), min(count + int(last), len(ids))))
    parts = [(start, end) if start < end else (0, 0) for start, end in parts]
    return Encoded(ids, [*own[:count], *others][:TOKENS], parts)


def _places(text: Any, prefix: int) -> list[Span]:
    """Return where the tokens stand in a text that was encoded behind a prefix; before 0 for the prefix's own."""
    return [(start - prefix, end - prefix) for start, end in text.offsets]


def stacked(batch: Sequence[Encoded], width: int) -> tuple[npt.NDArray[np.int64], ...]:
    """Return ids, marks and mask, shape (pairs, width), and the parts' first tokens and ends, (pairs, parts, 2)."""
    ids, marked, mask = (np.zeros((len(batch), width), np.int64) for _ in range(3))
    parts = np.zeros((len(batch), max(len(pair.parts) for pair in batch), 2), np.int64)
    for row, pair in enumerate(batch):
        length = len(pair.ids)
        ids[row, :length], marked[row, :length], mask[row, :length] = pair.ids, pair.marks, 1
        parts[row, : len(pair.parts)] = pair.parts
    return ids, marked, mask, parts
