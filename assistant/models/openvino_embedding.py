"""Runs an embedding model of the registry in OpenVINO, behind LlamaIndex's embedding interface.

In: a sentence-transformers folder; then texts. Out: unit vectors, equal to those of sentence-transformers unless
`centres` moves them. torch is not imported, which saves seconds at the start and three quarters of a question's time.
OpenVINO computes in bf16 where the processor supports it, else in fp32.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from llama_index.core.base.embeddings.base import BaseEmbedding
from pydantic import PrivateAttr

from assistant.models.batches import batches
from assistant.models.centres import Centres
from assistant.models.embedding_export import EXPORTED, convert
from assistant.models.exports import compiled

_WIDTH_STEP = 16
_REMEMBERED = 1024
"""Cached vectors of questions: the same question returns when it is retried, refined or evaluated."""


class OpenVINOEmbedding(BaseEmbedding):
    """Embeds texts with a sentence-transformers folder that has been exported; `threads` cores are used."""

    query_instruction: str = ""
    text_instruction: str = ""
    _tokenizer: Any = PrivateAttr()
    _model: Any = PrivateAttr()
    _remembered: Any = PrivateAttr()
    _centres: Centres | None = PrivateAttr()

    def __init__(
        self,
        folder: Path,
        query_instruction: str,
        text_instruction: str,
        threads: int,
        centres: Centres | None = None,
    ) -> None:
        super().__init__(model_name=folder.name, embed_batch_size=64)
        self.query_instruction, self.text_instruction = query_instruction, text_instruction
        self._centres = centres
        from tokenizers import Tokenizer

        with ThreadPoolExecutor(1) as beside:  # compiling releases the interpreter lock
            running = beside.submit(compiled, folder, EXPORTED, partial(convert, folder), threads)
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._model = running.result()
        limits = json.loads((folder / "sentence_bert_config.json").read_text(encoding="utf-8"))
        self._tokenizer.enable_truncation(limits["max_seq_length"])
        self._tokenizer.no_padding()
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._question)

    @classmethod
    def class_name(cls) -> str:
        """Return the name under which LlamaIndex serialises this class."""
        return "OpenVINOEmbedding"

    def _get_query_embedding(self, query: str) -> list[float]:
        return list(self._remembered(query))

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        vectors = self._embed([self.text_instruction + text for text in texts])
        if self._centres:
            vectors = self._centres.moved(vectors, texts, self._centres.passage)
        rows: list[list[float]] = vectors.tolist()
        return rows

    def _question(self, query: str) -> tuple[float, ...]:
        vectors = self._embed([self.query_instruction + query])
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
