"""The reader: scores whether a text answers a question, or supports a sentence.

In: pairs of texts. Out: two logits for each pair. It is a cross-encoder (Nogueira and Cho, arXiv 1901.04085), made of
the lower layers of multilingual-e5-small, which is installed anyway, and of learned differences of 2.6 MB
(`reader.safetensors`, from `python -m eval.training.fit_reader`). OpenVINO runs it. Word vectors are read from the
encoder's file as needed, so that they are not in memory twice.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.config import Settings
from assistant.errors import ModelMissing
from assistant.models import registry as models
from assistant.models.batches import batches
from assistant.models.exports import compiled
from assistant.models.low_rank import word_vectors
from assistant.models.reader_export import convert, export_name

ENCODER = "multilingual-e5-small"
QUESTION_TOKENS = 80
"""Tokens of the first text that are read."""
TEXT_TOKENS = 220
"""Tokens of the second text that are read."""
_WIDTH_STEP = 32
_REMEMBER = 2_000
"""Cached pairs (about 3 MB): the ladder and the refinement of a question read the same pairs again."""
Logits = npt.NDArray[np.float32]
ANSWERS, SUPPORTS = 0, 1


class Reader:
    """Reads pairs of texts with `threads` cores."""

    def __init__(self, folder: Path, threads: int) -> None:
        """Load the reader over the encoder in `folder`."""
        from tokenizers import Tokenizer

        self._model = compiled(folder, export_name(), partial(convert, folder), threads)
        self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(TEXT_TOKENS)
        self._tokenizer.no_padding()
        self._words = word_vectors(folder / "model.safetensors")
        self._met: dict[tuple[str, str], Logits] = {}

    @classmethod
    def open(cls, settings: Settings) -> "Reader | None":
        """Return the reader; None if its encoder was not pulled.

        Raises:
            ModelMissing: the encoder is damaged.

        """
        if not models.is_here(models.find(ENCODER), settings):
            return None
        try:
            return cls(models.locate(ENCODER, settings), settings.threads)
        except ModelMissing:
            raise
        except Exception as error:  # tokenizers raises it bare
            raise models.damaged(ENCODER, settings, error) from error

    def answers(self, question: str, texts: Sequence[str]) -> Logits:
        """Return for each text the logit that it answers the question, shape (texts,)."""
        return self.read([(question, text) for text in texts])[:, ANSWERS]

    def supports(self, sentence: str, evidence: Sequence[str]) -> Logits:
        """Return for each piece of evidence the logit that it supports the sentence, shape (pieces,)."""
        return self.read([(sentence, piece) for piece in evidence])[:, SUPPORTS]

    def read(self, pairs: Sequence[tuple[str, str]]) -> Logits:
        """Return both logits of each pair, shape (pairs, 2)."""
        known = {pair: logits for pair in pairs if (logits := self._met.get(pair)) is not None}
        if fresh := [pair for pair in dict.fromkeys(pairs) if pair not in known]:
            known |= {pair: logits.copy() for pair, logits in zip(fresh, self._read(fresh), strict=True)}
            # Other threads may be reading the cache, so it is replaced and never changed in place.
            self._met = known if len(self._met) + len(fresh) > _REMEMBER else self._met | known
        return np.stack([known[pair] for pair in pairs]) if pairs else np.empty((0, 2), np.float32)

    def _read(self, pairs: Sequence[tuple[str, str]]) -> Logits:
        firsts = {first: self._ids(f"query: {first}")[:QUESTION_TOKENS] for first, _ in pairs}
        tokens = [(firsts[first], self._ids(f"passage: {second}")) for first, second in pairs]
        logits = np.empty((len(pairs), 2), np.float32)
        for chosen, width in batches([sum(map(len, pair)) for pair in tokens], _WIDTH_STEP):
            logits[chosen] = self._infer([tokens[place] for place in chosen], width)
        return logits

    def _ids(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text).ids)

    def _infer(self, batch: Sequence[tuple[list[int], list[int]]], width: int) -> Logits:
        ids, mask, segments = (np.zeros((len(batch), width), np.int64) for _ in range(3))
        for row, (first, second) in enumerate(batch):
            end = len(first) + len(second)
            ids[row, :end], mask[row, :end], segments[row, len(first) :] = [*first, *second], 1, 1
        vectors = np.asarray(self._words[ids], np.float32)
        return np.asarray(self._model.create_infer_request().infer([vectors, mask, segments])[0])
