"""Grades passages against the question and decides what to do with them, after Corrective RAG.

In: a question and passages. Out: the passages with a grade in [-1, 1], and one verdict. The method is that of Yan et
al., "Corrective Retrieval Augmented Generation" (arXiv 2401.15884, sections 4.2 and 4.3), with a logistic grader over
plain features in the place of their fine-tuned T5.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
from pydantic import ConfigDict, PrivateAttr

from assistant.answer import Action, Verdict
from assistant.chunk import embedded_text
from assistant.embed import Vectors, embed_question, embed_texts
from assistant.index import Index
from assistant.language import detect, names, terms

_REMEMBER = 20_000
"""Vectors of strips that are kept in memory: 30 MB at 384 dimensions."""
_FITTED = Path(__file__).with_name("relevance.json")
FEATURES = ("cosine", "coverage", "names", "same_language", "cosine_same", "coverage_same")


@dataclass(frozen=True)
class TermWeights:
    """How much each search term says: its inverse document frequency in the index, as BM25 counts it."""

    weights: dict[str, float]
    unseen: float

    @classmethod
    def of(cls, index: Index) -> "TermWeights":
        """Count the passages that hold each term."""
        held: dict[str, int] = {}
        for words in index.terms:
            for word in set(words):
                held[word] = held.get(word, 0) + 1
        total = len(index.terms)
        weights = {word: float(np.log1p((total - n + 0.5) / (n + 0.5))) for word, n in held.items()}
        return cls(weights, float(np.log1p((total + 0.5) / 0.5)))

    def __getitem__(self, word: str) -> float:
        return self.weights.get(word, self.unseen)

    def coverage(self, wanted: Sequence[str], found: Sequence[str]) -> float:
        """Return the weighted share, in 0..1, of the wanted terms that are found; 0 if nothing is wanted."""
        words = set(wanted)
        total = sum(self[word] for word in words)
        return sum(self[word] for word in words & set(found)) / total if total else 0.0


@cache
def fitted() -> dict[str, Any]:
    """Return the grader's coefficients and thresholds (made by `python -m eval.fit_relevance`)."""
    return json.loads(_FITTED.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _grader(embedding: str) -> dict[str, Any]:
    """Return what was fitted for this embedding model; one that nothing was fitted for borrows the default's."""
    found: dict[str, Any] = fitted().get(embedding) or fitted()["multilingual-e5-small"]
    return found


def features(question: str, texts: Sequence[str], cosines: Sequence[float], weights: TermWeights) -> Vectors:
    """Return the grader's features, shape (texts, len(FEATURES))."""
    asked, named, asked_in = terms(question), names(question), detect(question)
    rows = []
    for text, cosine in zip(texts, cosines, strict=True):
        held = terms(text)
        covered = weights.coverage(asked, held)
        named_covered = weights.coverage(named, held) if named else 1.0
        same = float(detect(text) == asked_in)
        rows.append((cosine, covered, named_covered, same, cosine * same, covered * same))
    return np.array(rows, np.float32).reshape(len(texts), len(FEATURES))


def probabilities(rows: Vectors, embedding: str) -> npt.NDArray[np.float64]:
    """Return the probability of relevance, in 0..1, of each row of features."""
    model = _grader(embedding)
    logits = rows.astype(np.float64) @ np.array(model["weights"]) + model["bias"]
    return np.asarray(1 / (1 + np.exp(-logits)))


class RelevanceGrader(BaseNodePostprocessor):
    """Replaces retrieval's score by a grade in [-1, 1] and sorts by it; a passage without a vector is embedded."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    _index: Index = PrivateAttr()
    _embed_model: BaseEmbedding = PrivateAttr()
    _embedding: str = PrivateAttr()
    _met: dict[str, Vectors] = PrivateAttr(default_factory=dict)

    def __init__(self, index: Index, embed_model: BaseEmbedding, embedding: str) -> None:
        super().__init__()
        self._index, self._embed_model, self._embedding = index, embed_model, embedding

    @cached_property
    def term_weights(self) -> TermWeights:
        """The index's term weights, counted once."""
        return TermWeights.of(self._index)

    @property
    def thresholds(self) -> dict[str, float]:
        """The lower and the upper threshold."""
        found: dict[str, float] = _grader(self._embedding)["thresholds"]
        return found

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        if query_bundle is None or not nodes:
            return nodes
        passages = [item.node for item in nodes if isinstance(item.node, TextNode)]
        texts = [embedded_text(passage) for passage in passages]
        vectors = self._vectors(passages, texts)
        grades = self.grade(query_bundle, texts, vectors)
        graded = [NodeWithScore(node=node, score=grade) for node, grade in zip(passages, grades, strict=True)]
        return sorted(graded, key=lambda item: -(item.score or 0.0))

    def grade(self, query: QueryBundle, texts: Sequence[str], vectors: Vectors | None = None) -> list[float]:
        """Return a grade in [-1, 1] for each text; `vectors` (texts, dimension) are made if not given."""
        if not texts:
            return []
        if query.embedding is None:
            query.embedding = embed_question(self._embed_model, query.query_str).tolist()
        vectors = self._remembered(texts) if vectors is None else vectors
        cosines = (vectors @ np.array(query.embedding, np.float32)).tolist()
        rows = features(query.query_str, texts, cosines, self.term_weights)
        return (2 * probabilities(rows, self._embedding) - 1).tolist()  # type: ignore[no-any-return]

    def _remembered(self, texts: Sequence[str]) -> Vectors:
        """Embed the texts that were not met before: the strips of a good passage are graded again and again."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._met]
        if len(self._met) + len(fresh) > _REMEMBER:
            self._met.clear()
            fresh = list(dict.fromkeys(texts))
        if fresh:
            self._met |= dict(zip(fresh, embed_texts(self._embed_model, fresh), strict=True))
        return np.stack([self._met[text] for text in texts])

    def _vectors(self, passages: Sequence[TextNode], texts: Sequence[str]) -> Vectors:
        known = self._index.rows
        if any(passage.node_id not in known for passage in passages):
            return self._remembered(texts)
        return self._index.vectors[[known[passage.node_id] for passage in passages]]


def verdict(grades: Sequence[float], embedding: str) -> Verdict:
    """Decide by the best grade: Correct above the upper threshold, Incorrect below the lower, else Ambiguous.

    That is the action trigger of section 4.3 of the paper. Confidence scales the best grade, as a logit, to the
    probability that the notes hold the answer (Platt 1999).
    """
    model = _grader(embedding)
    limits, scale = model["thresholds"], model["confidence"]
    best = max(grades, default=-1.0)
    if best > limits["upper"]:
        action = Action.CORRECT
    else:
        action = Action.INCORRECT if best < limits["lower"] else Action.AMBIGUOUS
    logit = _logit(min(max(best, -0.9999), 0.9999))
    return Verdict(action, float(1 / (1 + np.exp(-scale["slope"] * logit - scale["offset"]))))


def _logit(grade: float) -> float:
    return float(np.log1p(grade) - np.log1p(-grade))
