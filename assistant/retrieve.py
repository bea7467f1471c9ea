"""Finds passages for a question: dense and keyword search as LlamaIndex retrievers, and their fusion.

In: an index and a question. Out: passages with scores, best first. Knows nothing of what becomes of them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.schema import NodeWithScore, QueryBundle
from llama_index.core.vector_stores.types import VectorStoreQuery

from assistant.embed import embed_question
from assistant.index import Index
from assistant.language import Language, detect, terms, whole_words
from assistant.sounds import sound_key

Scores = npt.NDArray[np.float64]

POOL = 50
"""Passages that each leg hands to the fusion."""
SOUND_WEIGHT = 0.6
"""What a word found by its sound counts beside one found by its letters; sounds deceive now and then."""
KEYWORD_WEIGHT = {True: 0.5, False: 0.4}
"""Share of the keyword leg in the fused score, by whether question and passage are in the same language: across
languages a keyword match can only be a name or a borrowed word, and says less. Measured in docs/decisions.md."""


class DenseRetriever(BaseRetriever):
    """Nearest passages by cosine; scores in [-1, 1]."""

    def __init__(self, index: Index, embed_model: BaseEmbedding, top_k: int) -> None:
        super().__init__()
        self._index, self._embed_model, self._top_k = index, embed_model, top_k

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        if not self._index.passages:
            return []
        if query_bundle.embedding is None:
            query_bundle.embedding = embed_question(self._embed_model, query_bundle.query_str).tolist()
        query = VectorStoreQuery(query_embedding=query_bundle.embedding, similarity_top_k=self._top_k)
        found = self._index.store.query(query)
        pairs = zip(found.ids or [], found.similarities or [], strict=True)
        return [NodeWithScore(node=self._index.passages[int(row)], score=float(score)) for row, score in pairs]


class KeywordRetriever(BaseRetriever):
    """Passages that share search terms with the question, by BM25 (Lucene's variant); scores above 0."""

    def __init__(self, index: Index, top_k: int) -> None:
        super().__init__()
        self._index, self._top_k = index, top_k

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        scores = keyword_scores(self._index, query_bundle.query_str)
        best = np.argsort(-scores, kind="stable")[: self._top_k]
        return [
            NodeWithScore(node=self._index.passages[row], score=float(scores[row])) for row in best if scores[row] > 0
        ]


def keyword_scores(index: Index, question: str) -> Scores:
    """Return the BM25 score of every passage, shape (passages,).

    To a passage in the other language than the question's, a word that sounds like one of the question's counts too.
    """
    words, asked_in = terms(question), detect(question)
    found = _bm25(index, words)
    across = np.array([passage.metadata["language"] != asked_in for passage in index.passages], bool)
    if across.any():
        for word in {*words, *whole_words(question)}:
            other = "ko" if word.isascii() else "en"
            if alike := index.spellings.get(f"{other} {sound_key(word)}"):
                found += SOUND_WEIGHT * across * np.max([_bm25(index, [term]) for term in alike], axis=0)
    return found


def _bm25(index: Index, words: Sequence[str]) -> Scores:
    known: dict[str, Any] = index.keywords.vocab_dict
    held = [word for word in words if word in known]
    if not held or not index.passages:
        return np.zeros(len(index.passages))
    return np.asarray(index.keywords.get_scores(held), np.float64)


class HybridRetriever(BaseRetriever):
    """Both legs, fused by score."""

    def __init__(self, index: Index, embed_model: BaseEmbedding, top_k: int) -> None:
        super().__init__()
        self._index, self._top_k = index, top_k
        self._dense = DenseRetriever(index, embed_model, POOL)
        self._keyword = KeywordRetriever(index, POOL)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        asked_in = detect(query_bundle.query_str)
        return fuse(self._dense.retrieve(query_bundle), self._keyword.retrieve(query_bundle), asked_in)[: self._top_k]


def fuse(dense: Sequence[NodeWithScore], keyword: Sequence[NodeWithScore], asked_in: Language) -> list[NodeWithScore]:
    """Add the legs' standardised scores, weighted by the languages of question and passage; best first.

    A passage that a leg did not return counts as that leg's lowest score. The order of the inputs does not matter.
    """
    nodes = {item.node.node_id: item.node for item in (*dense, *keyword)}
    legs = [_standardised(leg) for leg in (dense, keyword)]
    fused = []
    for id, node in nodes.items():
        weight = KEYWORD_WEIGHT[node.metadata.get("language") == asked_in]
        parts = [scores.get(id, lowest) for scores, lowest in legs]
        fused.append(NodeWithScore(node=node, score=(1 - weight) * parts[0] + weight * parts[1]))
    return sorted(fused, key=lambda item: (-(item.score or 0.0), item.node.node_id))


def _standardised(leg: Sequence[NodeWithScore]) -> tuple[dict[str, float], float]:
    """Return z-scores by node id, and the lowest; a leg that tells nothing apart gives zeros."""
    if not leg:
        return {}, 0.0
    scores = np.array([item.score or 0.0 for item in leg])
    spread = float(scores.std())
    scaled = (scores - scores.mean()) / spread if spread > 1e-9 else np.zeros(len(scores))
    return {item.node.node_id: float(value) for item, value in zip(leg, scaled, strict=True)}, float(scaled.min())
