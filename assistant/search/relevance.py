"""Grades passages against the question and decides whether they answer it, after Corrective RAG.

In: a question and passages. Out: a grade in [-1, 1] for each, and one verdict. The method is that of Yan et al.,
"Corrective Retrieval Augmented Generation" (arXiv 2401.15884, sections 4.2 and 4.3). Instead of their fine-tuned T5 we
use a cascade: a logistic model over simple features grades all passages, and the reader (`assistant.models.reader`)
grades the best few, whole and strip by strip. Without the reader the features decide alone.
"""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from assistant.answer import Action, Passage, Question, Strip, Vectors, Verdict
from assistant.index.passages import embedded_text
from assistant.index.store import Snapshot
from assistant.models import fitted
from assistant.models.embedding import embed_texts
from assistant.models.reader import Logits, Reader
from assistant.search.strips import cut
from assistant.text.language import Language, detect
from assistant.text.terms import terms

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding

READ = 2
"""Passages that the reader grades; the others keep a lowered grade from their features."""
WORTH = 0.01
"""A passage with a lower probability by its features is not read; no gold passage of the `dev` questions has less."""
_UNREAD = 0.25
"""The probability of an unread passage is multiplied by this, since the best ones were read."""
REMEMBERED = 500
"""Cached vectors of texts outside the index: the ladder grades a web page's strips more than once."""
_NOTHING_READ = -10.0
"""The reader's logit for a passage without strips."""
FEATURES = ("cosine", "coverage", "names", "same_language", "cosine_same", "coverage_same")


def features(
    question: Question,
    term_sets: Sequence[Collection[str]],
    languages: Sequence[Language],
    cosines: Sequence[float],
    notes: Snapshot,
) -> Vectors:
    """Return the features of texts from their terms, languages and cosines, shape (texts, len(FEATURES))."""
    rows = []
    for language, cosine, (covered, named) in zip(languages, cosines, _shares(question, term_sets, notes), strict=True):
        same = float(language == question.language)
        rows.append((cosine, covered, named, same, cosine * same, covered * same))
    return np.array(rows, np.float32).reshape(len(term_sets), len(FEATURES))


def probabilities(rows: npt.ArrayLike, model: dict[str, Any]) -> npt.NDArray[np.float64]:
    """Return the probability, in 0..1, that a logistic model (`weights`, `bias`) gives each row, shape (rows,)."""
    logits = np.asarray(rows, np.float64) @ np.array(model["weights"]) + model["bias"]
    return np.asarray(1 / (1 + np.exp(-logits)))


