"""Grades passages and their sentences against the question, and decides whether they answer it, after Corrective RAG.

In: a question and passages. Out: a grade in [-1, 1] for each passage and for each of its sentences, and one verdict.
The method is that of Yan et al., "Corrective Retrieval Augmented Generation" (arXiv 2401.15884, sections 4.2 to 4.4);
in place of their fine-tuned T5 the judge (`assistant.models.judge`) reads passage and sentences at once.
"""

from collections.abc import Collection, Sequence

import numpy as np

from assistant.answer import Action, Passage, Question, Verdict
from assistant.index.store import Snapshot
from assistant.models.judge import Judge, Reading, Text, limits
from assistant.search.counterparts import translations
from assistant.search.folders import above_named
from assistant.text.blocks import place_without
from assistant.text.terms import terms

_SURE, _UNSURE = 0.0, -0.5
"""Without the judge: Correct from half of the question's words on, Incorrect below a quarter of them."""


class RelevanceGrader:
    """The assistant's own grader: the judge, with thresholds for each language."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def grade(self, question: Question, passages: Sequence[Passage]) -> list[float]:
        """Return a grade in [-1, 1] for each passage."""
        return [graded(reading.helps) for reading in self._read(question, passages)]

    def grade_sentences(self, question: Question, passages: Sequence[Passage]) -> list[tuple[float, ...]]:
        """Return the grades, in [-1, 1], of each passage's sentences, read where they stand."""
        return [tuple(map(graded, reading.sentences)) for reading in self._read(question, passages)]

    def verdict(self, question: Question, grades: Sequence[float]) -> Verdict:
        """Decide by the best grade: Correct above the upper threshold, Incorrect below the lower, else Ambiguous.

        This is the action trigger of the paper's section 4.3, with thresholds for the question's language. Confidence
        scales the best grade, as a logit, to the probability that the notes contain the answer (Platt 1999).
        """
        own, best = limits()[question.language], max(grades, default=-1.0)
        if best > own["upper"]:
            action = Action.CORRECT
        else:
            action = Action.INCORRECT if best < own["lower"] else Action.AMBIGUOUS
        return Verdict(action, float(1 / (1 + np.exp(-own["slope"] * logit(best) - own["offset"]))))

    def _read(self, question: Question, passages: Sequence[Passage]) -> list[Reading]:
        return self._judge.read(question.text, [as_read(passage, question.terms) for passage in passages])

    def keeps(self, passage: float, sentence: float) -> bool:
        """Tell whether a sentence of that grade, in a passage of that grade, is evidence."""
        return passage > limits()["evidence"]["passage"] and sentence > limits()["evidence"]["sentence"]


class TermsGrader:
    """Grades by the question's words alone, weighted by rarity, where the judge's encoder was not pulled.

    A word counts as present if the text holds it or its translation.
    """

    def __init__(self, notes: Snapshot) -> None:
        self._notes = notes

    def grade(self, question: Question, passages: Sequence[Passage]) -> list[float]:
        """Return a grade in [-1, 1] for each passage: -1 with none of the question's words, 1 with all."""
        return [self._share(question, passage.terms) for passage in passages]

    def grade_sentences(self, question: Question, passages: Sequence[Passage]) -> list[tuple[float, ...]]:
        """Return the grades, in [-1, 1], of each passage's sentences."""
        return [
            tuple(self._share(question, terms(passage.text[start:end])) for start, end in passage.sentences)
            for passage in passages
        ]

    def verdict(self, question: Question, grades: Sequence[float]) -> Verdict:
        """Decide by the best grade."""
        best = max(grades, default=-1.0)
        action = Action.CORRECT if best > _SURE else Action.INCORRECT if best < _UNSURE else Action.AMBIGUOUS
        return Verdict(action, (best + 1) / 2)

    def keeps(self, passage: float, sentence: float) -> bool:
        """Tell whether a sentence of that grade, in a passage of that grade, is evidence."""
        return sentence > -1

    def _share(self, question: Question, present: Collection[str]) -> float:
        held = total = 0.0
        for word in question.words:
            weight = max(self._notes.weight(term) for term in word.terms)
            known = {*word.terms, *translations(word, self._notes)}
            total += weight
            held += weight * bool(known & set(present))
        return 2 * held / total - 1 if total else -1.0


def as_read(passage: Passage, asked: Collection[str] = ()) -> Text:
    """Return what the judge reads of a passage: what stands above it, and its visible text with its sentences.

    `asked` are the question's terms: a folder that they name, and that nothing above the passage does, stands first.
    """
    above = passage.headed[: len(passage.headed) - len(passage.shown)] + (
        f"{passage.columns}\n" * bool(passage.columns)
    )
    if folders := above_named(passage, asked):
        above = f"{' > '.join(folders)} > {above}" if above else f"{' > '.join(folders)}\n"
    spans = [place_without(span, passage.hidden) for span in passage.sentences]
    return Text(above + passage.shown, tuple((start + len(above), end + len(above)) for start, end in spans))


def graded(logit: float) -> float:
    """Return the grade, in [-1, 1], of a logit: 0 where a text is as likely relevant as not."""
    return float(np.tanh(logit / 2))


def logit(grade: float) -> float:
    """Return the logit of a grade in [-1, 1], bounded at about ±9.9."""
    bounded = min(max(grade, -0.9999), 0.9999)
    return float(np.log1p(bounded) - np.log1p(-bounded))
