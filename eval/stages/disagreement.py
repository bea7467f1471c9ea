"""Disagreeing notes: whether an answer says that they differ, with both numbers and both notes, and only where they do.

`eval/data/disagreeing` holds notes that were written to disagree; they are indexed beside the shipped ones.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from assistant import Answer, Assistant
from assistant.messages.said import DIFFER
from assistant.text.language import Language
from eval.measures.metrics import facts_present
from eval.measures.stats import interval
from eval.questions.dataset import CORPUS
from eval.report.run import Stage

NOTES = Path(__file__).parent.parent / "data" / "disagreeing"
FILE = NOTES.with_suffix(".jsonl")


@dataclass(frozen=True)
class Case:
    """A question, and the two numbers that the notes give; none where they agree or speak of different things."""

    id: str
    language: Language
    question: str
    says: tuple[str, ...]


def read_cases() -> list[Case]:
    """Return the cases."""
    items = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    return [Case(item["id"], Language(item["language"]), item["question"], tuple(item["says"])) for item in items]


def measure(assistant: Assistant, progress: Callable[[int, int], None]) -> Stage:
    """Ask every case over the shipped notes and those that disagree."""
    own = replace(assistant.settings, index=assistant.settings.index.with_name("disagreeing"))
    reader = Assistant(own, embed_model=assistant.ready.embed_model)
    reader.index([CORPUS, NOTES])
    cases = read_cases()
    marks: dict[str, dict[str, float]] = {"said": {}, "said_wrongly": {}}
    for done, case in enumerate(cases, start=1):
        marks["said" if case.says else "said_wrongly"][case.id] = float(_says_so(case, reader.ask(case.question)))
        progress(done, len(cases))
    figures = {
        group: {
            name: interval([value for id, value in some.items() if group in ("all", id[:2])])
            for name, some in marks.items()
        }
        for group in ("all", "ko", "en")
    }
    return Stage(figures, marks)


def _says_so(case: Case, answer: Answer) -> bool:
    """Tell whether the answer says that notes differ; where they do, with both numbers from two places."""
    opening = DIFFER[case.language][0].partition(".")[0]
    if not answer.answer.startswith(opening):
        return False
    places = {(citation.source, citation.start) for citation in answer.citations}
    return not case.says or (len(places) > 1 and facts_present(answer.answer, [[value] for value in case.says]) == 1)
