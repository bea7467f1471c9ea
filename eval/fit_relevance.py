"""Fits the relevance grader: `python -m eval.fit_relevance`.

Positives are the passages that hold the gold of our own `dev` questions, negatives the others that retrieval brings for
them; the thresholds and the scale of confidence come from the same questions. Writes `assistant/relevance.json`.
Deterministic: nothing is sampled at random.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.schema import QueryBundle, TextNode

from assistant.chunk import embedded_text
from assistant.config import Settings
from assistant.embed import Vectors, build_embedding, name_of
from assistant.index import Index
from assistant.relevance import FEATURES, TermWeights, features
from assistant.retrieve import HybridRetriever
from eval.dataset import Question, open_corpus, read_questions, relevant_passages

REFUSED = 0.05
"""Share of the answerable dev questions that the lower threshold may refuse."""
SURE = 0.97
"""Share of answerable dev questions above the upper threshold."""
Pairs = tuple[Vectors, list[bool]]


def main() -> int:
    """Fit and write what the grader needs for the embedding model of the settings."""
    from sklearn.linear_model import LogisticRegression

    settings = Settings.read()
    model = build_embedding(settings)
    index = open_corpus(settings, model).notes
    questions = [question for question in read_questions("dev") if not question.history]
    own = list(_pairs(questions, index, model, settings.top_k))
    rows = np.concatenate([values for values, _ in own])
    labels = [label for _, relevant in own for label in relevant]
    spread = rows.std(axis=0)  # penalise each feature alike, whatever its scale
    fit = LogisticRegression(C=0.3, max_iter=5000).fit(rows / spread, labels)
    weights = fit.coef_[0] / spread
    best = np.array([float((values @ weights).max() + fit.intercept_[0]) for values, _ in own])
    fitted = {
        "weights": [round(float(value), 4) for value in weights],
        "bias": round(float(fit.intercept_[0]), 4),
        **_thresholds(best, np.array([question.answerable for question in questions])),
    }
    file = Path(__file__).parent.parent / "assistant" / "relevance.json"
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    file.write_text(json.dumps(known | {name_of(settings): fitted}, indent=1) + "\n", encoding="utf-8")
    sys.stderr.write(f"{dict(zip(FEATURES, fitted['weights'], strict=True))}\n{fitted}\n")
    return 0


def _pairs(questions: list[Question], index: Index, model: BaseEmbedding, top_k: int) -> Iterator[Pairs]:
    """Yield, for each question, the features and labels of the passages that retrieval brings."""
    retriever, weights = HybridRetriever(index, model, top_k), TermWeights.of(index)
    for question in questions:
        relevant = relevant_passages(question, index)
        query = QueryBundle(question.question)
        found = [item.node for item in retriever.retrieve(query) if isinstance(item.node, TextNode)]
        vectors = index.vectors[[index.rows[node.node_id] for node in found]]
        cosines = (vectors @ np.array(query.embedding, np.float32)).tolist()
        values = features(question.question, [embedded_text(node) for node in found], cosines, weights)
        yield values, [node.node_id in relevant for node in found]


def _thresholds(best: Any, answerable: Any) -> dict[str, Any]:
    """Return thresholds as grades, and the scale of confidence, from each question's best logit."""
    from sklearn.linear_model import LogisticRegression

    low = float(np.quantile(best[answerable], REFUSED))
    sure = [at for at in np.sort(best) if answerable[best >= at].mean() >= SURE]
    high = max(float(sure[0]), low) if sure else float(best.max())
    platt = LogisticRegression(C=100.0).fit(best[:, None], answerable)
    return {
        "thresholds": {"lower": round(float(np.tanh(low / 2)), 4), "upper": round(float(np.tanh(high / 2)), 4)},
        "confidence": {"slope": round(float(platt.coef_[0][0]), 4), "offset": round(float(platt.intercept_[0]), 4)},
    }


if __name__ == "__main__":
    sys.exit(main())
