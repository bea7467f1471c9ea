"""Grades passages against the question and decides what to do with them, after Corrective RAG.

In: a question and passages. Out: the passages with a grade in [-1, 1], and one verdict. The method is that of Yan et
al., "Corrective Retrieval Augmented Generation" (arXiv 2401.15884, sections 4.2 and 4.3). In the place of their
fine-tuned T5 stands a cascade: a logistic grader over plain features for all passages, and the reader
(`assistant.models.reader`) for the best few, whole and strip by strip. Where it is not at hand the features decide.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
from pydantic import ConfigDict, PrivateAttr

from assistant.answer import Action, Strip, Verdict
from assistant.index.local import Index
from assistant.index.passages import embedded_text
from assistant.index.term_weights import TermWeights
from assistant.models.embedding import Vectors, embed_question, embed_texts
from assistant.models.reader import Logits, Reader
from assistant.search.strips import cut, shown
from assistant.text.language import detect, names, terms
from assistant.text.untrusted import headed

READ = 2
"""Passages that are read; those beyond keep the grade that their features give, below the read ones."""
_WORTH = 0.01
"""The least chance by its features for which a passage is read: of the `dev` questions' gold none has less."""
_UNREAD = 0.25
"""What of its features' chance a passage keeps that was not read, at most: the best ones were read."""
_REMEMBER = 20_000
"""Vectors of strips that are kept in memory: 30 MB at 384 dimensions."""
_NOTHING_READ = -10.0
"""The logit of a passage without words."""
FEATURES = ("cosine", "coverage", "names", "same_language", "cosine_same", "coverage_same")


def features(question: str, texts: Sequence[str], cosines: Sequence[float], weights: TermWeights) -> Vectors:
    """Return the grader's features, shape (texts, len(FEATURES))."""
    asked_in = detect(question)
    rows = []
    for text, cosine, (covered, named) in zip(texts, cosines, _held(question, texts, weights), strict=True):
        same = float(detect(text) == asked_in)
        rows.append((cosine, covered, named, same, cosine * same, covered * same))
    return np.array(rows, np.float32).reshape(len(texts), len(FEATURES))


def probabilities(rows: npt.ArrayLike, model: dict[str, Any]) -> npt.NDArray[np.float64]:
    """Return the probability, in 0..1, that a logistic model (`weights`, `bias`) gives each row, shape (rows,)."""
    logits = np.asarray(rows, np.float64) @ np.array(model["weights"]) + model["bias"]
    return np.asarray(1 / (1 + np.exp(-logits)))