def reading_rows(chances: npt.ArrayLike, best: npt.ArrayLike, whole: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the inputs for grading read passages, shape (passages, 3): logits of features, best strip and whole text.

    `chances` are probabilities in 0..1, `best` and `whole` the reader's logits.
    """
    bounded = np.clip(np.asarray(chances, np.float64), 1e-4, 1 - 1e-4)
    return np.column_stack([np.log(bounded / (1 - bounded)), np.asarray(best), np.asarray(whole)])


def read_passages(
    question: Question, passages: Sequence[Passage], reader: Reader
) -> tuple[list[list[Strip]], list[Logits], Logits]:
    """Read passages and their strips in one go; return the strips of each, their logits, and the passages' logits."""
    strips = [cut(passage) for passage in passages]
    texts = [strip.headed for own in strips for strip in own] + [passage.headed for passage in passages]
    logits = reader.answers(question.text, texts)
    *of_strips, whole = np.split(logits, np.cumsum(list(map(len, strips))))
    return strips, of_strips, whole


def strip_rows(
    question: Question, texts: Sequence[str], logits: npt.ArrayLike, notes: Snapshot
) -> npt.NDArray[np.float64]:
    """Return the inputs for grading strips, shape (strips, 3): the reader's logit, shares of terms and of names."""
    return np.column_stack([np.asarray(logits, np.float64), _shares(question, list(map(terms, texts)), notes)])


def _shares(question: Question, term_sets: Sequence[Collection[str]], notes: Snapshot) -> npt.NDArray[np.float64]:
    """Return the shares of the question's terms and of its names in each text's terms, in 0..1, shape (texts, 2)."""
    rows = [
        (_share(question.terms, present, notes), _share(question.names, present, notes) if question.names else 1.0)
        for present in term_sets
    ]
    return np.array(rows, np.float64).reshape(len(term_sets), 2)


def _share(wanted: Sequence[str], present: Collection[str], notes: Snapshot) -> float:
    """Return the share, in 0..1, of the wanted terms that are present, weighted by rarity; 0 if none are wanted."""
    weights = {term: notes.weight(term) for term in wanted}
    total = sum(weights.values())
    return sum(weights[term] for term in weights.keys() & set(present)) / total if total else 0.0


class RelevanceGrader:
    """The assistant's own grader; it embeds passages that are not in the index, such as web pages."""

    def __init__(self, notes: Snapshot, embed_model: "BaseEmbedding", reader: Reader | None = None) -> None:
        self._notes, self._embed_model, self._reader = notes, embed_model, reader
        self._fitted = fitted.usable(dict(notes.about.fitted), notes.about.fingerprint["embedding"])
        self._met: dict[str, Vectors] = {}

    @property
    def limits(self) -> dict[str, dict[str, float]]:
        """For each language the `lower` and `upper` thresholds, and the `slope` and `offset` of the confidence."""
        limits: dict[str, dict[str, float]] = self._fitted["read" if self._reader else "unread"]["limits"]
        return limits

    def grade(self, question: Question, passages: Sequence[Passage]) -> list[float]:
        """Return a grade in [-1, 1] for each passage."""
        if not passages:
            return []
        cosines = (self._vectors(passages) @ question.vector).tolist()
        term_sets, languages = [p.terms for p in passages], [p.language for p in passages]
        rows = features(question, term_sets, languages, cosines, self._notes)
        chances = probabilities(rows, self._fitted["features"])
        return _grades(self._read(question, passages, chances) if self._reader else chances)

    def grade_strips(self, question: Question, strips: Sequence[Strip]) -> list[float]:
        """Return a grade in [-1, 1] for each strip."""
        if not strips:
            return []
        texts = [strip.headed for strip in strips]
        if self._reader:
            logits = self._reader.answers(question.text, texts)
            return _grades(
                probabilities(strip_rows(question, texts, logits, self._notes), self._fitted["read"]["strip"])
            )
        cosines = (self._embedded(texts) @ question.vector).tolist()
        rows = features(question, list(map(terms, texts)), list(map(detect, texts)), cosines, self._notes)
        return _grades(probabilities(rows, self._fitted["features"]))

    def verdict(self, question: Question, grades: Sequence[float]) -> Verdict:
        """Decide by the best grade: Correct above the upper threshold, Incorrect below the lower, else Ambiguous.

        This is the action trigger of the paper's section 4.3, with thresholds for the question's language. Confidence
        scales the best grade, as a logit, to the probability that the notes contain the answer (Platt 1999).
        """
        limits, best = self.limits[question.language], max(grades, default=-1.0)
        if best > limits["upper"]:
            action = Action.CORRECT
        else:
            action = Action.INCORRECT if best < limits["lower"] else Action.AMBIGUOUS
        return Verdict(action, float(1 / (1 + np.exp(-limits["slope"] * logit(best) - limits["offset"]))))

    def _read(
        self, question: Question, passages: Sequence[Passage], chances: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """Return the probabilities after reading the most likely passages."""
        assert self._reader
        read = np.array(chances) * _UNREAD
        chosen = [at for at in np.argsort(-chances, kind="stable")[:READ] if chances[at] >= WORTH]
        if not chosen:
            return read
        _, strips, whole = read_passages(question, [passages[at] for at in chosen], self._reader)
        best = [max(logits, default=_NOTHING_READ) for logits in strips]
        read[chosen] = probabilities(reading_rows(chances[chosen], best, whole), self._fitted["read"])
        return read

    def _vectors(self, passages: Sequence[Passage]) -> Vectors:
        vectors = self._notes.vectors([passage.id for passage in passages])
        strangers = [at for at, vector in enumerate(vectors) if not vector.any()]
        if strangers:
            embedded = self._embedded([embedded_text(passages[at]) for at in strangers])
            vectors = (
                vectors
                if vectors.shape[1] == embedded.shape[1]
                else np.zeros((len(passages), embedded.shape[1]), np.float32)
            )
            vectors[strangers] = embedded
        return vectors

    def _embedded(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of texts, with a small cache."""
        known = {text: vector for text in texts if (vector := self._met.get(text)) is not None}
        if fresh := [text for text in dict.fromkeys(texts) if text not in known]:
            known |= dict(zip(fresh, embed_texts(self._embed_model, fresh), strict=True))
            self._met = known if len(self._met) + len(fresh) > REMEMBERED else self._met | known
        return np.stack([known[text] for text in texts])


def _grades(chances: npt.NDArray[np.float64]) -> list[float]:
    grades: list[float] = (2 * chances - 1).tolist()
    return grades


def logit(grade: float) -> float:
    """Return the logit of a grade in [-1, 1], bounded at about ±9.9."""
    bounded = min(max(grade, -0.9999), 0.9999)
    return float(np.log1p(bounded) - np.log1p(-bounded))
