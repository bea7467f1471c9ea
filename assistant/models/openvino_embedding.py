"""Runs an embedding model of the registry in OpenVINO.

In: a sentence-transformers folder; then texts. Out: unit vectors, equal to those of sentence-transformers unless
`centres` moves them. Neither torch nor LlamaIndex is imported, which saves seconds at the start.
OpenVINO computes in bf16 where the processor supports it, else in fp32.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.models.batches import batches
from assistant.models.centres import Centres
from assistant.models.embedding_export import EXPORTED, convert
from assistant.models.exports import compiled

_WIDTH_STEP = 16
_REMEMBERED = 1024
"""Cached vectors of questions: the same question returns when it is retried, refined or evaluated."""


class OpenVINOEmbedding:
    """Embeds texts with a sentence-transformers folder that has been exported; `threads` cores are used."""

    def __init__(
        self,
        folder: Path,
        query_instruction: str,
        text_instruction: str,
        threads: int,
        centres: Centres | None = None,
    ) -> None:
        self._query_instruction, self._text_instruction = query_instruction, text_instruction
        self._centres = centres
        from tokenizers import Tokenizer

        with ThreadPoolExecutor(1) as beside:  # compiling releases the interpreter lock
            running = beside.submit(compiled, folder, EXPORTED, partial(convert, folder), threads)
            self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._model: Any = running.result()
        limits = json.loads((folder / "sentence_bert_config.json").read_text(encoding="utf-8"))
        self._tokenizer.enable_truncation(limits["max_seq_length"])
        self._tokenizer.no_padding()
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._question)

    def get_query_embedding(self, query: str) -> list[float]:
        """Return the vector of a question."""
        return list(self._remembered(query))

    def get_text_embedding_batch(self, texts: list[str]) -> list[list[float]]:
        """Return the vector of each text."""
        vectors = self._embed([self._text_instruction + text for text in texts])
        if self._centres:
            vectors = self._centres.moved(vectors, texts, self._centres.passage)
        rows: list[list[float]] = vectors.tolist()
        return rows

    def _question(self, query: str) -> tuple[float, ...]:
        vectors = self._embed([self._query_instruction + query])
        if self._centres:
            vectors = self._centres.moved(vectors, [query], self._centres.question)
        return tuple(vectors[0].tolist())

    def _embed(self, texts: list[str]) -> npt.NDArray[np.float32]:
        """Return vectors, shape (texts, dimension)."""
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(texts)]
        places: list[int] = []
        vectors: list[npt.NDArray[np.float32]] = []
        for chosen, width in batches(list(map(len, tokens)), _WIDTH_STEP):
            vectors += list(self._infer([tokens[place] for place in chosen], width))
            places += chosen
        return np.stack([vectors[rank] for rank in np.argsort(places)])

    def _infer(self, batch: list[list[int]], width: int) -> npt.NDArray[np.float32]:
        ids = np.zeros((len(batch), width), np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        # Each call uses its own inference request, so that threads do not share one.
        return np.asarray(self._model.create_infer_request().infer([ids, mask])[0])
