"""Fits the relevance grader: `python -m eval.fit_relevance DATA`, where DATA holds the sets of `eval.held_out`.

Positives are the passages and strips that hold the gold of our own `dev` questions, negatives the others that retrieval
brings for them. What weighs the reader's logit against the features, and the scale of confidence, are fitted on those
and on held-out questions of public sets, each set weighing alike; the thresholds, for each language, on `dev` alone.
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
from llama_index.core.schema import QueryBundle, TextNode

from assistant.answer import Strip
from assistant.chunk import embedded_text
from assistant.config import Settings
from assistant.embed import Vectors, build_embedding, embed_question, name_of
from assistant.index import Index
from assistant.reader import Reader
from assistant.relevance import FEATURES, READ, features, logit, probabilities, reading_rows, strip_rows
from assistant.retrieve import HybridRetriever
from assistant.strips import cut, shown
from eval.dataset import Question, open_corpus, read_questions, relevant_passages
from eval.held_out import Case, cases

REFUSED = {"ko": 0.05, "en": 0.03}
"""Share of the answerable dev questions that the lower threshold may refuse (docs/decisions.md)."""
SURE = 0.97
"""Share of answerable dev questions above the upper threshold."""


@dataclass(frozen=True)
class Found:
    """A case with a row of features for each of its passages."""

    case: Case
    rows: Vectors


@dataclass(frozen=True)
class Reading:
    """The likeliest passages of a case: rows to grade them by and their labels."""

    rows: npt.NDArray[np.float64]
    relevant: list[bool]


def main(data: Path) -> int:
    """Fit and write what the grader needs for the embedding model of the settings."""
    settings = Settings.read()
    model = build_embedding(settings)
    index = open_corpus(settings, model).notes
    questions = [question for question in read_questions("dev") if not question.history]
    own = list(_featured([_case(question, index, model, settings.top_k) for question in questions], model))
    by_features = _logistic(
        np.concatenate([item.rows for item in own]), [y for item in own for y in item.case.relevant]
    )
    chances = [probabilities(item.rows, by_features) for item in own]
    fitted = {"features": by_features, "unread": {"limits": _limits(own, chances, own, chances)}}
    if reader := Reader.open(settings):
        public = list(_featured(list(cases(data, settings, model)), model))
        readings = [_read(item, by_features, reader) for item in own]
        others = [_read(item, by_features, reader) for item in public]
        by_reading = _weighing([*own, *public], [*readings, *others])
        by_reading["strip"] = _by_strips(questions, own, by_features, reader)
        graded = [probabilities(reading.rows, by_reading) for reading in readings]
        elsewhere = [probabilities(reading.rows, by_reading) for reading in others]
        by_reading["limits"] = _limits(own, graded, [*own, *public], [*graded, *elsewhere])
        fitted["read"] = by_reading
    file = Path(__file__).parent.parent / "assistant" / "relevance.json"
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    file.write_text(json.dumps(known | {name_of(settings): fitted}, indent=1) + "\n", encoding="utf-8")
    sys.stderr.write(f"{FEATURES}\n{json.dumps(fitted, indent=1)}\n")
    return 0


def _case(question: Question, index: Index, model: BaseEmbedding, top_k: int) -> Case:
    """Return an own question with what retrieval brings for it."""
    relevant = relevant_passages(question, index)
    nodes = HybridRetriever(index, model, top_k).retrieve(QueryBundle(question.question))
    passages = [item.node for item in nodes if isinstance(item.node, TextNode)]
    labels = [node.node_id in relevant for node in passages]
    return Case(question.question, question.language, index, passages, labels, question.answerable)


def _featured(found: Sequence[Case], model: BaseEmbedding) -> Iterator[Found]:
    for case in found:
        vectors = case.index.vectors[[case.index.rows[node.node_id] for node in case.passages]]
        cosines = (vectors @ embed_question(model, case.question)).tolist()
        texts = [embedded_text(passage) for passage in case.passages]
        yield Found(case, features(case.question, texts, cosines, case.index.term_weights))


def _read(found: Found, by_features: dict[str, Any], reader: Reader) -> Reading:
    chances = probabilities(found.rows, by_features)
    chosen = _likeliest(chances)
    texts = [[shown(strip) for strip in cut(found.case.passages[at])] for at in chosen]
    best = [float(reader.answers(found.case.question, own).max()) for own in texts]
    return Reading(reading_rows(chances[chosen], best), [found.case.relevant[at] for at in chosen])


def _likeliest(chances: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    return np.argsort(-chances, kind="stable")[:READ]


def _weighing(found: Sequence[Found], readings: Sequence[Reading]) -> dict[str, Any]:
    """Fit the passage's grade over all sets, each of which weighs as much as any other."""
    rows = np.concatenate([reading.rows for reading in readings])
    weights = _evenly([id(item.case.index) for item in found], [len(reading.relevant) for reading in readings])
    return _logistic(rows, [label for reading in readings for label in reading.relevant], weights)


