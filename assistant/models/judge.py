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
from assistant.text.blocks import Span

ENCODER = "multilingual-e5-small"
FIRST_TOKENS = 96
"""Tokens of the question or statement that are read."""
TOKENS = 448
"""Tokens of both texts that are read."""
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
        for chosen, width in batches([len(ids) for ids, _ in pairs], _WIDTH_STEP):
            logits = self._infer([pairs[place] for place in chosen], width)
            for row, place in enumerate(chosen):
                spans = pairs[place][1]
                sentences = [
                    float(logits[row, part, ANSWERS]) if start < end else -np.inf
                    for part, (start, end) in enumerate(spans[2:], start=2)
                ]
                helps, supports = float(logits[row, 1, HELPS]), float(logits[row, 1, SUPPORTS])
                readings[place] = Reading(helps, tuple(sentences), supports)
        return [readings[place] for place in range(len(texts))]

    def _infer(self, batch: Sequence[tuple[list[int], list[Span]]], width: int) -> Logits:
        parts = max(len(spans) for _, spans in batch)
        ids, mask = (np.zeros((len(batch), width), np.int64) for _ in range(2))
        weights = np.zeros((len(batch), parts, width), np.float32)
        for row, (tokens, spans) in enumerate(batch):
            ids[row, : len(tokens)], mask[row, : len(tokens)] = tokens, 1
            for part, (start, end) in enumerate(spans):
                weights[row, part, start:end] = 1 / max(1, end - start)
        vectors = np.asarray(self._words[ids], np.float32)
        return np.asarray(self._model.create_infer_request().infer([vectors, mask, weights])[0])


def encoded(tokenizer: Any, first: str, second: str, sentences: Sequence[Span]) -> tuple[list[int], list[Span]]:
    """Return the ids of both texts, and which tokens belong to the first, to the second, and to each sentence.

    Both are cut if they are too long; a sentence that was cut off has an empty span.
    """
    one = tokenizer.encode(f"query: {first}").ids[:FIRST_TOKENS]
    prefix = "passage: "
    other = tokenizer.encode(prefix + second)
    ids = [*one, *other.ids][:TOKENS]
    begins, ends = np.array(other.offsets, np.int64).reshape(-1, 2).T
    spans = [(0, len(one)), (len(one), len(ids))]
    for start, end in sentences:
        inside = np.flatnonzero((begins < end + len(prefix)) & (ends > start + len(prefix)))
        first_token, last = (inside[0], inside[-1] + 1) if len(inside) else (0, 0)
        spans.append((len(one) + int(first_token), min(len(one) + int(last), len(ids))))
    return ids, [(start, end) if start < end else (0, 0) for start, end in spans]
