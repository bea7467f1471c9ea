"""Runs an embedding model of the registry in OpenVINO.

In: a sentence-transformers folder; then texts. Out: unit vectors, equal to those of sentence-transformers unless
`centres` moves them. Neither torch nor LlamaIndex is imported, which saves seconds at the start.
OpenVINO computes in bf16 where the processor supports it, else in fp32.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.models.batches import batches
from assistant.models.centres import Centres
from assistant.models.embedding_export import EXPORTED, convert
from assistant.models.exports import compiled
from assistant.models.pieces import Pieces

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
        self._file = folder / "tokenizer.json"
        self._most: int = _read(folder / "sentence_bert_config.json")["max_seq_length"]
        with ThreadPoolExecutor(1) as beside:  # compiling releases the interpreter lock
            running = beside.submit(compiled, folder, EXPORTED, partial(convert, folder), threads)
            unigram = _read(folder / "config.json")["model_type"] == "bert"
            self._pieces = Pieces(self._file) if unigram else None
            _ = self._pieces or self._tokenizer  # a damaged file is found now
            self._model: Any = running.result()
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._question)

    def get_query_embedding(self, query: str) -> list[float]:
        """Return the vector of a question."""
        return list(self._remembered(query))

    def get_text_embedding_batch(self, texts: list[str]) -> list[list[float]]:
        """Return the vector of each text."""
        read = self._tokenizer.encode_batch([self._text_instruction + text for text in texts])
        vectors = self._embed([encoding.ids for encoding in read])
        if self._centres:
            vectors = self._centres.moved(vectors, texts, self._centres.passage)
        rows: list[list[float]] = vectors.tolist()
        return rows

    def _question(self, query: str) -> tuple[float, ...]:
        text = self._query_instruction + query
        ids = self._pieces.ids(text) if self._pieces else None
        vectors = self._embed([self._tokenizer.encode(text).ids if ids is None else ids])
        if self._centres:
            vectors = self._centres.moved(vectors, [query], self._centres.question)
        return tuple(vectors[0].tolist())

    @cached_property
    def _tokenizer(self) -> Any:
        """The whole tokenizer, which takes a second to load."""
        from tokenizers import Tokenizer

        whole = Tokenizer.from_file(str(self._file))
        whole.no_truncation()
        whole.no_padding()
        return whole

    def _embed(self, tokens: list[list[int]]) -> npt.NDArray[np.float32]:
        """Return the vectors of texts as tokens, shape (texts, dimension); of a long one all but its end is read."""
        tokens = [ids if len(ids) <= self._most else [*ids[: self._most - 1], ids[-1]] for ids in tokens]
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


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))