def _evenly(sets: Sequence[int], counts: Sequence[int]) -> npt.NDArray[np.float64]:
    """Return a weight for each row so that every set weighs alike, and their mean is 1."""
    held = {name: sum(count for at, count in zip(sets, counts, strict=True) if at == name) for name in set(sets)}
    weights = np.concatenate([np.full(count, 1 / held[name]) for name, count in zip(sets, counts, strict=True)])
    return np.asarray(weights / weights.mean())


def _by_strips(
    questions: Sequence[Question], own: Sequence[Found], by_features: dict[str, Any], reader: Reader
) -> dict[str, Any]:
    """Fit the strip's grade on our own questions, whose gold is marked to the word."""
    rows, gold = [], []
    for question, found in zip(questions, own, strict=True):
        for at in _likeliest(probabilities(found.rows, by_features)):
            strips = cut(found.case.passages[at])
            texts = [shown(strip) for strip in strips]
            logits = reader.answers(question.question, texts)
            rows.append(strip_rows(question.question, texts, logits, found.case.index.term_weights))
            gold += [_holds(strip, question) for strip in strips]
    return _logistic(np.concatenate(rows), gold)


def _holds(strip: Strip, question: Question) -> bool:
    """Tell whether a strip is part of the gold, or most of a piece of the gold part of it."""
    spans = [span for piece in question.gold for span in piece if span.note == strip.source]
    return any(span.quote in strip.text or strip.text in span.quote for span in spans)


def _logistic(
    rows: npt.ArrayLike, labels: Sequence[bool], weights: "npt.NDArray[np.float64] | None" = None
) -> dict[str, Any]:
    from sklearn.linear_model import LogisticRegression

    values = np.asarray(rows, np.float64)
    spread = values.std(axis=0)  # penalise each feature alike, whatever its scale
    fit = LogisticRegression(C=0.3, max_iter=5000).fit(values / spread, labels, weights)
    found = fit.coef_[0] / spread
    return {"weights": [round(float(value), 4) for value in found], "bias": round(float(fit.intercept_[0]), 4)}


def _limits(
    own: Sequence[Found],
    chances: Sequence[npt.NDArray[np.float64]],
    scaled: Sequence[Found],
    scaled_chances: Sequence[npt.NDArray[np.float64]],
) -> dict[str, dict[str, float]]:
    """Return, by language, thresholds as grades, from our own questions, and the scale of confidence."""
    from sklearn.linear_model import LogisticRegression

    limits = {}
    for language in ("ko", "en"):
        best, answerable, _ = _best(own, chances, language)
        low = float(np.quantile(best[answerable], REFUSED[language]))
        sure = [at for at in np.sort(best) if answerable[best >= at].mean() >= SURE]
        high = max(float(sure[0]), low) if sure else float(best.max())
        every, holds, sets = _best(scaled, scaled_chances, language)
        platt = LogisticRegression(C=100.0).fit(every[:, None], holds, _evenly(sets, [1] * len(sets)))
        limits[language] = {
            "lower": round(float(np.tanh(low / 2)), 4),
            "upper": round(float(np.tanh(high / 2)), 4),
            "slope": round(float(platt.coef_[0][0]), 4),
            "offset": round(float(platt.intercept_[0]), 4),
        }
    return limits


def _best(
    found: Sequence[Found], chances: Sequence[npt.NDArray[np.float64]], language: str
) -> "tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_], list[int]]":
    """Return the best grade of each case in a language, as a logit, whether it is answerable, and its set."""
    chosen = [at for at, item in enumerate(found) if item.case.language == language]
    best = np.array([logit(2 * float(chances[at].max()) - 1) for at in chosen])
    answerable = np.array([found[at].case.answerable for at in chosen])
    return best, answerable, [id(found[at].case.index) for at in chosen]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