def reading_rows(chances: npt.ArrayLike, best: npt.ArrayLike, whole: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return what a read passage is graded by, shape (passages, 3): logits of its features, best strip and whole."""
    bounded = np.clip(np.asarray(chances, np.float64), 1e-4, 1 - 1e-4)
    return np.column_stack([np.log(bounded / (1 - bounded)), np.asarray(best), np.asarray(whole)])


def read_passages(
    question: str, passages: Sequence[TextNode], reader: Reader
) -> tuple[list[list[Strip]], list[Logits], Logits]:
    """Return each passage's strips, the reader's logits of them, and those of the passages; all read in one go."""
    strips = [cut(passage) for passage in passages]
    wholes = [_whole(passage) for passage in passages]
    logits = reader.answers(question, [*(shown(strip) for own in strips for strip in own), *wholes])
    *of_strips, whole = np.split(logits, np.cumsum(list(map(len, strips))))
    return strips, of_strips, whole


def _whole(passage: TextNode) -> str:
    meta = passage.metadata
    return headed(meta["title"], meta["heading"], passage.text)


def strip_rows(
    question: str, texts: Sequence[str], logits: npt.ArrayLike, weights: TermWeights
) -> npt.NDArray[np.float64]:
    """Return what a strip is graded by, shape (strips, 3): the reader's logit, shares of terms and names held."""
    return np.column_stack([np.asarray(logits, np.float64), _held(question, texts, weights)])


def _held(question: str, texts: Sequence[str], weights: TermWeights) -> npt.NDArray[np.float64]:
    """Return what share of the question's terms and of its names each text holds, shape (texts, 2)."""
    asked, named = terms(question), names(question)
    rows = [
        (weights.coverage(asked, held), weights.coverage(named, held) if named else 1.0) for held in map(terms, texts)
    ]
    return np.array(rows, np.float64).reshape(len(texts), 2)


class RelevanceGrader(BaseNodePostprocessor):
    """Replaces retrieval's score by a grade in [-1, 1] and sorts by it; a passage without a vector is embedded."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    _index: Index = PrivateAttr()
    _embed_model: BaseEmbedding = PrivateAttr()
    _reader: Reader | None = PrivateAttr()
    _met: dict[str, Vectors] = PrivateAttr(default_factory=dict)

    def __init__(self, index: Index, embed_model: BaseEmbedding, reader: Reader | None = None) -> None:
        super().__init__()
        self._index, self._embed_model, self._reader = index, embed_model, reader

    @property
    def limits(self) -> dict[str, dict[str, float]]:
        """By language, the `lower` and `upper` thresholds and the `slope` and `offset` of confidence."""
        found: dict[str, dict[str, float]] = self._index.fitted["read" if self._reader else "unread"]["limits"]
        return found

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        if query_bundle is None or not nodes:
            return nodes
        passages = [item.node for item in nodes if isinstance(item.node, TextNode)]
        texts = [embedded_text(passage) for passage in passages]
        chances = self._chances(query_bundle, texts, self._vectors(passages, texts))
        if self._reader:
            chances = self._read(query_bundle.query_str, passages, chances)
        graded = [NodeWithScore(node=node, score=grade) for node, grade in zip(passages, _grades(chances), strict=True)]
        return sorted(graded, key=lambda item: -(item.score or 0.0))

    def grade(self, query: QueryBundle, texts: Sequence[str]) -> list[float]:
        """Return a grade in [-1, 1] for each text, a strip as `assistant.search.strips.shown` gives it."""
        if not texts:
            return []
        if self._reader is None:
            chances = self._chances(query, texts, self._remembered(texts))
        else:
            logits = self._reader.answers(query.query_str, texts)
            rows = strip_rows(query.query_str, texts, logits, self._index.term_weights)
            chances = probabilities(rows, self._index.fitted["read"]["strip"])
        return _grades(chances)

    def verdict(self, question: str, grades: Sequence[float]) -> Verdict:
        """Decide by the best grade: Correct above the upper threshold, Incorrect below the lower, else Ambiguous.

        That is the action trigger of section 4.3 of the paper, with thresholds for the question's language. Confidence
        scales the best grade, as a logit, to the probability that the notes hold the answer (Platt 1999).
        """
        limits, best = self.limits[detect(question)], max(grades, default=-1.0)
        if best > limits["upper"]:
            action = Action.CORRECT
        else:
            action = Action.INCORRECT if best < limits["lower"] else Action.AMBIGUOUS
        return Verdict(action, float(1 / (1 + np.exp(-limits["slope"] * logit(best) - limits["offset"]))))

    def _chances(self, query: QueryBundle, texts: Sequence[str], vectors: Vectors) -> npt.NDArray[np.float64]:
        """Return the probability of relevance of each text by its features, shape (texts,)."""
        if query.embedding is None:
            query.embedding = embed_question(self._embed_model, query.query_str).tolist()
        cosines = (vectors @ np.array(query.embedding, np.float32)).tolist()
        return probabilities(
            features(query.query_str, texts, cosines, self._index.term_weights), self._index.fitted["features"]
        )

    def _read(
        self, question: str, passages: Sequence[TextNode], chances: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """Return the chances after reading the most likely passages."""
        assert self._reader
        read = np.array(chances) * _UNREAD
        chosen = [at for at in np.argsort(-chances, kind="stable")[:READ] if chances[at] >= _WORTH]
        if not chosen:
            return read
        _, strips, whole = read_passages(question, [passages[at] for at in chosen], self._reader)
        best = [max(logits, default=_NOTHING_READ) for logits in strips]
        read[chosen] = probabilities(reading_rows(chances[chosen], best, whole), self._index.fitted["read"])
        return read

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


def _grades(chances: npt.NDArray[np.float64]) -> list[float]:
    grades: list[float] = (2 * chances - 1).tolist()
    return grades


def logit(grade: float) -> float:
    """Return the logit of a grade in [-1, 1], bounded."""
    bounded = min(max(grade, -0.9999), 0.9999)
    return float(np.log1p(bounded) - np.log1p(-bounded))
