"""What the product makes of an ideal writer, and whether it catches careless ones.

In: an assistant over notes, questions with the places that answer them, and what writers say to them. Out: figures. The
writers are played by a local server (`eval.questions.ideal`), so that all that stands between a served model and a
person is measured, and no model.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from assistant import Answer, Assistant
from assistant.models.language_model import OPENAI_LIKE
from eval.measures.stats import interval
from eval.questions.ideal import CARELESS, IDEAL, Ideal, Known, Writer, serving
from eval.questions.judged import Asked, Place
from eval.report.run import Stage
from eval.stages.support import says_in

FIGURES = ("evidence", "kept", "extra", "language", "refused_answerable", "refused_unanswerable", "refused_near")
_NOT = math.nan


def measure(
    assistant: Assistant,
    questions: Sequence[Asked],
    ideal: Mapping[str, Ideal],
    notes: Path,
    progress: Callable[[int, int], None],
) -> Stage:
    """Ask each question of every writer; `notes` is the folder that the questions' places count in."""
    known = {
        item.text: Known(tuple(tuple(_words(notes, place) for place in piece) for piece in item.gold), ideal[item.id])
        for item in questions
        if item.id in ideal
    }
    writer = Writer(known)
    marks: list[dict[str, float]] = []
    with serving(writer) as address:
        served = replace(assistant.settings, llm=OPENAI_LIKE, llm_address=address, llm_model=IDEAL)
        asking = Assistant(served, embed_model=assistant.ready.embed_model)
        for done, item in enumerate(questions, start=1):
            writer.manner = IDEAL
            own = _marks(item, asking.ask(item.text), ideal.get(item.id))
            for manner in CARELESS:
                own[manner] = _NOT
                if item.id in ideal and manner in ideal[item.id].wrong and not own["refused"]:
                    writer.manner = manner
                    own[manner] = _caught(asking.ask(item.text), ideal[item.id].wrong[manner])
            marks.append(own)
            progress(done, len(questions))
    figures = {
        group: {
            "questions": sum(group in ("all", item.language.value) for item in questions),
            **{
                name: interval(
                    [own[name] for item, own in zip(questions, marks, strict=True) if group in ("all", item.language)]
                )
                for name in (*FIGURES, *CARELESS)
            },
        }
        for group in ("all", "ko", "en")
    }
    cases = {
        name: {item.id: own[name] for item, own in zip(questions, marks, strict=True)} for name in (*FIGURES, *CARELESS)
    }
    return Stage(figures, cases)


def _words(notes: Path, place: Place) -> str:
    source, start, end = place
    return (notes / source).read_text(encoding="utf-8")[start:end]


def _marks(item: Asked, answer: Answer, ideal: Ideal | None) -> dict[str, float]:
    refused = float(answer.abstained)
    marks = dict.fromkeys(FIGURES, _NOT) | {"refused": refused}
    if not item.answerable:
        return marks | {"refused_unanswerable": refused, "refused_near": refused if item.near else _NOT}
    marks |= {"refused_answerable": refused, "evidence": float(all(_handed(piece, answer) for piece in item.gold))}
    if answer.abstained or ideal is None:
        return marks
    said = {sentence.text: bool(sentence.citations) for sentence in answer.sentences}
    return marks | {
        "kept": sum(said.get(sentence, False) for sentence in ideal.sentences) / len(ideal.sentences),
        "extra": float(sum(sentence not in ideal.sentences for sentence in said)),
        "language": float(says_in(answer.answer, item.language)),
    }


def _handed(piece: Sequence[Place], answer: Answer) -> bool:
    """Tell whether a writer was given one of the places, at least half of it."""
    for source, start, end in piece:
        shared = sum(
            max(0, min(end, strip.end) - max(start, strip.start)) for strip in answer.evidence if strip.source == source
        )
        if 2 * shared >= end - start:
            return True
    return False


def _caught(answer: Answer, wrong: str) -> float:
    """Return 1 if the wrong sentence is not shown as something that the notes say, else 0."""
    return float(not any(sentence.text == wrong and sentence.citations for sentence in answer.sentences))
