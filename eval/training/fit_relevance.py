"""Fits the relevance grader: `python -m eval.training.fit_relevance`.

Positives are the passages and strips that hold the gold of our own `dev` questions, negatives the others that retrieval
brings for them. How a passage that was read is graded is fitted to whether its question has an answer; the thresholds
and the scale of confidence, a set for each language, come from the same questions.
Writes the embedding model's part of `assistant/relevance.json`. Deterministic: nothing is sampled at random.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from llama_index.core.base.embeddings.base import BaseEmbedding

from assistant.answer import Passage, Strip
from assistant.answer import Question as Asked
from assistant.config import Settings
from assistant.index.store import Snapshot
from assistant.models.embedding import Vectors, build_embedding, name_of
from assistant.models.reader import Reader
from assistant.search.question import embedded, read
from assistant.search.relevance import (
    FEATURES,
    READ,
    features,
    logit,
    probabilities,
    read_passages,
    reading_rows,
    strip_rows,
)
from assistant.search.retrieve import hybrid
from eval.questions.dataset import Question, open_corpus, read_questions, relevant_passages

REFUSED = 0.05
"""Share of the answerable dev questions that the lower threshold may refuse (docs/decisions.md)."""
SURE = 0.9
"""Share of answerable dev questions above the upper threshold."""
ANSWERABLE = 0.8
"""Assumed share of questions with an answer, used for confidence; `dev` has fewer, so that refusing is learned too."""
_ROUNDS = 15
"""Rounds after which the choice of each question's best passage no longer changes."""


@dataclass(frozen=True)
class Found:
    """What retrieval brings for a question: a row of features and a label for each passage, and the passages."""

    question: Question
    asked: Asked
    rows: Vectors
    relevant: list[bool]
    passages: list[Passage]


@dataclass(frozen=True)
class Reading:
    """The likeliest passages: rows to grade them by; rows and labels of their strips."""

    rows: npt.NDArray[np.float64]
    strips: npt.NDArray[np.float64]
    gold: list[bool]


def main() -> int:
    """Fit and write what the grader needs for the embedding model of the settings."""
    settings = Settings.read()
    model = build_embedding(settings)
    notes = open_corpus(settings, model).snapshot
    questions = [question for question in read_questions("dev") if not question.history]
    found = list(_retrieved(questions, notes, model, settings.top_k))
    by_features = _logistic(np.concatenate([item.rows for item in found]), [y for item in found for y in item.relevant])
    chances = [probabilities(item.rows, by_features) for item in found]
    fitted = {"features": by_features, "unread": {"limits": _limits(found, chances)}}
    if reader := Reader.open(settings):
        readings = [_read(item, chance, reader, notes) for item, chance in zip(found, chances, strict=True)]
        by_reading = _best_passage([r.rows for r in readings], [item.question.answerable for item in found])
        strips = np.concatenate([reading.strips for reading in readings])
        by_reading["strip"] = _logistic(strips, [label for reading in readings for label in reading.gold])
        by_reading["limits"] = _limits(found, [probabilities(reading.rows, by_reading) for reading in readings])
        fitted["read"] = by_reading
    file = Path(__file__).parent.parent.parent / "assistant" / "models" / "relevance.json"
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    file.write_text(json.dumps(known | {name_of(settings): fitted}, indent=1) + "\n", encoding="utf-8")
    sys.stderr.write(f"{FEATURES}\n{json.dumps(fitted, indent=1)}\n")
    return 0


def _retrieved(questions: Sequence[Question], notes: Snapshot, model: BaseEmbedding, top_k: int) -> Iterator[Found]:
    for question in questions:
        relevant = relevant_passages(question, notes)
        asked = embedded(read(question.question), model)
        passages = [item.passage for item in hybrid(notes, asked, top_k)]
        cosines = (notes.vectors([passage.id for passage in passages]) @ asked.vector).tolist()
        held, languages = [passage.terms for passage in passages], [passage.language for passage in passages]
        rows = features(asked, held, languages, cosines, notes)
        yield Found(question, asked, rows, [passage.id in relevant for passage in passages], passages)


def _read(found: Found, chances: npt.NDArray[np.float64], reader: Reader, notes: Snapshot) -> Reading:
    chosen = np.argsort(-chances, kind="stable")[:READ]
    of_passages, logits, whole = read_passages(found.asked, [found.passages[at] for at in chosen], reader)
    strips = [strip for own in of_passages for strip in own]
    rows = strip_rows(found.asked, [strip.headed for strip in strips], np.concatenate(logits), notes)
    best = [float(of_strips.max()) for of_strips in logits]
    return Reading(
        reading_rows(chances[chosen], best, whole), rows, [_holds(strip, found.question) for strip in strips]
    )


def _holds(strip: Strip, question: Question) -> bool:
    """Tell whether a strip is part of the gold, or most of a piece of the gold part of it."""
    spans = [span for piece in question.gold for span in piece if span.note == strip.source]
    return any(span.quote in strip.text or strip.text in span.quote for span in spans)


def _best_passage(found: Sequence[npt.NDArray[np.float64]], answerable: Sequence[bool]) -> dict[str, Any]:
    """Fit the grade of a question's best passage to whether the question has an answer, choosing and fitting in turns.

    The multiple-instance learning of Andrews et al. (MI-SVM, NIPS 2002), with a logistic model.
    """
    spread = np.concatenate(found).std(axis=0)
    model: dict[str, Any] = {"weights": 1 / spread, "bias": 0.0}
    for _ in range(_ROUNDS):
        model = _logistic([rows[np.argmax(probabilities(rows, model))] for rows in found], answerable)
    return model


def _logistic(rows: npt.ArrayLike, labels: Sequence[bool]) -> dict[str, Any]:
    from sklearn.linear_model import LogisticRegression

    values = np.asarray(rows, np.float64)
    spread = values.std(axis=0)  # penalise each feature alike, whatever its scale
    fit = LogisticRegression(C=0.3, max_iter=5000).fit(values / spread, labels)
    weights = fit.coef_[0] / spread
    return {"weights": [round(float(value), 4) for value in weights], "bias": round(float(fit.intercept_[0]), 4)}


def _limits(found: Sequence[Found], chances: Sequence[npt.NDArray[np.float64]]) -> dict[str, dict[str, float]]:
    """Return, by language, thresholds as grades and the scale of confidence, from each question's best grade."""
    from sklearn.linear_model import LogisticRegression

    limits = {}
    for language in ("ko", "en"):
        own = [at for at, item in enumerate(found) if item.question.language == language]
        best = np.array([logit(2 * float(chances[at].max()) - 1) for at in own])
        answerable = np.array([found[at].question.answerable for at in own])
        low = float(np.quantile(best[answerable], REFUSED))
        sure = [at for at in np.sort(best) if answerable[best >= at].mean() >= SURE]
        high = max(float(sure[0]), low) if sure else float(best.max())
        weight = np.where(answerable, ANSWERABLE / answerable.mean(), (1 - ANSWERABLE) / (1 - answerable.mean()))
        platt = LogisticRegression(C=100.0).fit(best[:, None], answerable, sample_weight=weight)
        limits[language] = {
            "lower": round(float(np.tanh(low / 2)), 4),
            "upper": round(float(np.tanh(high / 2)), 4),
            "slope": round(float(platt.coef_[0][0]), 4),
            "offset": round(float(platt.intercept_[0]), 4),
        }
    return limits


if __name__ == "__main__":
    sys.exit(main())
