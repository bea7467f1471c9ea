"""The questions: read, checked, and tied to the passages of an index.

`eval/data/questions.jsonl` holds one question a line. Gold spans are verbatim quotes, so that they survive any change
of chunking: a question needs each of its pieces, and any one of a piece's spans will do (the Korean or the English
half of a bilingual note, or another note that says the same).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant import Assistant, Settings
from assistant.answer import Passage
from assistant.config import example_notes
from assistant.errors import SettingsError
from assistant.index.store import Snapshot
from assistant.models.embedding import Embedder, name_of
from assistant.text.language import Language
from eval.measures.metrics import facts_present

CORPUS = example_notes()
FILE = Path(__file__).parent.parent / "data" / "questions.jsonl"
SPLITS = ("dev", "test")
KINDS = ("fact", "number", "list", "definition", "comparison", "two notes", "follow-up")


@dataclass(frozen=True)
class Span:
    """Words of a note, verbatim."""

    note: str
    quote: str


@dataclass(frozen=True)
class Question:
    """One case. `gold`: pieces, each a choice of spans; `facts`: each a choice of wordings that an answer may use."""

    id: str
    split: str
    system: str
    language: Language
    question: str
    kind: str
    answerable: bool
    gold: tuple[tuple[Span, ...], ...]
    facts: tuple[tuple[str, ...], ...]
    history: tuple[tuple[str, str], ...] = ()
    near: str = ""


def read_questions(split: str = "all", file: Path = FILE) -> list[Question]:
    """Return the questions of a split (`dev`, `test` or `all`); raise SettingsError naming a damaged line."""
    found = []
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                found.append(_question(json.loads(line)))
            except (ValueError, KeyError, TypeError) as error:
                raise SettingsError(f"line {number} of {file} is not a question: {error!r}") from error
    return [question for question in found if split in ("all", question.split)]


def _question(item: dict[str, Any]) -> Question:
    return Question(
        id=item["id"],
        split=item["split"],
        system=item["system"],
        language=Language(item["language"]),
        question=item["question"],
        kind=item["kind"],
        answerable=item["answerable"],
        gold=tuple(tuple(Span(span["note"], span["quote"]) for span in piece) for piece in item["gold"]),
        facts=tuple(tuple(fact) for fact in item["facts"]),
        history=tuple((asked, answered) for asked, answered in item.get("history", ())),
        near=item.get("near", ""),
    )


def open_corpus(settings: Settings, embed_model: Embedder) -> Assistant:
    """Return an assistant over the shipped notes, indexed apart from the user's own, in `eval` beside it."""
    own = replace(settings, index=settings.home / "eval" / name_of(settings).replace("/", "--"), web="")
    assistant = Assistant(own, embed_model=embed_model)
    assistant.index([CORPUS])
    return assistant


def relevant_passages(question: Question, notes: Snapshot) -> dict[str, int]:
    """Return the ids of the passages that contain at least half of one of the question's gold spans, with gain 1."""
    return {passage: 1 for piece in gold_passages(question, notes) for passage in piece}


def gold_passages(question: Question, notes: Snapshot) -> list[set[str]]:
    """Return, for each piece of gold, the ids of the passages that hold it."""
    return [{id for span in piece for id in _holding(span, notes)} for piece in question.gold]


def _holding(span: Span, notes: Snapshot) -> list[str]:
    half = len(span.quote) // 2
    parts = (span.quote, span.quote[:half], span.quote[half:])
    return [p.id for p in notes.of(span.note) if half and any(part in p.text for part in parts)]


def all_passages(notes: Snapshot) -> list[Passage]:
    """Return every passage of an index, by source and in its note's order."""
    return [passage for note in notes.notes for passage in notes.of(note.source)]


def problems(questions: Sequence[Question], notes: Path) -> list[str]:
    """Check the questions; return one line for each fault."""
    texts = {path.relative_to(notes).as_posix(): path.read_text(encoding="utf-8") for path in notes.rglob("*.md")}
    found = []
    for item in questions:
        spans = [span for piece in item.gold for span in piece]
        found += [f"{item.id}: no such words in {s.note}" for s in spans if s.quote not in texts.get(s.note, "")]
        if item.answerable != bool(item.gold) or item.answerable != bool(item.facts):
            found.append(f"{item.id}: answerable questions have gold and facts, others have neither")
        found += [f"{item.id}: holds its own answer {fact[0]!r}" for fact in item.facts if _told(item.question, fact)]
        if item.facts and facts_present(" ".join(s.quote for s in spans), item.facts) < 1:
            found.append(f"{item.id}: the gold spans do not hold every fact")
        if item.kind not in KINDS or item.split not in SPLITS or bool(item.history) != (item.kind == "follow-up"):
            found.append(f"{item.id}: unknown kind or split, or a follow-up without history")
    ids = [item.id for item in questions]
    found += [f"{id}: not unique" for id in sorted(set(ids)) if ids.count(id) > 1]
    systems = {
        split: {item.system for item in questions if item.split == split and item.answerable} for split in SPLITS
    }
    found += [f"'{system}' is in both splits" for system in sorted(systems["dev"] & systems["test"])]
    return found


def _told(question: str, fact: tuple[str, ...]) -> bool:
    return facts_present(question, (fact,)) == 1
