"""How well the relevance check judges: passages one by one, and whether the notes hold an answer at all."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant import Assistant
from assistant.answer import Action, Scored, Verdict
from assistant.config import Settings
from assistant.errors import SettingsError
from assistant.models.embedding import Embedder
from assistant.models.judge import Judge, limits
from assistant.search.graders import build_grader
from assistant.search.ladder import grade
from assistant.search.question import embedded, read
from eval.measures.metrics import (
    aurc,
    auroc,
    balanced_accuracy,
    expected_calibration_error,
    precision_recall,
    risk_coverage,
)
from eval.questions.beir import index_passages, read_objects, whole_passage
from eval.questions.dataset import Question, relevant_passages
from eval.report.run import Stage


@dataclass(frozen=True)
class Judged:
    """One question's verdict beside the truth; `accepted` and `relevant` are passage ids."""

    id: str
    language: str
    answerable: bool
    verdict: Verdict
    accepted: frozenset[str]
    relevant: frozenset[str]


def judge(assistant: Assistant, questions: Sequence[Question], progress: Callable[[int, int], None]) -> list[Judged]:
    """Put each question through retrieval and the relevance check; follow-ups are left out."""
    asked = [question for question in questions if not question.history]
    found = []
    for done, question in enumerate(asked, start=1):
        graded, decided = assistant.judge(question.question)
        found.append(
            Judged(
                question.id,
                question.language.value,
                question.answerable,
                decided,
                _accepted(graded),
                frozenset(relevant_passages(question, assistant.snapshot)),
            )
        )
        progress(done, len(asked))
    return found


def _accepted(graded: Iterable[Scored]) -> frozenset[str]:
    """Return the passages graded as more likely relevant than not."""
    return frozenset(item.passage.id for item in graded if item.score > 0)


def summary(judged: Sequence[Judged]) -> dict[str, Any]:
    """Return the figures of one group of questions; nan where a class is missing."""
    labels = [item.answerable for item in judged]
    accepted = [item.verdict.action is not Action.INCORRECT for item in judged]
    confidences = [item.verdict.confidence for item in judged]
    pairs = [precision_recall(item.accepted, item.relevant) for item in judged if item.answerable]
    answerable = [taken for taken, label in zip(accepted, labels, strict=True) if label]
    unanswerable = [taken for taken, label in zip(accepted, labels, strict=True) if not label]
    return {
        "questions": len(judged),
        "auroc": auroc(confidences, labels),
        "balanced_accuracy": balanced_accuracy(accepted, labels),
        "accepted_answerable": _share(answerable),
        "refused_unanswerable": 1 - _share(unanswerable),
        "ece": expected_calibration_error(confidences, labels),
        "aurc": aurc(confidences, labels),
        "passage_precision": _share([precision for precision, _ in pairs]),
        "passage_recall": _share([recall for _, recall in pairs]),
        "actions": {
            name: {action.value: _count(judged, label, action) for action in Action}
            for name, label in (("answerable", True), ("unanswerable", False))
        },
        "risk_coverage": risk_coverage(confidences, labels),
    }


def _share(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")


def _count(judged: Sequence[Judged], answerable: bool, action: Action) -> int:
    return sum(item.answerable is answerable and item.verdict.action is action for item in judged)


def measure(assistant: Assistant, questions: Sequence[Question], progress: Callable[[int, int], None]) -> Stage:
    """Judge the questions; return the summary for all of them and for each language."""
    judged = judge(assistant, questions, progress)
    groups = {"all": list(judged)}
    groups |= {name: [item for item in judged if item.language == name] for name in ("ko", "en")}
    right = {item.id: float((item.verdict.action is not Action.INCORRECT) == item.answerable) for item in judged}
    found = {name: summary(items) for name, items in groups.items()}
    return Stage(found, {"right decision": right, "confidence": {i.id: i.verdict.confidence for i in judged}})


def on_file(file: Path, settings: Settings, model: Embedder, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Judge questions whose passages are given, as the contract's JSON has it.

    Raises:
        SettingsError: a line lacks id, question, answerable or passages.

    """
    cases = list(read_objects(file))
    try:
        given = [(case["id"], case["question"], bool(case["answerable"]), case["passages"]) for case in cases]
        documents = {passage["id"]: passage for *_, passages in given for passage in passages}
        wholes = [whole_passage(id, item["text"], item.get("title", "")) for id, item in documents.items()]
    except (KeyError, TypeError) as error:
        raise SettingsError(f"each line of {file} needs id, question, answerable and passages: {error!r}") from error
    notes = index_passages(wholes, file.stem, settings, model, progress)
    grader = build_grader(settings, notes, Judge.open(settings), lambda: None)
    judged = []
    for id, text, answerable, passages in given:
        question = embedded(read(text), model)
        graded = grade(grader, question, notes.get([passage["id"] for passage in passages]))
        decided = grader.verdict(question, [item.score for item in graded])
        judged.append(Judged(id, question.language, answerable, decided, _accepted(graded), frozenset()))
    found = summary(judged)
    wanted = ("questions", "auroc", "balanced_accuracy", "accepted_answerable", "refused_unanswerable", "ece")
    threshold = {name: {key: limits()[name][key] for key in ("lower", "upper")} for name in ("ko", "en")}
    actions = {action.value: sum(item.verdict.action is action for item in judged) for action in Action}
    return {**{name: found[name] for name in wanted}, "threshold": threshold, "actions": actions}
