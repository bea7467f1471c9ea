"""How good answers are: facts, citations, quotes, language, and declining when the notes lack the answer."""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from assistant import Answer
from assistant.errors import AssistantError
from assistant.index.manifest import file_of
from assistant.index.store import Snapshot
from eval.measures.metrics import citation_precision, citation_recall, facts_present, precision_recall
from eval.measures.stats import interval, percentile
from eval.questions.dataset import Question
from eval.report.run import Stage
from eval.stages.judge import FIGURES as JUDGED
from eval.stages.judge import Judge
from eval.stages.support import SupportScorer, says_in

Progress = Callable[[int, int], None]
_NOT = math.nan


@dataclass(frozen=True)
class Case:
    """A question, its answer, None if answering failed, and the seconds until its first word, nan if untimed."""

    question: Question
    answer: Answer | None
    first_word: float


def run(
    answer: Callable[[Question], Iterator[Answer]], questions: Iterable[Question], timed: bool, progress: Progress
) -> list[Case]:
    """Answer each question; a failure is recorded and does not stop the others."""
    asked = list(questions)
    cases = []
    for done, question in enumerate(asked, start=1):
        try:
            whole, first_word = grown(answer(question))
            cases.append(Case(question, whole, first_word if timed else _NOT))
        except AssistantError:
            cases.append(Case(question, None, _NOT))
        progress(done, len(asked))
    return cases


def grown(growing: Iterator[Answer]) -> tuple[Answer, float]:
    """Return the whole answer, and the seconds until its first word.

    It grows to its end, so that no model is still writing when the next question is timed.
    """
    began, first_word = time.perf_counter(), _NOT
    for answer in growing:
        if answer.answer and math.isnan(first_word):
            first_word = time.perf_counter() - began
    return answer, first_word


FIGURES = (
    "facts",
    "citation_recall",
    "citation_precision",
    "verbatim",
    "right_language",
    "over_refusal",
    "characters",
    "first_word",
)


@dataclass(frozen=True)
class Marks:
    """One case's marks; nan where a mark does not apply (an abstention cites nothing)."""

    facts: float
    citation_recall: float
    citation_precision: float
    verbatim: float
    right_language: float
    over_refusal: float
    characters: float
    first_word: float


def mark(case: Case, notes: Snapshot, scorer: SupportScorer) -> Marks:
    """Mark one case; a failed one gets nan throughout."""
    question, answer = case.question, case.answer
    if answer is None:
        return Marks(*[_NOT] * len(FIGURES))
    told = question.answerable
    facts = (0.0 if answer.abstained else facts_present(answer.answer, question.facts)) if told else _NOT
    refused = float(answer.abstained) if told else _NOT
    language = float(says_in(answer.answer, question.language))
    if answer.abstained:
        return Marks(facts, _NOT, _NOT, _NOT, language, refused, _NOT, case.first_word)
    quotes = {citation.n: citation.quote for citation in answer.citations}
    said = [sentence.text for sentence in answer.sentences]
    cited = [[quotes[n] for n in sentence.citations] for sentence in answer.sentences]
    verbatim = [_note(notes, c.source)[c.start : c.end] == c.quote for c in answer.citations]
    return Marks(
        facts,
        citation_recall(said, cited, scorer.supports),
        citation_precision(said, cited, scorer.supports),
        sum(verbatim) / len(verbatim) if verbatim else _NOT,
        language,
        refused,
        float(len(answer.answer)),
        case.first_word,
    )


def _note(notes: Snapshot, source: str) -> str:
    return _text(next(file_of(note).path for note in notes.notes if note.source == source))


@lru_cache(maxsize=256)
def _text(place: Path) -> str:
    return place.read_text(encoding="utf-8")


def summary(cases: Sequence[Case], notes: Snapshot, scorer: SupportScorer, judge: Judge | None = None) -> Stage:
    """Return the figures with their intervals for all questions and for each language; a judge adds its own."""
    marks = [asdict(mark(case, notes, scorer)) for case in cases]
    if judge:
        marks = [
            own | (judge.marks(case.answer) if case.answer else dict.fromkeys(JUDGED, _NOT))
            for own, case in zip(marks, cases, strict=True)
        ]
    names = FIGURES + (JUDGED if judge else ())
    found: dict[str, Any] = {}
    for group in ("all", "ko", "en"):
        chosen = [place for place, case in enumerate(cases) if group in ("all", case.question.language.value)]
        some = [cases[place] for place in chosen]
        declined = {case.question.id for case in some if case.answer and case.answer.abstained}
        missing = {case.question.id for case in some if not case.question.answerable and case.answer}
        precision, recall = precision_recall(declined, missing) if declined or missing else (_NOT, _NOT)
        found[group] = {
            "questions": len(some),
            "failed": sum(case.answer is None for case in some),
            **{name: interval([marks[place][name] for place in chosen]) for name in names},
            "first_word_median": percentile([case.first_word for case in some], 50),
            "abstention_precision": precision,
            "abstention_recall": recall,
        }
    by_case = {name: {case.question.id: own[name] for own, case in zip(marks, cases, strict=True)} for name in names}
    return Stage(found, by_case)
