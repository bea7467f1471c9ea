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

from assistant.index.local import Index
from assistant.models.embedding import DEFAULT, embed_question
from assistant.text.language import detect, terms, whole_words

Scores = npt.NDArray[np.float64]

POOL = 50
"""Passages that each leg hands to the fusion."""
KEYWORD_WEIGHTS = {"multilingual-e5-small": 0.5, "embeddinggemma-300m": 0.25}
"""Share of the keyword leg in the fused score, by embedding model: the better the dense leg, the less (measured in
docs/decisions.md). Any other model gets the default's."""
ALIKE = 0.8
"""Share of their search terms above which two passages that hold the same numbers tell the same."""


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
        held = np.flatnonzero(scores > 0)
        best = held[np.argsort(-scores[held], kind="stable")][: self._top_k]
        return [NodeWithScore(node=self._index.passages[row], score=float(scores[row])) for row in best]


def keyword_scores(index: Index, question: str) -> Scores:
    """Return the BM25 score of every passage, shape (passages,).

    In passages of the other language than the question's, the best counterpart of each of its words counts too.
    """
    words = terms(question)
    found = _bm25(index, words)
    across = index.languages != detect(question)
    if across.any():
        for word in {*words, *whole_words(question)}:
            if weights := index.lexicon.counterparts(word):
                counted = [weight * _bm25(index, [term]) for term, weight in weights.items()]
                found += across * np.max(counted, axis=0)
    return found


def _bm25(index: Index, words: Sequence[str]) -> Scores:
    known: dict[str, Any] = index.keywords.vocab_dict
    held = [word for word in words if word in known]
    if not held or not index.passages:
        return np.zeros(len(index.passages))
    return np.asarray(index.keywords.get_scores(held), np.float64)


class HybridRetriever(BaseRetriever):
    """Both legs, fused by score; of several near-identical passages the best one keeps its place.

    `keyword_weight`, in 0..1, stands in for the embedding model's own share of the keyword leg.
    """

    def __init__(
        self, index: Index, embed_model: BaseEmbedding, top_k: int, keyword_weight: float | None = None
    ) -> None:
        super().__init__()
        self._index, self._top_k = index, top_k
        own = KEYWORD_WEIGHTS.get(index.fingerprint["embedding"], KEYWORD_WEIGHTS[DEFAULT])
        self._weight = own if keyword_weight is None else keyword_weight
        self._dense = DenseRetriever(index, embed_model, POOL)
        self._keyword = KeywordRetriever(index, POOL)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = fuse(self._dense.retrieve(query_bundle), self._keyword.retrieve(query_bundle), self._weight)
        return self._varied(found)[: self._top_k]

    def _varied(self, found: Sequence[NodeWithScore]) -> list[NodeWithScore]:
        """Move what an earlier passage tells already behind the rest, so that copies do not crowd out others."""
        first: list[NodeWithScore] = []
        copies: list[NodeWithScore] = []
        told: list[set[str]] = []
        for item in found:
            words = set(self._index.terms[self._index.rows[item.node.node_id]])
            if len(first) < self._top_k and any(_same(words, other) for other in told):
                copies.append(item)
                continue
            first.append(item)
            told.append(words)
        return first + copies


def _same(words: set[str], others: set[str]) -> bool:
    """Tell whether two passages' terms are nearly the same; one that holds another number tells something else."""
    shared = words & others
    if len(shared) <= ALIKE * len(words | others):
        return False
    return not any(term[0].isdigit() for term in words ^ others)


def fuse(
    dense: Sequence[NodeWithScore], keyword: Sequence[NodeWithScore], keyword_weight: float
) -> list[NodeWithScore]:
    """Add the legs' standardised scores, the keyword leg's by its weight in 0..1, the dense leg's by the rest.

    Best first. A passage that a leg did not return counts as that leg's lowest score. The order of the inputs does
    not matter.
    """
    nodes = {item.node.node_id: item.node for item in (*dense, *keyword)}
    legs = [(1 - keyword_weight, *_standardised(dense)), (keyword_weight, *_standardised(keyword))]
    fused = [
        NodeWithScore(node=node, score=sum(weight * scores.get(id, lowest) for weight, scores, lowest in legs))
        for id, node in nodes.items()
    ]
    return sorted(fused, key=lambda item: (-(item.score or 0.0), item.node.node_id))


def _standardised(leg: Sequence[NodeWithScore]) -> tuple[dict[str, float], float]:
    """Return z-scores by node id, and the lowest; a leg that tells nothing apart gives zeros."""
    if not leg:
        return {}, 0.0
    scores = np.array([item.score or 0.0 for item in leg])
    ordered = np.sort(scores)  # a sum rounds otherwise in another order, which would part passages that are even
    spread = float(ordered.std())
    scaled = (scores - ordered.mean()) / spread if spread > 1e-9 else np.zeros(len(scores))
    return {item.node.node_id: float(value) for item, value in zip(leg, scaled, strict=True)}, float(scaled.min())
